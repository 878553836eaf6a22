import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { RunningTurn } from '../../src/codex/reading/running-turn.js';
import { removeFolder } from '../support/remove-folder.js';
import { event, line, thread } from '../turn/made-up-turn.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  file = path.join(folder, `rollout-2026-11-25T00-00-00-${thread}.jsonl`);
});
afterEach(() => removeFolder(folder));

const BEGUN_MS = 1_795_573_000_000;
const one = '01a21080-0001-7000-8000-00000000000a';
const two = '01a21080-0001-7000-8000-00000000000b';
/** It was made before the thread. */
const earlier = '01a2107f-0001-7000-8000-00000000000c';
const meta = line('session_meta', { id: thread, cli_version: '0.171.0' }, 0);
const begin = (turn_id: string, at: number) => event({ type: 'task_started', turn_id }, at);
const end = (turn_id: string, at: number) =>
  event({ type: 'task_complete', turn_id, last_agent_message: 'done' }, at);
const prompt = (at: number) => event({ type: 'user_message', message: 'do it' }, at);
const said = (at: number) =>
  line(
    'response_item',
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'on it' }] },
    at,
  );
const write = (...lines: string[]) => writeFileSync(file, lines.map((text) => `${text}\n`).join(''));
const append = (...lines: string[]) => appendFileSync(file, lines.map((text) => `${text}\n`).join(''));

async function running(): Promise<RunningTurn> {
  const turn = await RunningTurn.find(file);
  if (!turn) throw new Error('no turn goes on in this file');
  return turn;
}

describe('a turn that goes on', () => {
  test.each([
    ['nothing was begun', [meta, said(10)]],
    ['the last one has ended', [meta, begin(one, 10), prompt(20), end(one, 30)]],
    [
      'the last one was interrupted',
      [
        meta,
        begin(one, 10),
        prompt(20),
        event({ type: 'turn_aborted', turn_id: one, reason: 'interrupted' }),
      ],
    ],
    [
      'it is a copy of the parent’s turn',
      [
        line('session_meta', { id: thread, forked_from_id: earlier, cli_version: '0.128.0' }, 5000),
        begin(earlier, 5000),
        prompt(5000),
      ],
    ],
    ['it has no id', [meta, line('event_msg', { type: 'task_started' }, 10), prompt(20)]],
  ])('is not found where %s', async (_, lines) => {
    write(...lines);
    expect(await RunningTurn.find(file)).toBeUndefined();
  });

  test('is not looked for in a compressed file', async () => {
    write(meta, begin(one, 10), prompt(20));
    const compressed = `${file}.zst`;
    writeFileSync(compressed, readFileSync(file));
    expect(await RunningTurn.find(compressed)).toBeUndefined();
  });

  test('is the last one that was begun, and tells where and when', async () => {
    const before = [meta, begin(one, 10), prompt(20), end(one, 30)];
    write(...before, begin(two, 40), prompt(50));
    const turn = await running();
    const start = before.map((text) => `${text}\n`).join('').length;
    expect(turn).toMatchObject({ turnId: two, path: file, start, startMs: BEGUN_MS + 40, bytes: 0 });
    expect(turn.meta?.threadId).toBe(thread);
    expect([turn.lastLineMs, turn.isOver, turn.segment]).toEqual([BEGUN_MS + 40, false, undefined]);
  });
});

describe('a look at it', () => {
  test('reads what was written since, and nothing twice', async () => {
    write(meta, begin(one, 10), said(20));
    const turn = await running();
    expect(await turn.readOn()).toBe(true);
    expect(turn.segment?.events.map(({ kind }) => kind)).toEqual(['task_started', 'message']);
    expect(turn.lastLineMs).toBe(BEGUN_MS + 20);
    expect(await turn.readOn()).toBe(false);
    const bytes = turn.bytes;
    append(said(90));
    expect(await turn.readOn()).toBe(true);
    expect(turn.segment?.events).toHaveLength(3);
    expect([turn.bytes > bytes, turn.lastLineMs, turn.isOver]).toEqual([true, BEGUN_MS + 90, false]);
  });

  test('leaves a line that is half written for the next', async () => {
    write(meta, begin(one, 10));
    const turn = await running();
    await turn.readOn();
    const text = said(30);
    appendFileSync(file, text.slice(0, 40));
    expect(await turn.readOn()).toBe(false);
    appendFileSync(file, `${text.slice(40)}\n`);
    expect(await turn.readOn()).toBe(true);
    expect(turn.segment?.events).toHaveLength(2);
  });

  test('keeps the time of the line before one that tells none', async () => {
    write(meta, begin(one, 10), said(20));
    const turn = await running();
    append(JSON.stringify({ type: 'event_msg', payload: { type: 'agent_message', message: 'x' } }));
    await turn.readOn();
    expect(turn.lastLineMs).toBe(BEGUN_MS + 20);
  });

  test.each([
    ['its end', () => append(end(one, 90))],
    ['another turn’s beginning', () => append(begin(two, 90), said(91))],
    ['a file that was written anew', () => truncateSync(file, 10)],
  ])('that finds %s knows that it is over, and later ones read nothing', async (_, happen) => {
    write(meta, begin(one, 10), said(20));
    const turn = await running();
    await turn.readOn();
    happen();
    expect([await turn.readOn(), turn.isOver]).toEqual([true, true]);
    append(said(95));
    expect([await turn.readOn(), turn.lastLineMs]).toEqual([false, BEGUN_MS + 20]);
  });
});
