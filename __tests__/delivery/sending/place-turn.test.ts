import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import { placeTurn } from '../../../src/delivery/sending/prepared/place-turn.js';
import { assembleTurn } from '../../../src/turn/assemble-turn.js';

/** Threads that name each other as parents: no Codex writes such recordings, but a file may say anything. */
const id = (letter: string) => `01a21080-0000-7000-8000-00000000000${letter}`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-place-'));
  mkdirSync(path.join(home, 'archived_sessions'));
});
afterEach(() => rmSync(home, { recursive: true }));

function thread(letter: string, parent: string, more: object = {}): string {
  const turnId = `turn of ${letter}`;
  const lines = [
    [
      'session_meta',
      { id: id(letter), parent_thread_id: id(parent), source: { subagent: { thread_spawn: {} } }, ...more },
    ],
    [
      'event_msg',
      { type: 'task_started', turn_id: turnId, root_turn_id: 'turn of a', ...attributed(parent) },
    ],
    ['event_msg', { type: 'user_message', turn_id: turnId, message: 'do it' }],
    [
      'response_item',
      { type: 'function_call', name: 'send_input', call_id: `call_${letter}`, arguments: '' },
    ],
    ['event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: 'done' }],
  ];
  const file = path.join(home, 'archived_sessions', `rollout-2026-11-25T00-00-00-${id(letter)}.jsonl`);
  const timestamp = '2026-11-25T00:00:00.000Z';
  writeFileSync(
    file,
    lines.map(([type, payload]) => `${JSON.stringify({ timestamp, type, payload })}\n`).join(''),
  );
  return file;
}

function attributed(parent: string): object {
  return { turn_attribution: { parent_turn_id: `turn of ${parent}`, root_turn_id: 'turn of a' } };
}

async function placed(file: string) {
  for await (const { segment, meta } of readTurns(file)) {
    const turn = assembleTurn(segment, meta);
    return { turnId: turn.turnId, ...(await placeTurn(turn, meta, home)) };
  }
  throw new Error('no turn');
}

describe('threads that are their own ancestors', () => {
  test.each([
    ['itself', [['a', 'a']]],
    [
      'two',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ],
    [
      'three',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ],
    ],
  ])('stand below nothing: %s', async (_, families) => {
    const files = families.map(([child = '', parent = '']) => thread(child, parent, { session_id: id('a') }));
    for (const [index, file] of files.entries()) {
      const own = families[index]?.[0] ?? '';
      const placement = await placed(file);
      expect(placement).not.toHaveProperty('parentSpanId');
      expect(placement.root).toEqual({ threadId: id(own), turnKey: `turn of ${own}` });
    }
  });

  test('are others than those of a family', async () => {
    const child = thread('b', 'a', { session_id: id('a') });
    thread('a', 'z', { parent_thread_id: undefined, source: 'cli' });
    expect(await placed(child)).toHaveProperty('parentSpanId');
  });
});
