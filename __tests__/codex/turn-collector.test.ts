import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent, SessionMeta } from '../../src/codex/lines/rollout-event.js';
import {
  isUsableTurnId,
  pickTurn,
  splitLocated,
  TurnCollector,
} from '../../src/codex/reading/turn-collector.js';

const meta: SessionMeta = { kind: 'session_meta', timeMs: 0, threadId: 'agent', parentThreadId: 'user' };
const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;

test('an agent’s turn is read back to its own start, though that names another turn as its parent', () => {
  const collector = new TurnCollector({ turnId: 't' }, meta);
  const lines = [
    event('task_complete', { turnId: 't' }),
    event('token_usage_record', { turnId: 't', usage: {} }),
    event('task_started', { turnId: 't', parentTurnId: 'of the user’s' }),
  ];
  expect(lines.map((line, at) => collector.see({ event: line, start: -at, end: 1 - at }))).toEqual([
    false,
    false,
    true,
  ]);
});

test.each([
  [undefined, false],
  ['', false],
  ['0', false],
  ['12', false],
  ['1a', true],
  ['01a21080-0001-7000-8000-000000000001', true],
])('the id %s tells a turn from others: %s', (turnId, is) => {
  expect(isUsableTurnId(turnId)).toBe(is);
});

describe('a turn that is read backwards by its id', () => {
  const idAt = (ms: number) => `${ms.toString(16).padStart(8, '0')}-0000-7000-8000-000000000001`;
  const started = (turnId?: string) => event('task_started', { ...(turnId && { turnId }) });
  const count = event('token_count', { total: { totalTokens: 5 } });

  test('is looked for no further than the time in its id says, but for a clock that was set back', () => {
    const seeing = (turnId: string | undefined, wanted: string) =>
      new TurnCollector({ turnId: wanted }, undefined).see({ event: started(turnId), start: 0, end: 1 });
    // An id counts 65,536 ms a step here.
    expect(seeing(idAt(98), idAt(100))).toBe(true);
    expect(seeing(idAt(99), idAt(100))).toBe(true);
    expect(seeing(idAt(100), idAt(100).replace(/1$/, '2'))).toBe(false);
    expect(seeing(idAt(101), idAt(100))).toBe(false);
    for (const [turnId, wanted] of [
      [undefined, idAt(100)],
      ['no-time', idAt(100)],
      [idAt(1), 'no-time'],
    ] as const)
      expect(seeing(turnId, wanted)).toBe(false);
  });

  test('needs the total before it, which is looked for 4 MiB back and in no other line', () => {
    const mib = 1024 * 1024;
    const collector = new TurnCollector({ turnId: 'a' }, undefined);
    expect(
      collector.see({ event: event('task_complete', { turnId: 'a' }), start: 9 * mib + 1, end: 9 * mib + 2 }),
    ).toBe(false);
    expect(collector.see({ event: started('a'), start: 9 * mib, end: 9 * mib + 1 })).toBe(false);
    expect(collector.see({ event: event('reasoning'), start: 5 * mib, end: 9 * mib })).toBe(false);
    expect(collector.events).toHaveLength(2);
    expect(collector.see({ event: event('reasoning'), start: 5 * mib - 1, end: 5 * mib })).toBe(true);
    expect(collector.see({ event: count, start: 5 * mib - 2, end: 5 * mib - 1 })).toBe(true);
    expect(collector.events.map((located) => located.event.kind)).toEqual([
      'token_count',
      'task_started',
      'task_complete',
    ]);
  });
});

describe('the turns that lines make', () => {
  const at = (events: RolloutEvent[]) =>
    events.map((one, n) => ({ event: one, start: 10 * n, end: 10 * n + 10 }));
  const started = (turnId: string) => event('task_started', { turnId });

  test('come with the total after them, and what stands after its own turn', () => {
    const item = event('tool_item', { id: 'i', turnId: 'a' });
    const total = event('token_count', { total: { totalTokens: 7 } });
    const { segments, ...more } = splitLocated(meta, at([started('a'), started('b'), item, total]));
    expect(segments.map(({ turnId, startOffset, endOffset }) => [turnId, startOffset, endOffset])).toEqual([
      ['a', 0, 10],
      ['b', 10, 40],
    ]);
    expect(more).toEqual({ total: 7, late: [{ turnId: 'a', item, start: 20, end: 30 }] });
    expect(splitLocated(meta, [])).toEqual({ segments: [], total: undefined, late: [] });
  });

  const text = (words: string) => [{ type: 'text', text: words }];
  const segment = (n: number, turnId: string | undefined, prompt: string, answer: string) =>
    ({
      n,
      turnId,
      events: [
        event('user_message', { content: text(prompt) }),
        event('message', { role: 'assistant', content: text(answer) }),
      ],
    }) as never;
  const segments = [
    segment(0, 'a', 'do', 'done'),
    segment(1, 'a', 'do', 'done'),
    segment(2, undefined, 'go', 'done'),
    segment(3, undefined, 'go', 'gone'),
  ];

  test.each<[object, number | undefined]>([
    [{ turnId: 'a' }, 1],
    [{ turnId: 'b', prompt: 'go' }, undefined],
    [{ turnId: '0', prompt: 'go' }, 3],
    [{ prompt: 'go', answer: 'done' }, 2],
    [{ prompt: 'do', answer: 'done' }, 1],
    [{ prompt: 'other', answer: 'done' }, 2],
    [{ prompt: 'do', answer: 'gone' }, 3],
    [{ prompt: 'other' }, undefined],
    [{ answer: 'do' }, undefined],
    [{}, 3],
  ])('are chosen among by %j: the newest that fits', (wanted, n) => {
    expect((pickTurn(segments, wanted) as { n?: number } | undefined)?.n).toBe(n);
  });

  test('are told by what was asked, though only the context holds it', () => {
    const told = { events: [event('message', { role: 'user', content: text('do') })] } as never;
    expect(pickTurn([told], { prompt: 'do' })).toBe(told);
    expect(pickTurn([told], { answer: 'do' })).toBeUndefined();
    const picture = {
      events: [event('user_message', { content: [{ type: 'image', text: 'do' }] })],
    } as never;
    expect(pickTurn([picture], { prompt: 'do' })).toBeUndefined();
  });
});
