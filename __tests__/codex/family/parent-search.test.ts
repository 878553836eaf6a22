import { describe, expect, test } from '@jest/globals';
import {
  CallSearch,
  type ChildTurn,
  type FoundTurn,
  HelperSearch,
  type ParentSearch,
  ReviewSearch,
} from '../../../src/codex/family/parent-search.js';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';

/** A search sees a recording from its end backwards; these are the lines in the order of writing. */
function found(search: ParentSearch, lines: readonly object[]): FoundTurn | 'not here' | undefined {
  for (const line of [...lines].reverse()) {
    const result = search.see(line as RolloutEvent);
    if (result !== undefined) return result;
  }
  return undefined;
}

const START_MS = 1_795_573_000_000;
/** An id of a turn that begins so many ms after the first one. */
const idAt = (ms: number) => {
  const hex = (START_MS + ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000001`;
};
const child = (more: Partial<ChildTurn> = {}): ChildTurn => ({
  threadId: 'child',
  startMs: START_MS,
  ...more,
});
const started = (turnId: string, timeMs = START_MS) => ({ kind: 'task_started', turnId, timeMs });
const complete = (turnId: string) => ({ kind: 'task_complete', turnId, timeMs: START_MS });
const review = (phase: 'entered' | 'exited', turnId?: string) => ({ kind: 'review_mode', phase, turnId });

describe('the turn that entered a review', () => {
  const search = () => new ReviewSearch(child({ turnId: 'review', parentTurnId: 'parent' }));

  test('is the one whose review the reviewer’s start line, or the review’s end, comes after', () => {
    expect(found(search(), [review('entered', 'a'), started('review')])).toEqual({ turnId: 'a' });
    expect(found(search(), [review('entered', 'a'), review('exited', 'a')])).toEqual({ turnId: 'a' });
  });

  test('is no other turn’s, unless the reviewer names it', () => {
    expect(found(search(), [review('entered', 'a'), started('other')])).toBeUndefined();
    expect(found(search(), [review('entered', 'a'), { kind: 'message' }])).toBeUndefined();
    expect(found(search(), [review('entered', 'parent')])).toEqual({ turnId: 'parent' });
  });

  test('has the id of the end that comes after it, where the line has none', () => {
    const lines = [review('entered'), started('review'), complete('review'), complete('b')];
    expect(found(search(), lines)).toEqual({ turnId: 'b' });
    expect(found(search(), [review('entered'), started('review'), complete('review')])).toEqual({});
  });
});

describe('the call that a sub-agent’s turn was started by', () => {
  const spawn = (callId: string, timeMs: number, name = 'spawn_agent') => [
    { kind: 'tool_call', callId, name, timeMs, form: 'function' },
    { kind: 'sub_agent', callId, activity: 'started', agentThreadId: 'child', timeMs },
  ];

  test('is that of the turn the child names, and of no later one', () => {
    const lines = [
      started(idAt(0)),
      ...spawn('one', START_MS),
      started(idAt(90_000)),
      ...spawn('two', START_MS + 90_000, 'send_input'),
    ];
    const named = child({ parentTurnId: idAt(0) });
    expect(found(new CallSearch(named), lines)).toEqual({ turnId: idAt(0), callId: 'one' });
    expect(found(new CallSearch(child({ parentTurnId: idAt(0) })), [started(idAt(0))])).toEqual({
      turnId: idAt(0),
    });
  });

  test('is not looked for in turns older than the one the child names by more than a clock can err', () => {
    const search = () => new CallSearch(child({ parentTurnId: idAt(200_000) }));
    expect(found(search(), [started(idAt(139_000))])).toBe('not here');
    expect(found(search(), [started(idAt(141_000))])).toBeUndefined();
  });

  test('is that of the turn it stands in, where the child names none', () => {
    const lines = [started('t0'), ...spawn('one', START_MS), started('t1'), started('t2')];
    expect(found(new CallSearch(child()), lines)).toEqual({ turnId: 't0', callId: 'one' });
    expect(found(new CallSearch(child()), [started('t0'), { kind: 'message' }])).toBeUndefined();
  });

  test('is none that told a child at work something after its turn had begun', () => {
    const told = (afterMs: number) => spawn('told', START_MS + afterMs, 'send_input');
    expect(found(new CallSearch(child()), [started('t0'), ...told(101)])).toBeUndefined();
    expect(found(new CallSearch(child()), [started('t0'), ...told(100)])).toEqual({
      turnId: 't0',
      callId: 'told',
    });
  });
});

describe('the turn during which Codex started a thread of its own', () => {
  test('is the one it names, else the last that had begun', () => {
    const lines = [started('a', START_MS - 10), started('b', START_MS), started('c', START_MS + 1)];
    expect(found(new HelperSearch(child()), lines)).toEqual({ turnId: 'b' });
    expect(found(new HelperSearch(child({ parentTurnId: 'a' })), lines)).toEqual({ turnId: 'a' });
    const older = new HelperSearch(child({ parentTurnId: idAt(200_000) }));
    expect(found(older, [started(idAt(0))])).toBe('not here');
  });

  test('judged a call of that turn that waited for its output, and none of the provider’s', () => {
    const call = (callId: string, form = 'function') => ({
      kind: 'tool_call',
      callId,
      name: 'exec_command',
      input: '{}',
      form,
      timeMs: START_MS - 5,
    });
    const output = (callId: string, timeMs: number) => ({ kind: 'tool_output', callId, timeMs, content: [] });
    const search = () => new HelperSearch(child({ request: 'judge' }));
    const begun = started('a', START_MS - 10);
    expect(found(search(), [begun, call('x'), output('x', START_MS + 50)])).toEqual({
      turnId: 'a',
      callId: 'x',
    });
    expect(found(search(), [begun, call('s', 'hosted'), call('x')])).toEqual({ turnId: 'a', callId: 'x' });
    expect(found(search(), [begun, call('s', 'hosted')])).toEqual({ turnId: 'a' });
    // A later turn's calls are not this one's.
    expect(found(search(), [begun, started('b', START_MS + 1), call('y')])).toEqual({ turnId: 'a' });
  });
});

describe('a call tells of an agent', () => {
  const call = (name: string, input: unknown = '{}', timeMs = START_MS) => ({
    kind: 'tool_call',
    callId: 'c',
    name,
    input,
    timeMs,
    form: 'function',
  });
  const answered = (text: string) => ({
    kind: 'tool_output',
    callId: 'c',
    timeMs: START_MS,
    content: [{ type: 'text', text }],
  });
  const activity = (kind: string, agentThreadId = 'child') => ({
    kind: 'sub_agent',
    callId: 'c',
    activity: kind,
    agentThreadId,
    timeMs: START_MS,
  });
  const tells = (...lines: object[]) =>
    found(new CallSearch(child({ agentPath: '/root/alpha' })), [started('t'), ...lines]) !== undefined;

  test.each(['started', 'interacted'])('by what the agent does then: %s', (kind) => {
    expect(tells(call('x'), activity(kind))).toBe(true);
  });

  test.each([
    ['the end of its agent', activity('completed')],
    ['another agent', activity('started', 'other')],
    ['an activity that only begins alike', activity('started_late')],
  ])('not by %s', (_, line) => {
    expect(tells(call('x'), line)).toBe(false);
  });

  test.each([
    ['{"agent_id":"child","x":1}', true],
    ['{"agent_id":"child2"}', false],
    ['x {"agent_id":"child"}', false],
    ['{"task_name":"/root/alpha"}', true],
    ['{"task_name":"/root/alphabet"}', false],
    ['', false],
  ])('by what it is answered: %s, %s', (text, is) => {
    expect(tells(call('spawn_agent'), answered(text))).toBe(is);
    const picture = { ...answered(''), content: [{ type: 'image', text }] };
    expect(tells(call('spawn_agent'), picture)).toBe(false);
  });

  test('not by a task’s name where the agent has no path', () => {
    const lines = [started('t'), call('spawn_agent'), answered('{"task_name":undefined}')];
    expect(found(new CallSearch(child()), lines)).toBeUndefined();
  });

  test.each([
    ['spawn_agent', '{"id":"child"}', true],
    ['send_input', '{"id":"child"}', true],
    ['followup_task', '{"target":"/root/alpha"}', true],
    ['resume_agent', '{"target":"alpha"}', true],
    ['assign_task', '{"target":"root/alpha"}', true],
    ['send_message', '{"target":"lpha"}', false],
    ['send_message', '{"target":"beta"}', false],
    ['send_message', '{"target":7}', false],
    ['send_message', { target: 'alpha' }, false],
    ['exec_command', '{"id":"child"}', false],
  ])('by whom it is for: %s %j, %s', (name, input, is) => {
    expect(tells(call(name, input))).toBe(is);
  });

  test('a hundred ms after the turn’s start at the latest, but for a spawn', () => {
    expect(tells(call('send_input', '{"id":"child"}', START_MS + 101))).toBe(false);
    expect(tells(call('spawn_agent', '{"id":"child"}', START_MS + 101))).toBe(true);
  });

  test('and the last one before its turn counts; the agent’s own start line is passed by', () => {
    const second = { ...call('send_input', '{"id":"child"}'), callId: 'd' };
    const lines = [started('t'), call('spawn_agent', '{"id":"child"}'), second, started('own')];
    expect(found(new CallSearch(child({ turnId: 'own' })), lines)).toEqual({ turnId: 't', callId: 'd' });
  });
});
