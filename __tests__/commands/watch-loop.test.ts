import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { type WatchEnd, watchLoop } from '../../src/commands/watch/watch-loop.js';
import type { LiveWatch } from '../../src/delivery/live/live-watch.js';
import { removeFolder } from '../support/remove-folder.js';

let codexHome: string;
let passes: number;
beforeEach(async () => {
  codexHome = await makeTemporaryFolder();
  passes = 0;
});
afterEach(() => removeFolder(codexHome));

/** Goes over turns of which nothing is known but that they go on. */
async function loop(
  watch: { isActive?: boolean; hasMore?: boolean; onPass?: () => void },
  end: Partial<WatchEnd> = {},
): Promise<void> {
  const { isActive = false, hasMore = false, onPass } = watch;
  const options = { pace: { passMs: 1, cpuFactor: 0 }, run: { codexHome } };
  const pass = async () => {
    passes++;
    onPass?.();
  };
  const { signal } = new AbortController();
  await watchLoop({ isActive, hasMore, options, pass } as unknown as LiveWatch, {
    signal,
    once: false,
    idleMs: undefined,
    ...end,
  });
}

test('once is one pass, and as many more as a long turn needs, six at most', async () => {
  await loop({}, { once: true });
  expect(passes).toBe(1);
  await loop({ hasMore: true }, { once: true });
  expect(passes).toBe(1 + 6);
});

test('a watcher ends when nothing has gone on for its time, and not while something does', async () => {
  await loop({}, { idleMs: 0 });
  expect(passes).toBe(1);
  const stop = new AbortController();
  const stopAtTen = () => {
    if (passes === 11) stop.abort();
  };
  await loop({ isActive: true, onPass: stopAtTen }, { idleMs: 60_000, signal: stop.signal });
  expect(passes).toBe(11);
});

test('a watcher without a time goes on until it is told to stop, in a pause too', async () => {
  const stop = new AbortController();
  const stopAtThree = () => {
    if (passes === 3) setTimeout(() => stop.abort(), 5);
  };
  await loop({ onPass: stopAtThree }, { signal: stop.signal });
  expect(passes).toBeGreaterThanOrEqual(3);
  await loop({}, { signal: AbortSignal.abort() });
  expect(passes).toBeLessThan(10_000);
});

test('a watcher ends where Codex’s home is gone', async () => {
  codexHome = path.join(codexHome, 'gone');
  expect(existsSync(codexHome)).toBe(false);
  await loop({ isActive: true });
  expect(passes).toBe(1);
  codexHome = path.dirname(codexHome);
});
