import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { runShow } from '../../../src/commands/show/show.js';
import type { CommandIo } from '../../../src/terminal/io.js';
import { LiveThread } from '../../support/live-thread.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

/** A terminal, and what has been written to it. */
function terminal(): { io: CommandIo; written: () => string } {
  const chunks: string[] = [];
  const stdout = new PassThrough().on('data', (chunk) => chunks.push(String(chunk)));
  const io = {
    stdout: Object.assign(stdout, { columns: 120, rows: 40 }),
    stderr: new PassThrough().resume(),
    stdin: new PassThrough(),
    env: { CODEX_HOME: bench.codexHome },
    cwd: bench.project,
    homeDir: bench.base,
    isTTY: true,
    colors: false,
  };
  return { io, written: () => chunks.join('') };
}

test('a turn that goes on is drawn anew with what it does, and stands there whole when it is over', async () => {
  const thread = LiveThread.begun(bench.codexHome);
  const turn = thread.begin();
  const call = thread.call(turn, 'make test');
  const { io, written } = terminal();
  const shown = runShow(['--follow', thread.path], io);
  await waitFor('the first command', () => written().includes('make test'));
  thread.answer(turn, call);
  thread.call(turn, 'make install');
  await waitFor('the second command', () => written().includes('make install'));
  thread.end(turn, 'complete');
  expect(await shown).toBe(0);
  // Each drawing takes the one before away.
  const last = written().split('\u001b[J').at(-1) ?? '';
  expect(last.match(/invoke_agent codex/g)).toHaveLength(1);
  expect(last).toContain('make test');
  expect(last).toContain('make install');
});

test('without a terminal the turn is shown once, when it is over', async () => {
  const thread = LiveThread.begun(bench.codexHome);
  const turn = thread.begin();
  const { io, written } = terminal();
  const shown = runShow(['--follow', thread.path], { ...io, isTTY: false });
  thread.call(turn, 'make test');
  thread.end(turn, 'complete');
  expect(await shown).toBe(0);
  expect(written().match(/invoke_agent codex/g)).toHaveLength(1);
  expect(written()).not.toContain('\u001b');
});

test('where no turn goes on the last one is shown as ever', async () => {
  const thread = LiveThread.begun(bench.codexHome);
  thread.turn();
  const { io, written } = terminal();
  expect(await runShow(['--follow', thread.path], io)).toBe(0);
  expect(written()).toContain('invoke_agent codex');
});

test('only the last turn can be followed', async () => {
  const thread = LiveThread.begun(bench.codexHome);
  thread.turn();
  const { io } = terminal();
  await expect(runShow(['--follow', '--turn', 'all', thread.path], io)).rejects.toThrow('--follow');
});
