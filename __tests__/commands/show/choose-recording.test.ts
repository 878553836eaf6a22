import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../scripts/lab/wait-for.mjs';
import { chooseRecording } from '../../../src/commands/show/choose-recording.js';
import { Cancelled } from '../../../src/terminal/cancelled.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { KEYS } from '../terminal.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const HOUR_MS = 3_600_000;
/** A session whose first prompt is this, last written to so many hours ago. */
function session(hours: number, prompt?: string, cwd: string | undefined = '/project'): ThreadFile {
  const thread = new ThreadFile(bench.codexHome, Date.now() - hours * HOUR_MS);
  if (prompt !== undefined) thread.turn();
  const text = thread
    .text()
    .replace('"prompt 1"', JSON.stringify(prompt ?? ''))
    .replace(/"cwd":"[^"]*",(?="cli_version)/, cwd === '' ? '' : `"cwd":${JSON.stringify(cwd)},`);
  writeFileSync(thread.path, text);
  const seconds = Date.now() / 1000 - hours * 3600;
  utimesSync(thread.path, seconds, seconds);
  return thread;
}

/** Chooses with these keys, typed once the question is there. @returns what was chosen, and the lines of the question */
async function ask(...keys: string[]): Promise<{ chosen: string; lines: string[] }> {
  const stdin = new PassThrough();
  let shown = '';
  const stdout = Object.assign(new PassThrough(), { rows: 40, columns: 200 }).on('data', (part) => {
    shown += part;
  });
  const io = bench.io({ isTTY: true, stdin, stdout });
  const choice = chooseRecording({ named: undefined, codexHome: bench.codexHome, asks: true }, io);
  choice.catch(() => {});
  await waitFor('the question', () => shown.includes('└'));
  const lines = stripVTControlCharacters(shown)
    .split('\n')
    .map((line) => line.trimEnd());
  for (const key of keys) {
    stdin.write(key);
    await new Promise(setImmediate);
  }
  return { chosen: (await choice).last.key, lines };
}
const choose = (asks: boolean) =>
  chooseRecording({ named: undefined, codexHome: bench.codexHome, asks }, bench.io());

describe('a person is asked which session', () => {
  test('by when it was, what was typed first, and where, the newest first', async () => {
    const threads = [
      session(2, 'Make it\n\u001b[31mred\u001b[0m  '),
      session(264, 'x'.repeat(60), '/a\u0007b'),
      session(288, 'x'.repeat(61), ''),
      session(312),
    ];
    const [newest, second, , last] = threads;
    const first = await ask(KEYS.enter);
    expect(first.chosen).toBe(newest?.threadId);
    expect(first.lines).toEqual([
      '│',
      '◆  Which session?',
      `│  ● 2 h ago     Make it [31mred [0m (/project, ${newest?.threadId})`,
      `│  ○ 11 days ago ${'x'.repeat(60)}`,
      `│  ○ 12 days ago ${'x'.repeat(59)}…`,
      '│  ○ 13 days ago (no prompt)',
      '└',
      '',
    ]);
    expect((await ask(KEYS.down, KEYS.enter)).chosen).toBe(second?.threadId);
    expect((await ask(KEYS.up, KEYS.enter)).chosen).toBe(last?.threadId);
  });

  test('of the last fifteen', async () => {
    const threads = Array.from({ length: 16 }, (_, index) => session(1 + index, `prompt ${index}`));
    expect((await ask(KEYS.up, KEYS.enter)).chosen).toBe(threads[14]?.threadId);
  });

  test('the hint is the folder and the id, or the id alone where no folder is recorded', async () => {
    const newest = session(1, 'first', '');
    session(2, 'second');
    const { lines } = await ask(KEYS.enter);
    expect(lines[2]).toBe(
      `│  ● 60 min ago  first (${newest.threadId})`.replace('60 min ago ', '1 h ago    '),
    );
  });

  test('and may say none of them', async () => {
    session(1, 'first');
    session(2, 'second');
    await expect(ask(KEYS.ctrlC)).rejects.toBeInstanceOf(Cancelled);
  });
});

describe('nobody is asked', () => {
  test('where there is one session, though one of its agents was written to since', async () => {
    const own = session(2, 'mine');
    const agent = session(1, 'a task');
    const source = { subagent: { thread_spawn: { parent_thread_id: own.threadId, depth: 1 } } };
    writeFileSync(agent.path, agent.text().replace('"source":"exec"', `"source":${JSON.stringify(source)}`));
    const recording = { key: own.threadId, path: own.path };
    expect(await choose(true)).toEqual({ recordings: [recording], last: recording });
    expect((await choose(false)).last.key).toBe(agent.threadId);
  });

  test('where no session is a person’s own: then it is the newest recording', async () => {
    const agents = [session(2, 'a task'), session(1, 'another task')];
    for (const agent of agents) {
      const source = '"source":{"subagent":{"thread_spawn":{"parent_thread_id":"p","depth":1}}}';
      writeFileSync(agent.path, agent.text().replace('"source":"exec"', source));
    }
    expect((await choose(true)).last.key).toBe(agents[1]?.threadId);
  });

  test('where a thread or a file is named', async () => {
    const thread = session(2, 'first');
    session(1, 'second');
    const whole = { key: thread.threadId, path: thread.path };
    thread.rewind();
    thread.turn();
    const part = {
      key: path.basename(thread.path, '.jsonl').split('-').slice(6).join('-'),
      path: thread.path,
    };
    const named = (name: string) =>
      chooseRecording({ named: name, codexHome: bench.codexHome, asks: true }, bench.io());
    expect(await named(thread.threadId)).toEqual({
      recordings: [whole, expect.anything()],
      last: expect.anything(),
    });
    expect((await named(thread.threadId)).last.path).toBe(part.path);
    const file = await named(whole.path);
    expect(file).toEqual({ recordings: [whole], last: whole });
  });
});

describe('where there is no recording', () => {
  test('it is said where they lie, and what makes one', async () => {
    await expect(choose(true)).rejects.toMatchObject({
      name: 'UserError',
      message: `there is no recording below ${bench.codexHome}/sessions`,
      hint: 'Run a turn in codex first, or set CODEX_HOME',
    });
  });

  test('the first folder that may hide some is named', async () => {
    const [sessions, archive] = ['sessions', 'archived_sessions'].map((name) =>
      path.join(bench.codexHome, name),
    ) as [string, string];
    mkdirSync(bench.codexHome, { recursive: true });
    writeFileSync(sessions, '');
    writeFileSync(archive, '');
    await expect(choose(true)).rejects.toMatchObject({
      message: `${sessions} cannot be read (ENOTDIR)`,
      hint: `Move ${sessions} away`,
    });
    rmSync(sessions);
    await expect(choose(false)).rejects.toMatchObject({ message: `${archive} cannot be read (ENOTDIR)` });
  });
});
