import { describe, expect, test } from '@jest/globals';
import { type Circumstances, judgeAnswer, whyNot } from '../../../src/delivery/sending/judge-answer.js';
import type { TurnOutcome } from '../../../src/delivery/sending/send-turn.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';

const pending = (reason: string, more: object = {}) =>
  ({ kind: 'pending', reason, blocked: false, ...more }) as ExportOutcome & { kind: 'pending' };
const judge = (
  result: ExportOutcome,
  more: Partial<Omit<Circumstances, 'before'>> & { failures?: number; refusals?: number } = {},
) => {
  const { failures, refusals = 0, ...circumstances } = more;
  const before =
    failures === undefined ? undefined : ({ file: 't', start: 0, status: 'retry', failures } as const);
  return judgeAnswer({ result, refusals } as TurnOutcome, {
    before,
    givenWay: 0,
    timeMs: 10_000,
    wholeMs: 10_000,
    now: '2026-11-28T00:00:00.000Z',
    ...circumstances,
  });
};

test('a turn that was sent is delivered, one that is refused is set aside, and the next ones go on', () => {
  const goesOn = { goOn: true, gaveWay: false, isServerDown: false };
  expect(judge({ kind: 'sent' })).toEqual({ settlement: { status: 'delivered' }, ...goesOn });
  expect(judge({ kind: 'rejected', status: 413, message: 'large' })).toEqual({
    settlement: { status: 'rejected', at: '2026-11-28T00:00:00.000Z', httpStatus: 413, message: 'large' },
    ...goesOn,
  });
});

describe('a server that takes no turn', () => {
  const stop = { goOn: false, gaveWay: false, isServerDown: true };

  test.each(['503', 'ECONNREFUSED', '401'])(
    'because of %s is tried no more, and nothing is noted',
    (reason) => {
      expect(judge(pending(reason))).toEqual(stop);
    },
  );

  test.each(['500', '502', 'timeout'])('because of %s may have failed over this one', (reason) => {
    expect(judge(pending(reason))).toEqual({
      ...stop,
      settlement: { status: 'retry', refusals: 0, failures: 1 },
    });
  });

  test('has no say where it had less than half of its time', () => {
    expect(judge(pending('timeout'), { timeMs: 4999 })).toEqual(stop);
    expect(judge(pending('timeout'), { timeMs: 5000 }).settlement).toMatchObject({ failures: 1 });
  });

  test('three times over the same turn has it go last, and the others go on', () => {
    expect(judge(pending('500'), { failures: 1 })).toMatchObject({ goOn: false, isServerDown: true });
    expect(judge(pending('500'), { failures: 2 })).toEqual({
      settlement: { status: 'retry', refusals: 0, failures: 3 },
      goOn: true,
      gaveWay: true,
      isServerDown: false,
    });
  });

  test('over three such turns in a pass is down, unless each of them is known for it', () => {
    expect(judge(pending('500'), { failures: 2, givenWay: 1 }).goOn).toBe(true);
    expect(judge(pending('500'), { failures: 2, givenWay: 2 })).toMatchObject({
      goOn: false,
      gaveWay: true,
      isServerDown: true,
    });
    expect(judge(pending('500'), { failures: 3, givenWay: 2 })).toMatchObject({
      goOn: false,
      gaveWay: true,
      isServerDown: false,
    });
    expect(judge(pending('503'), { failures: 3, givenWay: 2 }).isServerDown).toBe(true);
    const wait = pending('500', { retryAfterMs: 5 });
    expect(judge(wait, { failures: 3, givenWay: 2 }).isServerDown).toBe(true);
  });

  test('after it has refused the turn in other forms is asked so again, five times in all', () => {
    expect(judge(pending('503'), { refusals: 2 }).settlement).toMatchObject({ refusals: 2, failures: 0 });
    expect(judge(pending('503'), { refusals: 9 }).settlement).toMatchObject({ refusals: 4 });
  });
});

test('what a turn itself waits for says nothing of the server', () => {
  expect(judge(pending('it waits for its root', { isTurns: true }))).toEqual({
    settlement: { status: 'retry', refusals: 0, failures: 0 },
    goOn: true,
    gaveWay: false,
    isServerDown: false,
  });
  expect(judge(pending('x', { isTurns: true }), { failures: 5 })).toMatchObject({ gaveWay: false });
});

test('why a turn was not taken names the step, where there are several', () => {
  expect(whyNot(pending('503'))).toBe('503');
  expect(whyNot(pending('503', { step: 'uploading the spans' }))).toBe('503 while uploading the spans');
});
