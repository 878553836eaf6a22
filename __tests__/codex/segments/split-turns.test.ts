import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { splitTurns, TurnSplitter } from '../../../src/codex/segments/split-turns.js';

const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const prompt = event('user_message', { content: [] });
const answer = event('message', { role: 'assistant', content: [] });
const review = (phase: string) => event('review_mode', { phase });
/** How many lines each turn of a file has. */
const turns = (...events: RolloutEvent[]) => splitTurns(events).segments.map(({ events: own }) => own.length);

describe('turns of files without start lines (0.60, 0.80)', () => {
  test('begin at a prompt that comes after an answer, or after one of which nothing came', () => {
    expect(turns(prompt, answer, prompt, answer)).toEqual([2, 2]);
    expect(turns(prompt, prompt, answer)).toEqual([1, 2]);
  });

  test.each(['tool_call', 'tool_output', 'reasoning'])(
    'go on at a prompt that comes after a %s: it steers the turn',
    (kind) => {
      expect(turns(prompt, event(kind), prompt, answer)).toEqual([4]);
    },
  );

  test('begin where a review is entered; what its reviewer was told is left out', () => {
    expect(turns(review('entered'), prompt, review('exited'))).toEqual([2]);
    expect(turns(review('entered'), answer, review('exited'), prompt)).toEqual([3, 1]);
  });

  test('are over where they are told to be', () => {
    expect(turns(prompt, event('task_complete'), prompt)).toEqual([2, 1]);
  });
});

test('a turn with a start line goes on until the next one, whatever is said', () => {
  const started = (turnId: string) => event('task_started', { turnId });
  expect(turns(started('a'), prompt, answer, prompt, answer, started('b'), prompt)).toEqual([5, 2]);
});

describe('a review during which Codex was killed', () => {
  const said = event('message', { role: 'user', content: [] });
  const started = (turnId: string, more: object = {}) => event('task_started', { turnId, ...more });
  const named = (...events: RolloutEvent[]) =>
    splitTurns(events).segments.map(({ turnId, ended, events: own }) => [turnId, ended, own.length]);

  test('does not swallow the turns of the resumed thread (0.101 to 0.160)', () => {
    const later = ['b', 'c'].flatMap((id) => [
      started(id),
      event('turn_context', { turnId: id }),
      said,
      prompt,
      answer,
      event('task_complete', { turnId: id }),
    ]);
    expect(named(review('entered'), started('reviewer'), prompt, ...later)).toEqual([
      [undefined, false, 1],
      ['b', true, 6],
      ['c', true, 6],
    ]);
  });

  test('does not either before its reviewer began, where a start tells its root (0.169)', () => {
    const own = started('b', { rootTurnId: 'b' });
    expect(named(review('entered'), own, prompt, answer)).toEqual([
      [undefined, false, 1],
      ['b', false, 3],
    ]);
  });

  test('is over at the next prompt in the model’s context, where nothing else tells (0.60, 0.80)', () => {
    expect(turns(review('entered'), prompt, said, prompt, event('turn_context'), answer)).toEqual([1, 4]);
  });
});

test('a review begins a turn of its own, though Codex was killed in the turn before', () => {
  const entered = event('review_mode', { phase: 'entered', turnId: 'r' });
  const killed = event('task_started', { turnId: 'a' });
  expect(turns(killed, prompt, answer, entered, event('task_complete', { turnId: 'r' }))).toEqual([3, 2]);
  expect(turns(review('entered'), review('entered'), review('exited'))).toEqual([1, 2]);
});

