import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { LeadIn } from '../../../src/codex/segments/lead-in.js';
import { isReview, type LateItem, withLateItems } from '../../../src/codex/segments/turn-segment.js';
import { carriesTurn, hasAnswered } from '../../../src/codex/segments/turn-signs.js';

const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const said = (role: string) => event('message', { role });

describe('a turn', () => {
  test.each([
    ['reasoning', true],
    ['tool_call', true],
    ['tool_output', true],
    ['tool_item', true],
    ['token_usage_record', true],
    ['task_complete', true],
    ['turn_aborted', true],
    ['token_count', false],
    ['turn_context', false],
    ['user_message', false],
    ['compacted', false],
    ['skipped', false],
  ])('whose beginning is missing is under way at a %s: %s', (kind, is) => {
    expect(carriesTurn(event(kind))).toBe(is);
  });

  test('is under way at a message of the model’s, and of nobody else’s', () => {
    expect(['assistant', 'user', 'developer'].map((role) => carriesTurn(said(role)))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each<[string, RolloutEvent[], boolean]>([
    ['nothing', [], false],
    ['a prompt of which nothing came', [event('user_message')], true],
    ['an answer', [event('tool_call'), said('assistant')], true],
    ['an answer and what Codex tells then', [said('assistant'), said('user'), event('token_count')], true],
    ['a call', [said('assistant'), event('tool_call')], false],
    ['an output', [said('assistant'), event('tool_output')], false],
    ['reasoning', [said('assistant'), event('reasoning')], false],
    ['a count alone', [event('token_count')], false],
  ])('with %s at its end has been answered: %s', (_, events, is) => {
    expect(hasAnswered(events)).toBe(is);
  });

  const segment = (more: object) => ({ turnId: 'a', events: [said('user')], endOffset: 9, ...more }) as never;

  test('has those late items that are its own, behind its own lines', () => {
    const late = (turnId: string, id: string) =>
      ({ turnId, item: event('tool_item', { id }), start: 0, end: 1 }) as unknown as LateItem;
    const whole = segment({});
    expect(withLateItems(whole, [late('b', 'x')])).toBe(whole);
    expect(withLateItems(whole, [late('a', 'x'), late('b', 'y'), late('a', 'z')])).toEqual(
      segment({ events: [said('user'), event('tool_item', { id: 'x' }), event('tool_item', { id: 'z' })] }),
    );
  });

  test('is a review where a line of it tells of one', () => {
    expect(isReview(segment({}))).toBe(false);
    expect(isReview(segment({ events: [said('user'), event('review_mode'), said('user')] }))).toBe(true);
  });
});

describe('what leads to a prompt', () => {
  const at = (length: number) => ({ start: 10 * length, total: length, length });

  test('is the line before it in the user’s name, and no other', () => {
    const lead = new LeadIn();
    expect([lead.isAfterPrompt, lead.take()]).toEqual([false, undefined]);
    lead.see(said('user'), at(1));
    expect(lead.isAfterPrompt).toBe(true);
    expect(lead.take()).toEqual({ events: [said('user')], ...at(1) });
    expect([lead.isAfterPrompt, lead.take()]).toEqual([false, undefined]);
    for (const other of [said('assistant'), event('token_count')]) {
      lead.see(said('user'), at(1));
      lead.see(other, at(2));
      expect([lead.isAfterPrompt, lead.take()]).toEqual([false, undefined]);
    }
  });

  test('is a compaction from its settings on (0.80), with all that stands between', () => {
    const lead = new LeadIn();
    const lines = [event('turn_context'), event('compacted'), said('user')];
    for (const [index, line] of lines.entries()) lead.see(line, at(index));
    expect(lead.take()).toEqual({ events: lines, ...at(0) });
    expect(lead.take()).toBeUndefined();
  });

  test.each(['tool_call', 'tool_output', 'tool_item', 'reasoning', 'task_complete', 'turn_aborted'])(
    'is no compaction that a %s came after',
    (kind) => {
      const lead = new LeadIn();
      for (const line of [event('turn_context'), event('compacted'), event(kind)]) lead.see(line, at(0));
      expect(lead.take()).toBeUndefined();
    },
  );

  test('is no compaction that the model’s answer came after, and no settings without one', () => {
    const lead = new LeadIn();
    for (const line of [event('turn_context'), event('compacted'), said('assistant')]) lead.see(line, at(0));
    expect(lead.take()).toBeUndefined();
    for (const line of [event('turn_context'), event('token_count')]) lead.see(line, at(0));
    expect(lead.take()).toBeUndefined();
  });
});
