import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { pauseAfter, type WatchEnd, watchLoop } from '../../../src/commands/watch/watch-loop.js';
import { LIVE_PACE } from '../../../src/delivery/live/live-pace.js';
import type { LiveWatch } from '../../../src/delivery/live/live-watch.js';
import { removeFolder } from '../../support/remove-folder.js';

let codexHome: string;
let passes: number;
beforeEach(async () => {
  codexHome = await makeTemporaryFolder();
  passes = 0;
});
afterEach(() => removeFolder(codexHome));

/** Goes over turns of which nothing is known but that they go on. */
async function loop(
  watch: { isActive?: boolean; hasMore?: boolean; passMs?: number; onPass?: () => void },
  end: Partial<WatchEnd> = {},
): Promise<void> {
  const { isActive = false, hasMore = false, passMs = 1, onPass } = watch;
  const options = { pace: { passMs, cpuFactor: 0 }, run: { codexHome } };
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

/** A pause that no test waits for. */
const LONG_MS = 600_000;

test('once is one pass, and as many more as a long turn needs without a pause, six at most', async () => {
  await loop({ passMs: LONG_MS }, { once: true });
  expect(passes).toBe(1);
  await loop({ hasMore: true, passMs: LONG_MS }, { once: true });
  expect(passes).toBe(1 + 6);
});

test('a watcher ends when for its time nothing has gone on, however often it has looked', async () => {
  const stop = new AbortController();
  const onPass = () => {
    if (passes === 2000) stop.abort();
  };
  await loop({ onPass }, { idleMs: 20, signal: stop.signal });
  expect(passes).toBeLessThan(2000);
});

test('a turn that goes on keeps a watcher for longer than its time', async () => {
  const stop = new AbortController();
  const untilMs = Date.now() + 250;
  let isOver = false;
  const onPass = () => {
    isOver = Date.now() >= untilMs;
    if (isOver) stop.abort();
  };
  await loop({ isActive: true, onPass }, { idleMs: 100, signal: stop.signal });
  expect(isOver).toBe(true);
});

test('between two passes there is a pause, which ends when the watcher is told to stop', async () => {
  const stop = new AbortController();
  const onPass = () => {
    // Without a pause no timer would ever come.
    if (passes === 50) stop.abort();
    setTimeout(() => stop.abort(), 5);
  };
  await loop({ passMs: LONG_MS, onPass }, { signal: stop.signal });
  expect(passes).toBe(1);
});

test.each([
  [{ user: 0, system: 0 }, 10_000],
  [{ user: 300_000, system: 200_000 }, 10_000],
  [{ user: 600_000, system: 0 }, 12_000],
  [{ user: 600_000, system: 400_000 }, 20_000],
])('after a pass that took %j µs of CPU the pause is %i ms: a twentieth of a core at most', (used, ms) => {
  expect(pauseAfter(used, LIVE_PACE)).toBe(ms);
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