describe('lines of others', () => {
  const meta = event('session_meta', { threadId: 't' });
  const started = (turnId: string, more: object = {}) => event('task_started', { turnId, ...more });

  test('are left out of a turn, which names the turns they begin, in order', () => {
    const foreign = ['x', 'y'].map((turnId) => started(turnId, { threadId: 'r' }));
    const { segments } = splitTurns([meta, started('a'), ...foreign, event('reasoning', { threadId: 'r' })]);
    expect(segments).toMatchObject([{ turnId: 'a', foreignTurnIds: ['x', 'y'] }]);
    expect(segments[0]?.events).toHaveLength(1);
  });

  test('begin with a turn that names a parent, unless the thread has one itself', () => {
    const child = started('x', { parentTurnId: 'a' });
    const turnsOf = (...events: RolloutEvent[]) => splitTurns(events).segments.map(({ turnId }) => turnId);
    expect(turnsOf(meta, started('a'), child)).toEqual(['a']);
    const ofParent = event('session_meta', { threadId: 't', parentThreadId: 'p' });
    expect(turnsOf(ofParent, started('a'), child)).toEqual(['a', 'x']);
    const ofAgent = event('session_meta', { threadId: 't', subagent: 'review' });
    expect(turnsOf(ofAgent, started('a'), child)).toEqual(['a', 'x']);
  });

  test('do not end the turn that they lie in', () => {
    const foreign = started('x', { parentTurnId: 'a' });
    const end = (turnId: string) => event('task_complete', { turnId });
    const { segments } = splitTurns([meta, started('a'), foreign, end('x'), answer, end('a')]);
    expect(segments).toMatchObject([{ turnId: 'a', ended: true }]);
    expect(segments[0]?.events.map(({ kind }) => kind)).toEqual(['task_started', 'message', 'task_complete']);
  });
});

describe('a tool that is told of after its turn', () => {
  const tool = (turnId?: string) => event('tool_item', { id: 'i', ...(turnId && { turnId }) });
  const started = (turnId: string) => event('task_started', { turnId });

  test('is kept with its turn and its place, and taken once', () => {
    const splitter = new TurnSplitter();
    splitter.push(started('a'), 0, 10);
    splitter.push(event('task_complete', { turnId: 'a' }), 10, 20);
    splitter.push(started('b'), 20, 30);
    splitter.push(tool('a'), 30, 40);
    splitter.push(event('reasoning', { turnId: 'a' }), 40, 50);
    splitter.push(tool('b'), 50, 60);
    expect(splitter.takeLate()).toEqual([{ turnId: 'a', item: tool('a'), start: 30, end: 40 }]);
    expect(splitter.takeLate()).toEqual([]);
    expect(splitter.current).toMatchObject({ turnId: 'b', startOffset: 20, endOffset: 60 });
  });

  test('is late as well where reading began after that turn', () => {
    const after = new TurnSplitter({ meta: undefined, total: 7 });
    expect(after.push(tool('a'), 0, 10)).toBeUndefined();
    expect(after.takeLate()).toMatchObject([{ turnId: 'a' }]);
    after.push(tool(), 10, 20);
    expect([after.takeLate(), after.current, after.total]).toEqual([[], undefined, 7]);
  });
});

test('a turn has the settings, the tools and the tokens that stood before it', () => {
  const total = (totalTokens: number) => event('token_count', { total: { totalTokens } });
  const [settings, tools] = [event('thread_settings'), event('additional_tools', { tools: [] })];
  const begun = (turnId: string) => event('task_started', { turnId });
  const { segments } = splitTurns([settings, tools, total(5), begun('a'), total(9), begun('b')]);
  expect(segments).toMatchObject([
    { turnId: 'a', settings, tools, previousTotal: 5 },
    { turnId: 'b', settings, tools, previousTotal: 9 },
  ]);
  const [first] = splitTurns([begun('a')]).segments;
  for (const key of ['settings', 'tools', 'previousTotal']) expect(first).not.toHaveProperty(key);
});

test.each([
  ['external-import-turn-3', true],
  ['an-external-import-turn-3', false],
  ['01a21080-0001-7000-8000-000000000001', false],
])('a turn with the id %s was imported from another agent: %s', (turnId, imported) => {
  expect(splitTurns([event('task_started', { turnId })]).segments).toMatchObject([{ imported }]);
});

