import { describe, expect, test } from '@jest/globals';
import {
  enqueueLateItem,
  enqueueTurn,
  forgetTurn,
  settleTurn,
} from '../../../src/delivery/store/settle-turn.js';
import type { ThreadState, TurnEntry, TurnStatus } from '../../../src/delivery/store/thread-state.js';

/** The thread's turns count from byte 50 of its one file on; up to byte 100 all is dealt with. */
const state = (turns: readonly TurnEntry[] = [], more: Partial<ThreadState> = {}): ThreadState => ({
  version: 2,
  threadId: 't',
  origin: { file: 't', start: 50 },
  files: { t: { cursor: 100, total: 7 } },
  delivered: 3,
  turns,
  ...more,
});
const entry = (start: number, status: TurnStatus, more: Partial<TurnEntry> = {}): TurnEntry => ({
  file: 't',
  start,
  status,
  ...more,
});
const turn = (start: number, more: object = {}) => ({ file: 't', start, end: start + 10, ...more });
const waiting = { since: 's', reason: '503', blocked: false };
const run = { tags: { team: 'x' } };
const otherRun = { tags: { team: 'y' } };

describe('a turn that is asked for', () => {
  const told = { turnId: 'u', client: 'tui', run, total: 5 };

  test.each([
    ['before the origin', 10],
    ['that is still to be come to', 100],
  ])('%s is noted with what is told of it, after the others', (_, start) => {
    const other = entry(20, 'retry');
    expect(enqueueTurn(state([other]), { file: 't', start, ...told })).toStrictEqual(
      state([other, entry(start, 'enqueued', told)]),
    );
    expect(enqueueTurn(state(), { file: 't', start })).toStrictEqual(state([entry(start, 'enqueued')]));
  });

  test('is not noted where it was delivered', () => {
    const known = state();
    expect(enqueueTurn(known, { file: 't', start: 60, ...told })).toBe(known);
  });

  test.each<[TurnStatus]>([['delivered'], ['rejected'], ['lost'], ['skipped']])(
    'stays what it is where it is %s',
    (status) => {
      const known = state([entry(60, status)]);
      expect(enqueueTurn(known, { file: 't', start: 60, ...told })).toBe(known);
      expect(enqueueTurn(known, { file: 't', start: 60, ...told }, 'skipped')).toBe(known);
    },
  );

  test('keeps what was known of it, and learns what was not', () => {
    const old = { turnId: 'own', client: 'exec', run: otherRun, total: 1, refusals: 2, failures: 1 };
    const sentPart = { spans: 5, digest: 'd' };
    const known = state([entry(60, 'retry', { ...old, sentPart }), entry(70, 'retry')]);
    expect(enqueueTurn(known, { file: 't', start: 60, ...told })).toStrictEqual(
      state([entry(70, 'retry'), entry(60, 'retry', { ...old, sentPart })]),
    );
    expect(enqueueTurn(known, { file: 't', start: 70, ...told })).toStrictEqual(
      state([entry(60, 'retry', { ...old, sentPart }), entry(70, 'retry', told)]),
    );
  });
});

describe('a turn that is to be passed by', () => {
  test('is noted where it is still to be come to, also where it was asked for', () => {
    expect(enqueueTurn(state(), { file: 't', start: 100, turnId: 'u' }, 'skipped')).toStrictEqual(
      state([entry(100, 'skipped', { turnId: 'u' })]),
    );
    for (const status of ['enqueued', 'retry'] as const)
      expect(enqueueTurn(state([entry(60, status)]), { file: 't', start: 60 }, 'skipped')).toStrictEqual(
        state([entry(60, 'skipped')]),
      );
  });

  test('of the past needs no word', () => {
    const known = state();
    expect(enqueueTurn(known, { file: 't', start: 10 }, 'skipped')).toBe(known);
  });
});

describe('a turn that was sent', () => {
  const delivered = { status: 'delivered' as const };

  test('is what the cursor behind it says', () => {
    const sent = turn(100, { turnId: 'u', total: 7, totalAfter: 9 });
    expect(settleTurn(state([], { waiting }), sent, delivered)).toStrictEqual(
      state([], { files: { t: { cursor: 110, total: 9 } }, delivered: 4 }),
    );
  });

  test('leaves the total of tokens as it was where it tells none', () => {
    expect(settleTurn(state(), turn(100), delivered).files).toStrictEqual({ t: { cursor: 110, total: 7 } });
    const none = state([], { files: { t: { cursor: 100 } } });
    expect(settleTurn(none, turn(100), delivered).files).toStrictEqual({ t: { cursor: 110 } });
    expect(settleTurn(state(), turn(100, { totalAfter: 0 }), delivered).files).toStrictEqual({
      t: { cursor: 110, total: 0 },
    });
  });

  test('moves the cursor of its own file', () => {
    expect(settleTurn(state(), { file: 'x', start: 5, end: 15 }, delivered).files).toStrictEqual({
      t: { cursor: 100, total: 7 },
      x: { cursor: 15 },
    });
  });

  test('behind the cursor loses its entry and moves nothing', () => {
    const known = state([entry(60, 'retry', { failures: 1 }), entry(70, 'retry')]);
    expect(settleTurn(known, turn(60), delivered)).toStrictEqual(
      state([entry(70, 'retry')], { delivered: 4 }),
    );
  });

  test('before the origin is noted, with what was known of it, and counts once', () => {
    const known = state([entry(10, 'retry', { turnId: 'u', client: 'tui', run, total: 5, refusals: 1 })]);
    const noted = entry(10, 'delivered', { turnId: 'u', client: 'tui', run, total: 5 });
    const once = settleTurn(known, turn(10), delivered);
    expect(once).toStrictEqual(state([noted], { delivered: 4 }));
    expect(settleTurn(once, turn(10), delivered)).toStrictEqual(state([noted], { delivered: 4 }));
    expect(settleTurn(known, turn(10, { turnId: 'v', total: 6 }), delivered).turns).toStrictEqual([
      { ...noted, turnId: 'v', total: 6 },
    ]);
  });

  test('is no other one where it is what became of a tool', () => {
    const known = state([entry(60, 'enqueued', { item: 'i', turnId: 'u' })]);
    expect(settleTurn(known, turn(60), delivered)).toStrictEqual(state([], { delivered: 3 }));
  });
});

