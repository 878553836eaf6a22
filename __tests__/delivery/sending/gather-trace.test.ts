import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CodexRecording } from '../../../src/delivery/recording/codex-recording.js';
import { type GatherOptions, gatherTrace } from '../../../src/delivery/sending/prepared/gather-trace.js';
import { prepareTurn } from '../../../src/delivery/sending/prepared/prepare-turn.js';
import { archivedId, archiveHome, archiveThread } from '../../support/archived-threads.js';

type Line = [string, object];

const gather: Omit<GatherOptions, 'codexHome'> = {
  trace: { userId: 'ada', tags: { team: 'x' } },
  policy: { mode: 'full', redactor: undefined, maxContentBytes: 1000 },
  abandonedMs: Number.POSITIVE_INFINITY,
};

const meta = (letter: string, more: object = { source: 'cli' }): Line => [
  'session_meta',
  { id: archivedId(letter), ...more },
];
/** The first line of an agent's recording, as of 0.169: it names its parent, and the user's thread. */
const agent = (letter: string, parent: string, more: object = {}): Line =>
  meta(letter, {
    parent_thread_id: archivedId(parent),
    session_id: archivedId('a'),
    source: { subagent: { thread_spawn: {} } },
    ...more,
  });

/** A turn's lines; those of an agent name the turn above and the user's. */
function turn(turnId: string, parentTurnId?: string, rootTurnId = 'turn of a'): Line[] {
  const ids = { parent_turn_id: parentTurnId, root_turn_id: rootTurnId };
  const above = parentTurnId === undefined ? {} : { root_turn_id: rootTurnId, turn_attribution: ids };
  return [
    ['event_msg', { type: 'task_started', turn_id: turnId, ...above }],
    ['event_msg', { type: 'user_message', turn_id: turnId, message: `do ${turnId}` }],
    ['event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: `done ${turnId}` }],
  ];
}

const spawn = (letter: string): Line[] => [
  ['response_item', { type: 'function_call', name: 'spawn_agent', call_id: `call_${letter}`, arguments: '' }],
  [
    'response_item',
    {
      type: 'function_call_output',
      call_id: `call_${letter}`,
      output: `{"agent_id":"${archivedId(letter)}"}`,
    },
  ],
];

/** A turn that calls for agents before it ends. */
function spawning(lines: readonly Line[], ...letters: string[]): Line[] {
  return [...lines.slice(0, -1), ...letters.flatMap(spawn), ...lines.slice(-1)];
}

/** What Codex tells of a command when the next turn is under way. */
const late = (letter: string, turnId: string): Line => [
  'event_msg',
  {
    type: 'item_completed',
    thread_id: archivedId(letter),
    turn_id: turnId,
    item: {
      type: 'CommandExecution',
      id: `late_${letter}`,
      command: ['ls'],
      exit_code: 0,
      status: 'completed',
    },
    started_at_ms: 1,
    completed_at_ms: 2,
  },
];

/** A turn of a thread, as it is sent: once it is there, `before` changes what lies about. */
async function traceOf(
  letter: string,
  turnId: string,
  threads: readonly string[] = [],
  { before = () => {}, ...more }: Partial<GatherOptions> & { before?: () => void } = {},
) {
  const options = { ...gather, codexHome: archiveHome, ...more };
  const { recording } = CodexRecording.find(archiveHome, archivedId(letter));
  const found = await recording?.turnById(turnId);
  if (!found) throw new Error(`no ${turnId}`);
  const prepared = await prepareTurn(
    found.assemble(),
    found.meta,
    archiveHome,
    options.trace,
    options.policy,
  );
  before();
  const trace = await gatherTrace(prepared, threads, options);
  if (!trace) return undefined;
  expect(new Set(trace.specs.map(({ traceId }) => traceId)).size).toBe(1);
  return trace.specs.map(
    ({ name, attributes }) => `${String(attributes['gen_ai.conversation.id']).slice(-1)}: ${name}`,
  );
}

const A_AND_ITS_CALLS = ['a: invoke_agent codex', 'a: chat', 'a: chat', 'a: spawn_agent', 'a: spawn_agent'];

/** A user's turn that calls two agents, the first of which calls one itself. */
function family(): { [letter: string]: string } {
  return {
    a: archiveThread('a', [meta('a'), ...spawning(turn('turn of a'), 'b', 'd')]),
    b: archiveThread('b', [agent('b', 'a'), ...spawning(turn('turn of b', 'turn of a'), 'c')]),
    c: archiveThread('c', [agent('c', 'b'), ...turn('turn of c', 'turn of b')]),
    d: archiveThread('d', [agent('d', 'a'), ...turn('turn of d', 'turn of a')]),
  };
}
const FAMILY = [
  ...A_AND_ITS_CALLS,
  ...['b: invoke_agent subagent', 'b: chat', 'b: spawn_agent'],
  ...['d: invoke_agent subagent', 'c: invoke_agent subagent'],
];

describe('the whole trace of a turn', () => {
  test.each(['a', 'b', 'c', 'd'])('is its root’s, with all below it, however deep: of %s', async (letter) => {
    family();
    expect(await traceOf(letter, `turn of ${letter}`)).toEqual(FAMILY);
  });

  test('is made as the turn itself: its root has the same user and tags, and as much text', async () => {
    family();
    const { recording } = CodexRecording.find(archiveHome, archivedId('c'));
    const found = await recording?.turnById('turn of c');
    const options = { ...gather, codexHome: archiveHome };
    const { trace, policy } = { ...options, policy: { ...options.policy, mode: 'metadata' as const } };
    if (!found) throw new Error('no turn');
    const prepared = await prepareTurn(found.assemble(), found.meta, archiveHome, trace, policy);
    const [root, ...rest] = (await gatherTrace(prepared, [], { ...options, policy }))?.specs ?? [];
    expect(root?.attributes).toMatchObject({ 'user.id': 'ada', 'mlflow.traceTag.team': 'x' });
    expect(JSON.stringify([root, rest])).not.toMatch(/do turn|done turn/);
    expect(rest.find(({ spanId }) => spanId === prepared.specs[0]?.spanId)).toEqual(prepared.specs[0]);
  });

  test('has the user’s turn as it is sent, though its recording is gone by now', async () => {
    const { a = '' } = family();
    expect(await traceOf('a', 'turn of a', [], { before: () => rmSync(a) })).toEqual(FAMILY);
  });

  test('has an agent whose file’s time was lost in a copy: the call that started it names it', async () => {
    const { c = '' } = family();
    utimesSync(c, 1, 1);
    expect(await traceOf('a', 'turn of a')).toEqual(FAMILY);
  });

  test('has the threads that Codex started for itself beside it, which no call names', async () => {
    archiveThread('a', [meta('a'), ...turn('turn of a')]);
    const source = { subagent: { other: 'guardian' } };
    archiveThread('b', [agent('b', 'a', { source }), ...turn('turn of b', 'turn of a')]);
    expect(await traceOf('a', 'turn of a')).toEqual(['a: invoke_agent codex', 'b: invoke_agent guardian']);
  });

  test('has the threads that are known to belong to it, each once, and none that is not recorded', async () => {
    family();
    // Its parent’s recording is gone: nothing leads from the root to it.
    archiveThread('e', [agent('e', 'f'), ...turn('turn of e', 'turn of f')]);
    const threads = ['a', 'e', '9', 'b', 'e'].map(archivedId);
    expect(await traceOf('a', 'turn of a', threads)).toEqual([
      ...FAMILY.slice(0, -1),
      'e: invoke_agent subagent',
      'c: invoke_agent subagent',
    ]);
  });

  test('has no turn of an agent’s that belongs to another trace, nor one that goes on', async () => {
    family();
    archiveThread('d', [
      agent('d', 'a'),
      ...turn('turn of d', 'turn of a'),
      ...turn('later turn of d', 'later turn of a', 'later turn of a'),
      ...turn('open turn of d', 'turn of a').slice(0, -1),
    ]);
    expect(await traceOf('b', 'turn of b')).toEqual(FAMILY);
    // Its writer is gone: it will never end.
    expect(await traceOf('b', 'turn of b', [], { abandonedMs: 0 })).toEqual([
      ...FAMILY.slice(0, -1),
      'd: invoke_agent subagent',
      'c: invoke_agent subagent',
    ]);
  });

  test('has what was told of commands after their turns', async () => {
    archiveThread('a', [
      meta('a'),
      ...spawning(turn('turn of a'), 'b'),
      ...turn('later turn of a'),
      late('a', 'turn of a'),
    ]);
    archiveThread('b', [
      agent('b', 'a'),
      ...turn('turn of b', 'turn of a'),
      ...turn('later turn of b', 'later turn of a', 'later turn of a'),
      late('b', 'turn of b'),
    ]);
    expect(await traceOf('b', 'turn of b')).toEqual([
      ...['a: invoke_agent codex', 'a: chat', 'a: spawn_agent', 'a: exec_command'],
      ...['b: invoke_agent subagent', 'b: exec_command'],
    ]);
  });
});

describe('the root of a trace', () => {
  test('is found by its start where ids are counts (up to 0.80)', async () => {
    const old = turn('0').map(
      ([type, { turn_id, ...rest }]: [string, { turn_id?: string }]): Line => [type, rest],
    );
    archiveThread('a', [meta('a'), ...spawning(old, 'b')]);
    archiveThread('b', [
      meta('b', { parent_thread_id: archivedId('a'), source: { subagent: { thread_spawn: {} } } }),
      ...turn('turn of b'),
    ]);
    expect(await traceOf('b', 'turn of b')).toEqual([
      ...['a: invoke_agent codex', 'a: chat', 'a: spawn_agent'],
      'b: invoke_agent subagent',
    ]);
  });

  test.each<[string, (files: { [letter: string]: string }) => void]>([
    [
      'goes on',
      ({ a = '' }) => writeFileSync(a, readFileSync(a, 'utf8').replace(/.*task_complete.*\n$/, '')),
    ],
    ['has no recording', ({ a = '' }) => rmSync(a)],
    ['is not in its recording', () => archiveThread('a', [meta('a'), ...turn('other turn of a')])],
  ])('that %s leaves its turns without one', async (_, change) => {
    const files = family();
    const before = () => change(files);
    expect(await traceOf('b', 'turn of b', [], { before })).toBeUndefined();
    expect(await traceOf('c', 'turn of c')).toBeUndefined();
  });

  test('that will never end is one where its writer is gone', async () => {
    archiveThread('a', [meta('a'), ...spawning(turn('turn of a'), 'b').slice(0, -1)]);
    archiveThread('b', [agent('b', 'a'), ...turn('turn of b', 'turn of a')]);
    expect(await traceOf('b', 'turn of b')).toBeUndefined();
    expect(await traceOf('b', 'turn of b', [], { abandonedMs: 0 })).toEqual([
      ...['a: invoke_agent codex', 'a: chat', 'a: spawn_agent'],
      'b: invoke_agent subagent',
    ]);
  });
});
