import { describe, expect, test } from '@jest/globals';
import { parseThreadState } from '../../../src/delivery/store/parse-state.js';

const parsed = (value: unknown, ...of: [key?: string]) =>
  parseThreadState(typeof value === 'string' ? value : JSON.stringify(value), 't', ...of);
const stateOf = (value: object, ...of: [key?: string]) => {
  const found = parsed(value, ...of);
  return found.kind === 'state' ? found.state : found.kind;
};

describe('a state', () => {
  const whole = {
    version: 2,
    threadId: 't',
    cwd: '/a',
    place: 'p',
    origin: { file: 't', start: 0 },
    files: { t: { cursor: 9, total: 7 } },
    delivered: 3,
    turns: [
      {
        file: 't',
        start: 4,
        status: 'retry',
        turnId: 'u',
        item: 'i',
        client: 'tui',
        run: { tags: { team: 'x' }, traceparent: '00-a-b-01' },
        total: 5,
        refusals: 1,
        failures: 2,
        sentPart: { spans: 500, digest: 'd' },
        at: '2026-11-28T00:00:00.000Z',
        httpStatus: 400,
        message: 'bad',
      },
    ],
    waiting: { since: '2026-11-28T00:00:00.000Z', reason: '503', blocked: true },
  };

  test('is what was written', () => {
    expect(stateOf(whole)).toStrictEqual(whole);
  });

  describe('to which more was added, line by line,', () => {
    const line = (delivered: number) => JSON.stringify({ ...whole, delivered });

    test('is that of the last line', () => {
      expect(parsed(`${line(1)}\n${line(2)}\n${line(3)}`)).toStrictEqual({
        kind: 'state',
        state: { ...whole, delivered: 3 },
      });
    });

    test.each(['{"version": 2, "thr', '', 'x'])('is that of the line before where the last is %j', (half) => {
      expect(parsed(`${line(1)}\n${line(2)}\n${half}`)).toStrictEqual({
        kind: 'state',
        state: { ...whole, delivered: 2 },
      });
    });

    test('is damaged where the last two lines are', () => {
      expect(parsed(`${line(1)}\n{\n{`)).toStrictEqual({ kind: 'damaged' });
      expect(parsed('')).toStrictEqual({ kind: 'damaged' });
    });

    test('is a later version’s where the last line is: the one before is not taken in its place', () => {
      expect(parsed(`${line(1)}\n{"version": 3}`)).toStrictEqual({ kind: 'newer' });
    });
  });

  test('may say little', () => {
    const little = { version: 2, threadId: 't', origin: { file: 't', start: 0 }, files: {} };
    expect(stateOf(little)).toEqual({ ...little, delivered: 0, turns: [] });
    expect(stateOf({ ...little, waiting: {} })).toMatchObject({
      waiting: { since: '', reason: 'unknown', blocked: false },
    });
    for (const waiting of [7, 'x', null])
      expect(stateOf({ ...little, waiting })).not.toHaveProperty('waiting');
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no version', { ...whole, version: undefined }],
    ['another thread’s', { ...whole, threadId: 'x' }],
    ['without the file it begins in', { ...whole, origin: { start: 0 } }],
    ['without the place it begins at', { ...whole, origin: { file: 't' } }],
    ['with a place before the file', { ...whole, origin: { file: 't', start: -1 } }],
    ['without cursors', { ...whole, files: 'x' }],
    ['with a cursor that is none', { ...whole, files: { t: { cursor: -1 } } }],
    ['with half a cursor', { ...whole, files: { t: { cursor: 9 }, s: {} } }],
  ])('is damaged where it is %s', (_, value) => {
    expect(parsed(value)).toEqual({ kind: 'damaged' });
  });

  test('of a later version is left alone', () => {
    expect(parsed({ version: 3 })).toEqual({ kind: 'newer' });
  });

  test.each(['enqueued', 'retry', 'delivered', 'rejected', 'lost', 'skipped'])(
    'has turns that are %s',
    (status) => {
      const turns = [{ file: 't', start: 4, status }];
      expect(stateOf({ ...whole, turns })).toMatchObject({ turns });
    },
  );

  test('has no turns without a place or a status that is known', () => {
    const turn = { file: 't', start: 4, status: 'retry' };
    const broken = [
      { ...turn, file: undefined },
      { ...turn, start: undefined },
      { ...turn, status: 'gone' },
      7,
    ];
    expect(stateOf({ ...whole, turns: [...broken, turn] })).toStrictEqual({ ...whole, turns: [turn] });
    expect(stateOf({ ...whole, turns: {} })).toStrictEqual({ ...whole, turns: [] });
    for (const sentPart of [{ spans: 5 }, { digest: 'd' }, 5])
      expect(stateOf({ ...whole, turns: [{ ...turn, sentPart }] })).toStrictEqual({
        ...whole,
        turns: [turn],
      });
  });
});

describe('a state of version 1', () => {
  const old = { version: 1, threadId: 't', origin: 2, cursor: 90 };
  const turns = (more: object) => {
    const state = stateOf({ ...old, ...more });
    return typeof state === 'string' ? state : state.turns;
  };

  test('is of one file', () => {
    const more = { cwd: '/a', total: 7, sent: 3, waiting: { since: 's', reason: 'r', blocked: false } };
    expect(stateOf({ ...old, ...more })).toEqual({
      version: 2,
      threadId: 't',
      cwd: '/a',
      origin: { file: 't', start: 2 },
      files: { t: { cursor: 90, total: 7 } },
      delivered: 3,
      turns: [],
      waiting: more.waiting,
    });
    expect(stateOf({ ...old, threadId: 's' }, 's')).toStrictEqual({
      version: 2,
      threadId: 't',
      origin: { file: 's', start: 2 },
      files: { s: { cursor: 90 } },
      delivered: 0,
      turns: [],
    });
  });

  test.each([
    [{ ...old, threadId: 'x' }],
    [{ ...old, origin: undefined }],
    [{ ...old, origin: -1 }],
    [{ ...old, cursor: undefined }],
  ])('is damaged: %j', (value) => {
    expect(parsed(value)).toEqual({ kind: 'damaged' });
  });

  test('says in four lists what becomes of turns', () => {
    expect(turns({ early: [1, 'x'] })).toEqual([{ file: 't', start: 1, status: 'delivered' }]);
    expect(turns({ owed: [{ start: 3 }, { start: 4, refusals: 1 }, { start: 5, failures: 1 }, 6] })).toEqual([
      { file: 't', start: 3, status: 'enqueued' },
      { file: 't', start: 4, status: 'retry', refusals: 1 },
      { file: 't', start: 5, status: 'retry', failures: 1 },
    ]);
    expect(
      turns({
        setAside: [
          { start: 6, status: 400, message: 'bad' },
          { start: 7, status: 0 },
        ],
      }),
    ).toEqual([
      { file: 't', start: 6, status: 'rejected', httpStatus: 400, message: 'bad' },
      { file: 't', start: 7, status: 'lost' },
    ]);
    expect(turns({ announced: [{ start: 8, leaveOut: true }, { start: 9, leaveOut: false }, 5] })).toEqual([
      { file: 't', start: 8, status: 'skipped' },
      { file: 't', start: 9, status: 'enqueued' },
    ]);
  });
});