describe('a turn that was not taken', () => {
  const retry = { status: 'retry' as const, refusals: 1, failures: 2, sentPart: { spans: 5, digest: 'd' } };

  test('is noted with its tries, and the cursor moves behind it', () => {
    const settled = settleTurn(state([], { waiting }), turn(100, { turnId: 'u', total: 7 }), retry);
    expect(settled).toStrictEqual(
      state([entry(100, 'retry', { turnId: 'u', total: 7, ...retry })], {
        files: { t: { cursor: 110, total: 7 } },
      }),
    );
  });

  test('is noted anew at each try, behind the others', () => {
    const item = { item: 'i', turnId: 'u' };
    const known = state([entry(60, 'retry', { ...item, failures: 9 }), entry(70, 'retry')]);
    expect(settleTurn(known, turn(60), retry).turns).toStrictEqual([
      entry(70, 'retry'),
      entry(60, 'retry', { ...item, ...retry }),
    ]);
  });

  test('for good is noted with the answer', () => {
    const rejected = { status: 'rejected' as const, at: 'now', httpStatus: 413, message: 'large' };
    expect(settleTurn(state(), turn(60), rejected)).toStrictEqual(state([entry(60, 'rejected', rejected)]));
  });
});

describe('the cursor that moves', () => {
  const past = (known: readonly TurnEntry[], more: Partial<ThreadState> = {}) =>
    settleTurn(state(known, more), turn(100, { end: 200 }), { status: 'delivered' }).turns;

  test('meets what was asked for and turned out to be part of the turn', () => {
    expect(past([entry(100, 'enqueued'), entry(150, 'enqueued'), entry(199, 'enqueued')])).toStrictEqual([]);
  });

  test.each<[string, TurnEntry]>([
    ['comes after it', entry(200, 'enqueued')],
    ['was behind the cursor before', entry(60, 'enqueued')],
    ['was there before we were', entry(10, 'enqueued')],
    ['stands in another file', { ...entry(150, 'enqueued'), file: 'x' }],
    ['is to be tried again', entry(150, 'retry')],
    ['is to be passed by', entry(150, 'skipped')],
  ])('leaves what %s', (_, known) => {
    expect(past([known])).toStrictEqual([known]);
  });
});

describe('what became of a tool after its turn', () => {
  const late = (start: number) => ({ file: 't', start, end: start + 10, turnId: 'u', item: 'i' });
  const noted = (start: number) => entry(start, 'enqueued', { turnId: 'u', item: 'i' });

  test('is noted, and the cursor moves behind its line', () => {
    expect(enqueueLateItem(state([entry(60, 'retry')]), late(100))).toStrictEqual(
      state([entry(60, 'retry'), noted(100)], { files: { t: { cursor: 110, total: 7 } } }),
    );
  });

  test('behind the cursor is noted, and moves nothing', () => {
    expect(enqueueLateItem(state(), late(60))).toStrictEqual(state([noted(60)]));
  });

  test('is not noted twice, nor where it was there before we were', () => {
    const known = state([noted(60)]);
    expect(enqueueLateItem(known, late(60))).toBe(known);
    expect(enqueueLateItem(known, late(10))).toBe(known);
  });
});

test('what is forgotten is as if there had been nothing to be done', () => {
  const others = [entry(70, 'retry'), { ...entry(60, 'retry'), file: 'x' }];
  expect(forgetTurn(state([entry(60, 'enqueued'), ...others]), turn(60))).toStrictEqual(state(others));
});

test('of turns that are passed by the last 200 are remembered, of others all', () => {
  const skipped = Array.from({ length: 200 }, (_, index) => entry(1000 + index, 'skipped'));
  const others = [entry(900, 'rejected'), entry(901, 'retry')];
  const before = state([others[0] as TurnEntry, ...skipped, others[1] as TurnEntry]);
  const after = (start: number, known = before) =>
    settleTurn(known, turn(start), { status: 'skipped' }).turns;
  expect(after(2000)).toStrictEqual([others[0], ...skipped.slice(1), others[1], entry(2000, 'skipped')]);
  const fewer = state(skipped.slice(1));
  expect(after(2000, fewer)).toStrictEqual([...skipped.slice(1), entry(2000, 'skipped')]);
  expect(settleTurn(before, turn(2000), { status: 'lost' }).turns).toHaveLength(203);
});