describe('a turn that is cut out of its file', () => {
  const meta = event('session_meta', { threadId: 't' });
  const told = event('message', { role: 'user', content: [] });
  const total = (totalTokens: number) => event('token_count', { total: { totalTokens } });
  /** Lines of ten bytes each. */
  function cut(events: RolloutEvent[], known?: ConstructorParameters<typeof TurnSplitter>[0]) {
    const splitter = new TurnSplitter(known);
    const segments = events.map((one, at) => splitter.push(one, 10 * at, 10 * at + 10));
    return { splitter, segments: [...segments, splitter.finish()].filter((one) => one !== undefined) };
  }
  const places = (events: RolloutEvent[]) =>
    cut(events).segments.map(({ startOffset, endOffset, events: own, previousTotal }) => [
      startOffset,
      endOffset,
      own.length,
      previousTotal,
    ]);

  test('has its lines, its place, and what was known when it began', () => {
    const lines = [
      event('task_started', { turnId: 'a' }),
      prompt,
      answer,
      event('task_complete', { turnId: 'a' }),
    ];
    const { splitter, segments } = cut([meta, ...lines]);
    expect(segments).toEqual([
      {
        turnId: 'a',
        startOffset: 10,
        endOffset: 50,
        events: lines,
        started: true,
        ended: true,
        inherited: false,
        imported: false,
        foreignTurnIds: [],
      },
    ]);
    expect([splitter.meta, splitter.current, splitter.total, splitter.finish()]).toEqual([
      meta,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('has no message after its end, but what became of its tools', () => {
    const end = event('task_complete', { turnId: 'a' });
    const late = event('tool_item', { id: 'i', turnId: 'a' });
    const begun = event('task_started', { turnId: 'a' });
    expect(cut([begun, end, told, answer]).segments).toMatchObject([{ endOffset: 20, events: [begun, end] }]);
    expect(cut([begun, end, told, late]).segments).toMatchObject([
      { endOffset: 40, events: [begun, end, late] },
    ]);
  });

  test('learns its id from the first line that tells one', () => {
    const named = (turnId: string) => event('turn_context', { turnId });
    expect(cut([prompt, named('x'), answer]).segments).toMatchObject([{ turnId: 'x' }]);
    expect(cut([prompt, answer]).segments[0]).not.toHaveProperty('turnId');
  });

  test('reaches over lines of other threads, which it does not hold', () => {
    const foreign = event('reasoning', { threadId: 'r' });
    expect(places([meta, foreign, event('task_started', { turnId: 'a' }), foreign])).toEqual([
      [20, 40, 1, undefined],
    ]);
  });

  test('begins without a start line at its prompt’s line in the context (0.60, 0.80)', () => {
    expect(places([prompt, answer, total(5), told, prompt, answer])).toEqual([
      [0, 30, 3, undefined],
      [30, 60, 3, 5],
    ]);
    expect(places([prompt, answer, told, total(5), prompt])).toEqual([
      [0, 40, 4, undefined],
      [40, 50, 1, 5],
    ]);
  });

  test('begins without a start line at the compaction that its prompt had to wait for (0.80)', () => {
    const lines = [event('turn_context'), total(9), event('compacted'), told, prompt, answer];
    expect(places([prompt, answer, total(5), ...lines])).toEqual([
      [0, 30, 3, undefined],
      [30, 90, 6, 5],
    ]);
  });

  test('begins in the middle of a file that lost its beginning, and in none that is read on after a turn', () => {
    expect(cut([total(5), event('reasoning'), answer]).segments).toMatchObject([
      { startOffset: 10, started: false, ended: false, previousTotal: 5 },
    ]);
    expect(cut([event('reasoning'), answer], { meta: undefined, total: 3 }).segments).toEqual([]);
    expect(cut([prompt], { meta: undefined, total: 3 }).segments).toMatchObject([{ previousTotal: 3 }]);
  });

  test('is a thread’s own where its first line is; a second one of the same thread changes nothing', () => {
    const { splitter, segments } = cut([meta, event('session_meta', { threadId: 't', cwd: '/b' }), prompt]);
    expect(splitter.meta).toBe(meta);
    expect(segments).toMatchObject([{ inherited: false }]);
    const copied = event('session_meta', { threadId: 'other' });
    expect(cut([meta, copied, prompt]).segments).toMatchObject([{ inherited: true }]);
  });
});

test('all turns of a list of events come with its first line, where there is one', () => {
  const meta = event('session_meta', { threadId: 't' });
  expect(splitTurns([meta])).toEqual({ meta, segments: [] });
  expect(splitTurns([])).toEqual({ segments: [] });
});
