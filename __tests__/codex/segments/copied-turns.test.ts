import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { CopiedTurns } from '../../../src/codex/segments/copied-turns.js';

const line = (kind: string, timeMs: number, more: object = {}) =>
  ({ kind, timeMs, ...more }) as unknown as RolloutEvent;
const prompt = (timeMs: number) => line('user_message', timeMs);
const answer = (timeMs: number) => line('message', timeMs, { role: 'assistant' });

/** A file in which another thread's first line stands at 1000 ms. */
function copied(): CopiedTurns {
  const turns = new CopiedTurns();
  turns.begin(1000);
  return turns;
}

describe('turns without ids in a forked file', () => {
  test('are copies while lines are written in one go', () => {
    const turns = copied();
    expect(turns.isCopy(undefined, undefined)).toBe(true);
    for (const ms of [1005, 1025, 1045]) expect(turns.see(answer(ms))).toBe(false);
    expect(turns.isCopy(undefined, undefined)).toBe(true);
  });

  test('are the thread’s own after a pause, from what the model says on', () => {
    const turns = copied();
    expect(turns.see(prompt(1021))).toBe(false);
    expect(turns.isCopy(undefined, undefined)).toBe(false);
    expect(turns.see(line('message', 1500, { role: 'user' }))).toBe(false);
    expect(turns.see(answer(1500))).toBe(true);
    // That turn is told; the next one begins by itself.
    expect(turns.see(answer(1501))).toBe(false);
  });

  test.each(['reasoning', 'tool_call', 'tool_output', 'tool_item', 'token_count'])(
    'are the thread’s own by a %s as well',
    (kind) => {
      const turns = copied();
      expect(turns.see(line(kind, 1021))).toBe(true);
    },
  );

  test('measure the pause from the last line that has a time', () => {
    const turns = copied();
    turns.see(prompt(1015));
    turns.see(prompt(Number.NaN));
    expect(turns.see(answer(1035))).toBe(false);
    expect(turns.isCopy(undefined, undefined)).toBe(true);
    expect(turns.see(answer(1056))).toBe(true);
  });

  test('are never copies in a file of one thread', () => {
    const turns = new CopiedTurns();
    expect(turns.see(answer(99_999))).toBe(false);
    expect(turns.isCopy(undefined, undefined)).toBe(false);
  });
});

describe('turns with ids', () => {
  const id = (ms: number) => `${ms.toString(16).padStart(8, '0')}-0000-7000-8000-000000000001`;
  const meta = (more: object) => ({ threadId: id(100), ...more }) as never;

  test('are copies where they are older than a thread that was forked or spawned', () => {
    const turns = new CopiedTurns();
    for (const from of [{ forkedFromId: 'x' }, { parentThreadId: 'x' }]) {
      expect(turns.isCopy(id(99), meta(from))).toBe(true);
      expect(turns.isCopy(id(100), meta(from))).toBe(false);
    }
    expect(turns.isCopy(id(99), meta({}))).toBe(false);
    expect(turns.isCopy(id(99), undefined)).toBe(false);
  });
});
