import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { splitTurns } from '../../../src/codex/segments/split-turns.js';

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
