import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { upToNow } from '../../../src/commands/show/follow-turn.js';
import { runShow } from '../../../src/commands/show/show.js';
import { UsageError } from '../../../src/platform/problems/usage-error.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';
import type { CommandIo } from '../../../src/terminal/io.js';
import { LiveThread } from '../../support/live-thread.js';
import { Workbench } from '../workbench.js';

/** Up so many rows, and all below is gone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal obeys
const CLEAR = /\u001b\[(\d+)A\u001b\[J/;

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
  // Each drawing takes all rows of the one before away, and there are no more drawings than can be seen.
  const parts = written().split(CLEAR);
  expect(parts.length).toBeLessThan(100);
  const drawings = parts.filter((_, index) => index % 2 === 0);
  const takenAway = parts.filter((_, index) => index % 2 === 1).map(Number);
  expect(takenAway).toEqual(drawings.slice(0, -1).map((drawing) => drawing.split('\n').length - 1));
  expect(drawings[0]).toMatch(/^thread .*\ninvoke_agent codex /);
  for (const drawing of drawings.slice(0, -1)) expect(drawing).toMatch(/[^\n]\n$/);
  const last = drawings.at(-1) ?? '';
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
  // It goes on for a look at least.
  setTimeout(() => thread.end(turn, 'complete'), 100);
  expect(await shown).toBe(0);
  expect(written().match(/invoke_agent codex/g)).toHaveLength(1);
  expect(written()).not.toContain('\u001b');
});

test('a turn in which nothing was written for a minute, and whose file nobody has open, is shown as it stands', async () => {
  const thread = LiveThread.begun(bench.codexHome, 90_000);
  thread.call(thread.begin(), 'make test');
  const { io, written } = terminal();
  expect(await runShow(['--follow', thread.path], io)).toBe(0);
  expect(written()).toMatch(/^thread .*\ninvoke_agent codex /);
  expect(written()).not.toContain('\u001b');
});

test('what is under way lasts until now: the turn, and the calls that nothing has answered', () => {
  const span = (callId?: string) =>
    ({ endMs: 5, attributes: callId ? { 'gen_ai.tool.call.id': callId } : {} }) as unknown as SpanSpec;
  const specs = [span(), span('over'), span('open'), span()];
  expect(upToNow(specs, new Set(['open']), 9)).toEqual([
    { ...span(), endMs: 9 },
    span('over'),
    { ...span('open'), endMs: 9 },
    span(),
  ]);
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
  await expect(runShow(['--follow', '--turn', 'all', thread.path], io)).rejects.toThrow(
    new UsageError('--follow shows the last turn'),
  );
});
