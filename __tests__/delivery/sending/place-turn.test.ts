import { describe, expect, test } from '@jest/globals';
import { readTurns } from '../../../src/codex/reading/read-turns.js';
import { placeTurn } from '../../../src/delivery/sending/prepared/place-turn.js';
import { sha256 } from '../../../src/platform/sha256.js';
import { spanIdOf, type TurnIdentity, traceIdOf } from '../../../src/spans/ids.js';
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

  test('are passed by: what lies below them stands below nothing', async () => {
    thread('a', 'b');
    thread('b', 'a');
    const { root } = await placed(thread('c', 'b'));
    expect(root).toEqual({ threadId: archivedId('c'), turnKey: 'turn of c' });
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

describe('a turn of an agent’s', () => {
  const SPAWNED = { subagent: { thread_spawn: {} } };
  const id = (letter: string): TurnIdentity => ({
    threadId: archivedId(letter),
    turnKey: `turn of ${letter}`,
  });
  const spanOf = (root: TurnIdentity, key: string) => spanIdOf(traceIdOf(root, sha256), key, sha256);
  const keyOf = ({ threadId, turnKey }: TurnIdentity) => `${threadId}:${turnKey}`;

  /** A thread of one turn, as before 0.169: it names its parent, and no turn above its own. */
  function lay(letter: string, meta: object, ...lines: [string, object][]): string {
    const turnId = `turn of ${letter}`;
    return archiveThread(letter, [
      ['session_meta', { id: archivedId(letter), ...meta }],
      ['event_msg', { type: 'task_started', turn_id: turnId }],
      ['event_msg', { type: 'user_message', turn_id: turnId, message: 'do it' }],
      ...lines,
      ['event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: 'done' }],
    ]);
  }
  const below = (letter: string, source: object | string = SPAWNED) => ({
    parent_thread_id: archivedId(letter),
    source,
  });
  const call = (name: string, callId: string, args: object): [string, object] => [
    'response_item',
    { type: 'function_call', name, call_id: callId, arguments: JSON.stringify(args) },
  ];
  const output = (callId: string, text: string): [string, object] => [
    'response_item',
    { type: 'function_call_output', call_id: callId, output: text },
  ];
  const sends = (letter: string) => call('send_input', `call_${letter}`, { id: archivedId(letter) });

  test('lies below the call that gave it its task, however deep, in the user’s trace', async () => {
    lay('a', { source: 'cli' }, sends('b'));
    const agent = lay('b', below('a'), sends('c'));
    const inner = lay('c', below('b'), sends('d'));
    const innermost = lay('d', below('c'));
    const place = { root: id('a'), agentName: 'subagent' };
    const turnId = (letter: string) => `turn of ${letter}`;
    expect(await placed(agent)).toStrictEqual({
      ...place,
      turnId: turnId('b'),
      parentSpanId: spanOf(id('a'), 'call_b'),
    });
    expect(await placed(inner)).toStrictEqual({
      ...place,
      turnId: turnId('c'),
      parentSpanId: spanOf(id('a'), `${keyOf(id('b'))}:call_c`),
    });
    expect(await placed(innermost)).toStrictEqual({
      ...place,
      turnId: turnId('d'),
      parentSpanId: spanOf(id('a'), `${keyOf(id('c'))}:call_d`),
    });
  });

  test('lies below a call that named it by its path, and so does what lies above it', async () => {
    lay('a', { source: 'cli' }, call('spawn', 'call_b', {}), output('call_b', '{"task_name":"/root/b"}'));
    const path = { agent_path: '/root/b' };
    const agent = lay('b', { ...below('a'), ...path }, sends('c'));
    const inner = lay('c', below('b'));
    expect(await placed(agent)).toStrictEqual({
      turnId: 'turn of b',
      root: id('a'),
      parentSpanId: spanOf(id('a'), 'call_b'),
      agentName: '/root/b',
    });
    expect(await placed(inner)).toMatchObject({ root: id('a') });
  });

  test('is found its root as before where only the turn tells of one, and not the thread', async () => {
    lay('a', { source: 'cli' }, sends('b'));
    const own = thread('b', 'a');
    expect(await placed(own)).toMatchObject({ root: id('a') });
    lay('a', { source: 'cli' }, sends('c'));
    const agent = thread('c', 'a', { session_id: archivedId('r') });
    expect(await placed(agent)).toMatchObject({ root: { threadId: archivedId('r'), turnKey: 'turn of a' } });
  });

  test('has the highest turn as its root that a recording is left of', async () => {
    lay('b', below('a'), sends('c'));
    const inner = lay('c', below('b'));
    expect(await placed(inner)).toStrictEqual({
      turnId: 'turn of c',
      root: id('b'),
      parentSpanId: spanOf(id('b'), 'call_c'),
      agentName: 'subagent',
    });
  });

  test('lies below the call, or the turn, of a parent that is gone, as it says itself (from 0.169 on)', async () => {
    const own = thread('b', 'a', { session_id: archivedId('r') });
    const root = { threadId: archivedId('r'), turnKey: 'turn of a' };
    expect(await placed(own)).toStrictEqual({
      turnId: 'turn of b',
      root,
      parentSpanId: spanOf(root, keyOf(id('a'))),
      agentName: 'subagent',
    });
  });

  test('is the root of a trace of its own where its parent is gone and it tells no turn above', async () => {
    const own = lay('b', { ...below('a'), session_id: archivedId('a') });
    expect(await placed(own)).toStrictEqual({ turnId: 'turn of b', root: id('b'), agentName: 'subagent' });
  });

  test('is in a trace of its own where its parent is gone, and its thread does not say whose it is', async () => {
    expect(await placed(thread('b', 'a'))).toMatchObject({ root: id('b') });
  });

  test.each(['memory', 'review'])('of a thread without a parent is a root: of %s', async (subagent) => {
    const own = lay('b', { source: { subagent } });
    expect(await placed(own)).toStrictEqual({ turnId: 'turn of b', root: id('b'), agentName: subagent });
  });

  test('is a root where nothing is known of its thread', async () => {
    const own = lay('b', { source: SPAWNED });
    for await (const { segment } of readTurns(own)) {
      const turn = { ...assembleTurn(segment, undefined), threadId: archivedId('b') };
      expect(await placeTurn(turn, undefined, archiveHome)).toStrictEqual({ root: id('b') });
    }
  });

  /** A turn whose review is another thread’s turn, which leaves its start line here; it was cut off. */
  const reviewedBy = (letter: string): [string, object][] => [
    ['event_msg', { type: 'entered_review_mode', turn_id: 'turn of a' }],
    ['event_msg', { type: 'task_started', turn_id: `turn of ${letter}` }],
  ];

  test('that is a review lies below the turn, since no call starts it, and its agents in the same trace', async () => {
    lay('a', { source: 'cli' }, ...reviewedBy('b'));
    const review = lay('b', below('a', { subagent: 'review' }), sends('c'));
    const inner = lay('c', below('b'));
    expect(await placed(review)).toStrictEqual({
      turnId: 'turn of b',
      root: id('a'),
      parentSpanId: spanOf(id('a'), keyOf(id('a'))),
      agentName: 'review',
    });
    expect(await placed(inner)).toStrictEqual({
      turnId: 'turn of c',
      root: id('a'),
      parentSpanId: spanOf(id('a'), `${keyOf(id('b'))}:call_c`),
      agentName: 'subagent',
    });
  });

  test('that is a review lies below the turn of the folder that entered one, where it names none (up to 0.80)', async () => {
    const timestamp = '2026-11-25T00:00:00.000Z';
    lay('a', { source: 'cli', cwd: '/w' }, ...reviewedBy('b'));
    const review = lay('b', { source: { subagent: 'review' }, cwd: '/w', timestamp });
    expect(await placed(review)).toStrictEqual({
      turnId: 'turn of b',
      root: id('a'),
      parentSpanId: spanOf(id('a'), keyOf(id('a'))),
      agentName: 'review',
    });
    const elsewhere = lay('b', { source: { subagent: 'review' }, cwd: '/v', timestamp });
    expect(await placed(elsewhere)).toMatchObject({ root: id('b') });
  });

  test('that judges an action lies below the call that waits for it: its request says which', async () => {
    lay(
      'a',
      { source: 'cli' },
      call('exec_command', 'call_1', { cmd: 'echo one' }),
      call('exec_command', 'call_2', { cmd: 'echo two' }),
    );
    const source = { subagent: { other: 'guardian' } };
    const asks = (message: string): [string, object] => ['event_msg', { type: 'user_message', message }];
    const reviewer = lay('b', below('a', source), asks('may I?'), asks('echo two'));
    expect(await placed(reviewer)).toStrictEqual({
      turnId: 'turn of b',
      root: id('a'),
      parentSpanId: spanOf(id('a'), 'call_2'),
      agentName: 'guardian',
    });
  });
});
