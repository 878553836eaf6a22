import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { poll } from '../../src/platform/poll.js';
import { runProgram } from '../../src/platform/process/run-program.js';
import { removeFolder } from '../support/remove-folder.js';

const run = (script: string, timeoutMs = 20_000) =>
  runProgram(['/bin/sh', '-c', script, 'sh', 'an argument'], { A: 'of the environment' }, timeoutMs);

/** Node 17.3 on; the types of Node 18 do not know it. */
const ACTIVE = process as unknown as { getActiveResourcesInfo(): string[] };

describe('a program', () => {
  test('is run with its arguments and this environment alone, and ends with code and output', async () => {
    expect(await run('echo "$1, $A, $HOME"; echo not this >&2')).toEqual({
      kind: 'ran',
      code: 0,
      stdout: 'an argument, of the environment, \n',
    });
    expect(await run('echo half; exit 3')).toEqual({ kind: 'ran', code: 3, stdout: 'half\n' });
  });

  test('has nothing to read', async () => {
    expect(await run('cat; echo read')).toMatchObject({ stdout: 'read\n' });
  });

  test('that does not end is killed, and what it started is not waited for', async () => {
    expect(await run('sleep 60 & exec sleep 60', 200)).toEqual({
      kind: 'failed',
      reason: 'no end within 0.2 s',
    });
  });

  test('that was killed is gone, and nothing here waits for what it may still say', async () => {
    const base = await makeTemporaryFolder();
    const open = () => ACTIVE.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
    const before = open();
    try {
      const file = path.join(base, 'pid');
      expect(await run(`echo $$ > ${file}; sleep 5 & exec sleep 60`, 1000)).toMatchObject({ kind: 'failed' });
      const pid = Number(readFileSync(file, 'utf8'));
      const isGone = async () => {
        try {
          process.kill(pid, 0);
          return undefined;
        } catch {
          return open() === before || undefined;
        }
      };
      expect(await poll(isGone, { everyMs: 5, untilMs: Date.now() + 4000 })).toBe(true);
    } finally {
      removeFolder(base);
    }
  });

  test('that has ended leaves no timer, for which a process would wait', async () => {
    const timers = () => ACTIVE.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await run('exit 0');
    expect(timers()).toBe(before);
  });

  test('that a signal ended says which', async () => {
    expect(await run('kill -SEGV $$')).toEqual({ kind: 'failed', reason: 'ended by SIGSEGV' });
  });

  test('that is Windows’ .cmd or .bat file is run by a shell, its own name in quotes; no other is', async () => {
    const base = await makeTemporaryFolder();
    try {
      const at = (name: string) => path.join(base, name);
      for (const name of ['a tool.cmd', 'a tool.BAT', 'a tool.exe'])
        writeFileSync(at(name), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
      const told = (name: string, platform: NodeJS.Platform) =>
        runProgram([at(name), '$A'], { A: 'by a shell' }, 20_000, platform);
      for (const name of ['a tool.cmd', 'a tool.BAT'])
        expect(await told(name, 'win32')).toEqual({ kind: 'ran', code: 0, stdout: 'by\n' });
      expect(await told('a tool.exe', 'win32')).toEqual({ kind: 'ran', code: 0, stdout: '$A\n' });
      expect(await told('a tool.cmd', 'linux')).toEqual({ kind: 'ran', code: 0, stdout: '$A\n' });
    } finally {
      removeFolder(base);
    }
  });

  test('that is not there or cannot be started says why', async () => {
    expect(await runProgram(['/no/such'], {}, 1000)).toEqual({ kind: 'failed', reason: 'ENOENT' });
    expect(await runProgram(['a\0b'], {}, 1000)).toEqual({ kind: 'failed', reason: 'ERR_INVALID_ARG_VALUE' });
    expect(await runProgram([], {}, 1000)).toEqual({ kind: 'failed', reason: 'ERR_INVALID_ARG_VALUE' });
  });
});
