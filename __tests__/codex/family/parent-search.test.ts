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
});
