import { describe, expect, test } from '@jest/globals';
import { type CountOptions, countPending } from '../../../src/delivery/overview/count-pending.js';
import { newState, type ThreadState, type TurnEntry } from '../../../src/delivery/store/thread-state.js';
import { type PaperTurn, paperThread } from '../../support/paper-thread.js';

/** How many turns of a thread are still to be sent. */

const entry = (turnId: string, start: number, status: TurnEntry['status'] = 'enqueued'): TurnEntry => ({
  file: 't',
  start,
  turnId,
  status,
});
const state = (cursor: number, turns: TurnEntry[] = []): ThreadState => ({
  ...newState('t', { file: 't', start: 0 }),
  files: { t: { cursor } },
  turns,
});
const count = (turns: readonly PaperTurn[], known?: ThreadState, options: Partial<CountOptions> = {}) =>
  countPending(paperThread({ t: turns }), known, { abandonedMs: 7, ...options });
const open = { turnId: 'c', isOver: false };

describe('still to be sent', () => {
  test.each<[string, readonly PaperTurn[], ThreadState | undefined, number, boolean]>([
    ['is all of a thread that nothing is known of', ['a', 'b', 'c'], undefined, 3, false],
    ['is what lies from the cursor on', ['a', 'b', 'c'], state(10), 2, false],
    ['is nothing behind the last turn', ['a', 'b', 'c'], state(30), 0, false],
    [
      'is what is listed as well',
      ['a', 'b', 'c'],
      state(20, [entry('a', 0), entry('b', 10, 'retry')]),
      3,
      false,
    ],
    ['is a listed turn from the cursor on once', ['a', 'b'], state(0, [entry('b', 10)]), 2, false],
    ['is none that was passed by', ['a', 'b'], state(0, [entry('b', 10, 'skipped')]), 1, false],
    ['is none that was given up', ['a'], state(10, [entry('a', 0, 'rejected')]), 0, false],
    ['is a listed one that is gone', ['a'], state(10, [entry('x', 5)]), 1, false],
    ['is none that goes on, which is said', ['a', open], undefined, 1, true],
    ['is the one after it', ['a', open, 'd'], state(0), 2, true],
    [
      'is one that was announced and writes no end (Codex up to 0.80)',
      [{ ...open, started: false }],
      state(0, [entry('c', 0)]),
      1,
      false,
    ],
    ['is none such that nobody announced', [{ ...open, started: false }], state(0), 0, true],
  ])('%s', async (_, turns, known, pending, isLive) => {
    expect(await count(turns, known)).toEqual({ pending, isLive });
  });

  test('is one whose writer is gone', async () => {
    const isAbandoned = async (ms: number) => ms === 7;
    expect(await count([{ ...open, isAbandoned }])).toEqual({ pending: 1, isLive: false });
  });

  test('is none that is not to be sent, listed or not; one that is gone counts', async () => {
    const isSkipped: CountOptions['isSkipped'] = async ({ turnId }) => turnId === 'a' || turnId === 'c';
    const turns = [entry('a', 0), entry('b', 10), entry('x', 15), entry('e', 20)];
    expect(await count(['a', 'b', 'e', 'c', 'd'], state(30, turns), { isSkipped })).toEqual({
      pending: 4,
      isLive: false,
    });
    expect(await count([open], undefined, { isSkipped })).toEqual({ pending: 0, isLive: false });
  });
});
