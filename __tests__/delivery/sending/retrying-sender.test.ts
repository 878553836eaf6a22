import { describe, expect, test } from '@jest/globals';
import { givesWay, isOfTheTurn } from '../../../src/delivery/sending/retry-policy.js';
import {
  RetryBudget,
  RetryingSender,
  type RetryLimits,
} from '../../../src/delivery/sending/retrying-sender.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../../src/otlp/sender.js';

const SENT: ExportOutcome = { kind: 'sent' };
const pending = (more: object = {}): ExportOutcome => ({
  kind: 'pending',
  reason: '503',
  blocked: false,
  ...more,
});
const busy = pending({ transient: true });

/** Sends once and perhaps again to a server that answers so. @returns the last answer, and the time each request had */
async function sent(
  answers: readonly ExportOutcome[],
  {
    limits,
    options,
    budget = new RetryBudget(),
  }: { limits?: Partial<RetryLimits>; options?: Partial<SendOptions>; budget?: RetryBudget } = {},
) {
  const times: number[] = [];
  const inner: Sender = {
    takesParts: true,
    send: async (_, __, { timeoutMs }) => answers[times.push(timeoutMs) - 1] ?? SENT,
    compresses: () => true,
    close: () => {},
  };
  const all = { pauseMs: [0, 1], remainingMs: () => 10_000, requestMs: () => 700, ...limits } as const;
  const sender = new RetryingSender(inner, budget, all);
  const outcome = await sender.send([], undefined, { timeoutMs: 900, ...options });
  return { outcome, times, sender };
}

describe('a second request', () => {
  test('is made where the server was there but busy, with the time that is left then', async () => {
    expect(await sent([busy, SENT])).toMatchObject({ outcome: SENT, times: [900, 700] });
    expect(await sent([busy, pending()])).toMatchObject({ outcome: pending(), times: [900, 700] });
  });

  test.each<[string, ExportOutcome]>([
    ['it was sent', SENT],
    ['it was refused', { kind: 'rejected', status: 400, message: '' }],
    ['nothing listens', pending()],
    ['the server says when', pending({ transient: true, retryAfterMs: 5000 })],
  ])('is not made where %s', async (_, first) => {
    expect(await sent([first])).toMatchObject({ outcome: first, times: [900] });
  });

  test('is not made of a turn that has failed before', async () => {
    expect((await sent([busy], { options: { once: true } })).times).toEqual([900]);
  });

  test('is not made where no time is left for the pause, or for a request', async () => {
    expect((await sent([busy], { limits: { remainingMs: () => -1 } })).times).toEqual([900]);
    expect(
      (await sent([busy], { limits: { remainingMs: () => 4000, pauseMs: [5000, 5000] } })).times,
    ).toEqual([900]);
    expect((await sent([busy], { limits: { requestMs: () => 0 } })).times).toEqual([900]);
  });

  test('is not made once the run is to stop', async () => {
    const signal = AbortSignal.abort();
    expect(await sent([busy], { limits: { signal } })).toMatchObject({ outcome: busy, times: [900] });
  });

  test('is not made once a run has asked in vain often enough', async () => {
    const budget = new RetryBudget();
    await sent([busy, busy], { budget });
    expect(budget.spent).toBe('503');
    expect((await sent([busy], { budget })).times).toEqual([900]);
  });
});

describe('what a run may ask in vain', () => {
  const spent = (...outcomes: ExportOutcome[]) => {
    const budget = new RetryBudget(2);
    for (const outcome of outcomes) budget.note(outcome);
    return budget.spent;
  };

  test('is over after as many failures in a row, for the last one’s reason', () => {
    expect(spent(busy)).toBeUndefined();
    expect(spent(busy, pending({ reason: 'timeout' }))).toBe('timeout');
    expect(spent(busy, SENT, busy)).toBeUndefined();
  });

  test('is not touched by an answer about credentials or about the turn', () => {
    expect(spent(busy, pending({ blocked: true }), busy)).toBeUndefined();
    expect(spent(busy, pending({ isTurns: true }))).toBeUndefined();
    expect(spent(busy, { kind: 'rejected', status: 400, message: '' }, busy)).toBeUndefined();
  });
});

test('it compresses and takes parts as what it sends by does', async () => {
  const { sender } = await sent([SENT]);
  expect([sender.takesParts, sender.compresses([])]).toEqual([true, true]);
});

test.each([
  [undefined, false],
  [2, false],
  [3, true],
])('a turn over which a server has failed %s times gives way: %s', (failures, isLast) => {
  expect(givesWay(failures === undefined ? {} : { failures })).toBe(isLast);
});

test.each([
  ['500', 1, true],
  ['502', 1, true],
  ['503', 1, false],
  ['429', 1, false],
  ['timeout', 500, true],
  ['timeout', 499, false],
  ['ECONNRESET', 1000, false],
])('%s after %i of 1000 ms is the turn’s own: %s', (reason, ms, isTurns) => {
  expect(isOfTheTurn(reason, ms, 1000)).toBe(isTurns);
});
