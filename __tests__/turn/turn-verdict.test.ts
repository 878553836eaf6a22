import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import type { TurnSegment } from '../../src/codex/segments/turn-segment.js';
import { answerOf, type TurnEnd, verdictOf } from '../../src/turn/turn-verdict.js';

const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const complete = (lastAgentMessage: string | null, more: object = {}) =>
  event('task_complete', { lastAgentMessage, ...more }) as TurnEnd;
const said = (role: string, text: string) => event('message', { role, content: [{ type: 'text', text }] });

describe('a turn', () => {
  const verdict = (
    end: TurnEnd | undefined,
    {
      events = [] as RolloutEvent[],
      started = true,
      ...turn
    }: {
      events?: RolloutEvent[];
      started?: boolean;
      review?: boolean;
      unanswered?: boolean;
      answer?: string;
    } = {},
  ) => verdictOf(end, { started } as TurnSegment, { review: false, unanswered: false, ...turn }, events);

  test('that was aborted is interrupted, and one whose end names an error has failed with it', () => {
    expect(verdict(event('turn_aborted') as TurnEnd)).toEqual({ outcome: 'interrupted' });
    const error = { message: 'm', code: 'c' };
    expect(verdict(complete('x', { error }))).toEqual({ outcome: 'failed', error });
  });

  test('with a last message has completed, and so has one without where ends tell of errors', () => {
    const events = [event('error', { message: 'm' })];
    expect(verdict(complete('x'), { unanswered: true, events })).toEqual({ outcome: 'completed' });
    expect(verdict(complete(null, { tellsErrors: true }), { unanswered: true, events })).toEqual({
      outcome: 'completed',
    });
  });

  test('without a last message has failed where an error was shown, or an answer is missing (up to 0.140)', () => {
    const events = [event('error', { message: 'one' }), event('error', { message: 'two', code: 'c' })];
    expect(verdict(complete(null), { events })).toEqual({
      outcome: 'failed',
      error: { message: 'two', code: 'c' },
    });
    expect(verdict(complete(null), { unanswered: true })).toEqual({ outcome: 'failed' });
    expect(verdict(complete(null))).toEqual({ outcome: 'completed' });
  });

  test('that was a review ends without a last message, too', () => {
    expect(verdict(complete(null), { review: true, unanswered: true })).toEqual({ outcome: 'completed' });
  });

  test('without an end is incomplete, unless the file has no ends and an answer stands last', () => {
    const answered = [said('user', 'q'), said('assistant', 'a'), event('token_count')];
    expect(verdict(undefined, { events: answered })).toEqual({ outcome: 'incomplete' });
    expect(verdict(undefined, { events: answered, started: false })).toEqual({ outcome: 'completed' });
    for (const kind of ['tool_call', 'tool_output', 'reasoning', 'user_message'])
      expect(verdict(undefined, { events: [...answered, event(kind)], started: false })).toEqual({
        outcome: 'incomplete',
      });
    expect(verdict(undefined, { events: [said('user', 'q')], started: false })).toEqual({
      outcome: 'incomplete',
    });
    expect(verdict(undefined, { review: true, started: false })).toEqual({ outcome: 'incomplete' });
    expect(verdict(undefined, { review: true, started: false, answer: 'a' })).toEqual({
      outcome: 'completed',
    });
  });
});

describe('the answer of a turn', () => {
  const answer = (end: TurnEnd | undefined, events: RolloutEvent[] = [], more: object = {}) =>
    answerOf(end, events, { isQuoted: false, ...more });

  test('is its last message, else what the model had said', () => {
    expect(answer(complete('final'), [], { lastText: 'text' })).toBe('final');
    expect(answer(complete(''), [], { lastText: 'text' })).toBe('text');
    expect(answer(undefined)).toBeUndefined();
  });

  test('has its plan before it, or where it stands in the model’s words', () => {
    const plans = [event('plan', { text: 'old' }), event('plan', { text: 'plan\n' })];
    expect(answer(complete('final'), plans)).toBe('plan\n\nfinal');
    expect(answer(complete(null), plans)).toBe('plan');
    const lastText = 'Look:\n<proposed_plan>\nplan\n</proposed_plan>\nDone\n';
    expect(answer(complete('final'), plans, { lastText })).toBe('Look:\nplan\nDone');
  });

  test('of a review is what Codex says of it, else its verdict', () => {
    const exited = event('review_mode', { phase: 'exited', verdict: 'fine' });
    const quoted = { isQuoted: true, lastText: 'no' };
    expect(answer(undefined, [said('assistant', 'a'), said('assistant', 'b'), exited], quoted)).toBe('b');
    expect(answer(undefined, [said('user', 'a'), exited], quoted)).toBe('fine');
    expect(answer(undefined, [], quoted)).toBeUndefined();
  });
});
