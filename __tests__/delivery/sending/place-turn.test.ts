import { describe, expect, test } from '@jest/globals';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import { placeTurn } from '../../../src/delivery/sending/prepared/place-turn.js';
import { assembleTurn } from '../../../src/turn/assemble-turn.js';
import { archivedId, archiveHome, archiveThread } from '../../support/archived-threads.js';

/** Threads that name each other as parents: no Codex writes such recordings, but a file may say anything. */
function thread(letter: string, parent: string, more: object = {}): string {
  const turnId = `turn of ${letter}`;
  const lines: [string, object][] = [
    [
      'session_meta',
      {
        id: archivedId(letter),
        parent_thread_id: archivedId(parent),
        source: { subagent: { thread_spawn: {} } },
        ...more,
      },
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
  return archiveThread(letter, lines);
}

function attributed(parent: string): object {
  return { turn_attribution: { parent_turn_id: `turn of ${parent}`, root_turn_id: 'turn of a' } };
}

async function placed(file: string) {
  for await (const { segment, meta } of readTurns(file)) {
    const turn = assembleTurn(segment, meta);
    return { turnId: turn.turnId, ...(await placeTurn(turn, meta, archiveHome)) };
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
    const files = families.map(([child = '', parent = '']) =>
      thread(child, parent, { session_id: archivedId('a') }),
    );
    for (const [index, file] of files.entries()) {
      const own = families[index]?.[0] ?? '';
      const placement = await placed(file);
      expect(placement).not.toHaveProperty('parentSpanId');
      expect(placement.root).toEqual({ threadId: archivedId(own), turnKey: `turn of ${own}` });
    }
  });

  test('are others than those of a family', async () => {
    const child = thread('b', 'a', { session_id: archivedId('a') });
    thread('a', 'z', { parent_thread_id: undefined, source: 'cli' });
    expect(await placed(child)).toHaveProperty('parentSpanId');
  });
});

describe('a turn', () => {
  const own = (letter: string) => ({ threadId: archivedId(letter), turnKey: `turn of ${letter}` });

  test('of the user’s is the root of its own trace, and has no agent’s name', async () => {
    const file = thread('a', 'z', { parent_thread_id: undefined, source: 'cli' });
    expect(await placed(file)).toStrictEqual({ turnId: 'turn of a', root: own('a') });
  });

  test('of an agent whose parent’s recording is gone lies in the user’s trace all the same (from 0.169 on)', async () => {
    const file = thread('b', 'a', { session_id: archivedId('a') });
    expect(await placed(file)).toStrictEqual({
      turnId: 'turn of b',
      root: own('a'),
      parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      agentName: 'subagent',
    });
  });

  test('below itself keeps its agent’s name', async () => {
    expect(await placed(thread('a', 'a'))).toStrictEqual({
      turnId: 'turn of a',
      root: own('a'),
      agentName: 'subagent',
    });
  });
});
