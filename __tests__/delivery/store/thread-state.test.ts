import { describe, expect, test } from '@jest/globals';
import {
  cursorOf,
  findTurn,
  isAhead,
  isBefore,
  isPending,
  newState,
  pendingTurns,
  statusOf,
  type ThreadState,
  type TurnEntry,
  type TurnStatus,
} from '../../../src/delivery/store/thread-state.js';

/** A thread of a first file and of two in which it went on after rewinds. */
const FIRST = 't';
const [SECOND, THIRD] = ['a', 'b'];
const at = (file: string, start: number) => ({ file, start });
const entry = (file: string, start: number, status: TurnStatus): TurnEntry => ({ file, start, status });

/** Its turns count from byte 50 of the second file on; that is read up to byte 100. */
const state = (turns: readonly TurnEntry[] = []): ThreadState => ({
  version: 2,
  threadId: FIRST,
  origin: at(SECOND, 50),
  files: { [SECOND]: { cursor: 100, total: 7 } },
  delivered: 3,
  turns,
});

test.each([
  [undefined, { cursor: 9 }],
  [0, { cursor: 9, total: 0 }],
])('a new state begins at its origin, with a total of %s', (total, cursor) => {
  expect(newState(FIRST, at(FIRST, 9), total)).toStrictEqual({
    version: 2,
    threadId: FIRST,
    origin: at(FIRST, 9),
    files: { [FIRST]: cursor },
    delivered: 0,
    turns: [],
  });
});

test.each<[[string, number], [string, number], boolean]>([
  [[FIRST, 4], [FIRST, 5], true],
  [[FIRST, 5], [FIRST, 5], false],
  [[FIRST, 6], [FIRST, 5], false],
  [[FIRST, 9], [SECOND, 1], true],
  [[SECOND, 1], [FIRST, 9], false],
  [[SECOND, 9], [THIRD, 1], true],
  [[THIRD, 1], [SECOND, 9], false],
])('%j is before %j in its thread: %s', (one, other, expected) => {
  expect(isBefore(FIRST, at(...one), at(...other))).toBe(expected);
});

describe('a file', () => {
  test('is read from its cursor on; from its beginning where it came later; not where it came before', () => {
    expect(cursorOf(state(), SECOND)).toStrictEqual({ cursor: 100, total: 7 });
    expect(cursorOf(state(), THIRD)).toStrictEqual({ cursor: 0 });
    expect(cursorOf(state(), FIRST)).toBeUndefined();
    expect(cursorOf({ ...state(), files: {} }, SECOND)).toStrictEqual({ cursor: 0 });
  });

  test.each<[string, number, boolean]>([
    [FIRST, 500, false],
    [SECOND, 49, false],
    [SECOND, 50, false],
    [SECOND, 99, false],
    [SECOND, 100, true],
    [THIRD, 0, true],
  ])('%s has at %i what is still to be met: %s', (file, start, expected) => {
    expect(isAhead(state(), at(file, start))).toBe(expected);
  });

  test('before the origin has nothing to be met, though a cursor was noted of it', () => {
    const odd = { ...state(), files: { [FIRST]: { cursor: 0 } } };
    expect(isAhead(odd, at(FIRST, 5))).toBe(false);
  });
});

describe('a turn', () => {
  test('is told by its file and its place', () => {
    const turns = [entry(SECOND, 60, 'retry'), entry(THIRD, 70, 'lost'), entry(THIRD, 60, 'rejected')];
    expect(findTurn(state(turns), at(THIRD, 60))).toBe(turns[2]);
    expect(findTurn(state(turns), at(SECOND, 70))).toBeUndefined();
    expect(findTurn(state(turns), at(FIRST, 60))).toBeUndefined();
  });

  test.each<[string, number, string]>([
    [FIRST, 500, 'past'],
    [SECOND, 49, 'past'],
    [SECOND, 50, 'delivered'],
    [SECOND, 99, 'delivered'],
    [SECOND, 100, 'ahead'],
    [THIRD, 0, 'ahead'],
  ])('at %s %i is %s where nothing is noted of it', (file, start, expected) => {
    expect(statusOf(state(), at(file, start))).toBe(expected);
  });

  test('is what is noted of it, wherever it stands', () => {
    const turns = [entry(FIRST, 5, 'delivered'), entry(SECOND, 60, 'lost'), entry(SECOND, 200, 'skipped')];
    expect(turns.map((turn) => statusOf(state(turns), turn))).toStrictEqual(['delivered', 'lost', 'skipped']);
  });

  test.each<[TurnStatus, boolean]>([
    ['enqueued', true],
    ['retry', true],
    ['delivered', false],
    ['rejected', false],
    ['lost', false],
    ['skipped', false],
  ])('that is %s is still to be sent: %s', (status, expected) => {
    expect(isPending({ status })).toBe(expected);
  });

  test('is to be sent by itself where reading on will not meet it', () => {
    const turns = [
      entry(FIRST, 5, 'enqueued'),
      entry(SECOND, 60, 'retry'),
      entry(SECOND, 70, 'lost'),
      entry(SECOND, 100, 'enqueued'),
      entry(THIRD, 0, 'retry'),
    ];
    expect(pendingTurns(state(turns))).toStrictEqual([turns[0], turns[1]]);
  });
});
