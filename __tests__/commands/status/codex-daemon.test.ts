import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findCodexDaemon } from '../../../src/commands/status/codex-daemon.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
let child: ChildProcess | undefined;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => {
  child?.kill();
  bench.remove();
});

const put = (pid: unknown) =>
  bench.put(path.join(bench.codexHome, 'app-server-daemon', 'daemon.pid'), { pid });
const onLinux = process.platform === 'linux' ? test : test.skip;

/** A process with this environment stands in for the daemon. @returns its pid */
function run(env: NodeJS.ProcessEnv): number | undefined {
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { env, stdio: 'ignore' });
  put(child.pid);
  return child.pid;
}

onLinux('the daemon has the environment that it was started with, line breaks and all', () => {
  const pid = run({ PATH: '/bin', TWO_LINES: 'a=1\nb', NONE: '' });
  expect(findCodexDaemon(bench.codexHome)).toEqual({
    pid,
    env: { PATH: '/bin', TWO_LINES: 'a=1\nb', NONE: '' },
  });
});

onLinux('of a daemon with no environment at all none is known', () => {
  const pid = run({});
  expect(findCodexDaemon(bench.codexHome)).toEqual({ pid });
});

test('there is none where its file is missing or names no process', () => {
  expect(findCodexDaemon(bench.codexHome)).toBeUndefined();
  for (const pid of [0, -1, 1.5, '1', 2 ** 30]) {
    put(pid);
    expect(findCodexDaemon(bench.codexHome)).toBeUndefined();
  }
});

const onUnix = process.platform === 'win32' ? test.skip : test;
onUnix('a daemon of another user is one', () => {
  // Nobody may send a signal to it but root, who may.
  put(1);
  expect(findCodexDaemon(bench.codexHome)?.pid).toBe(1);
});
