import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { isAbandoned } from '../../../src/codex/recordings/recording-life.js';

let base: string;
let file: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
  file = path.join(base, 'rollout.jsonl');
  writeFileSync(file, '');
});
afterEach(() => rmSync(base, { recursive: true }));

const NOW = 1_800_000_000_000;
const abandoned = (quietMs: number, lastLineMs = NOW - quietMs) =>
  isAbandoned(file, { lastLineMs, nowMs: NOW, abandonedMs: 1000 });
const isLinux = process.platform === 'linux';

describe('a recording that nobody writes', () => {
  test('is abandoned once it has been silent for long enough, and not before', async () => {
    expect(await abandoned(999)).toBe(false);
    if (isLinux) expect(await abandoned(1000)).toBe(true);
  });

  test.each([
    ['tells no time', Number.NaN],
    ['is one of the future', NOW + 5000],
  ])('is as old as its file where its last line %s', async (_, lastLineMs) => {
    utimesSync(file, NOW / 1000 - 0.5, NOW / 1000 - 0.5);
    expect(await abandoned(0, lastLineMs)).toBe(false);
    utimesSync(file, NOW / 1000 - 2, NOW / 1000 - 2);
    if (isLinux) expect(await abandoned(0, lastLineMs)).toBe(true);
  });

  const onLinux = isLinux ? test : test.skip;
  onLinux(
    'is not abandoned while another process has it open, by whatever folder; its own look does not count',
    async () => {
      const own = openSync(file, 'r');
      expect(await abandoned(5000)).toBe(true);
      closeSync(own);
      const holder = spawn('/bin/sh', ['-c', `exec 3<"${file}"; echo open; read line`], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      try {
        await once(holder.stdout, 'data');
        expect(await abandoned(5000)).toBe(false);
        // Another file of the same name is another file.
        renameSync(file, path.join(base, 'x'));
        writeFileSync(file, '');
        expect(await abandoned(5000)).toBe(true);
      } finally {
        holder.stdin.end();
        await once(holder, 'close');
      }
    },
  );
});
