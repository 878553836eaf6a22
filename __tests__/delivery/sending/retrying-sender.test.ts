import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { givesWay, isOfTheTurn } from '../../../src/delivery/sending/retry-policy.js';
import {
  pauseBefore,
  RETRY_PAUSE_MS,
  RetryBudget,
  RetryingSender,
  type RetryLimits,
} from '../../../src/delivery/sending/retrying-sender.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../../src/otlp/sender.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';

const SENT: ExportOutcome = { kind: 'sent' };
const pending = (more: object = {}): ExportOutcome => ({
  kind: 'pending',
  reason: '503',
  blocked: false,
  ...more,
});
const SPAN = { name: 'invoke_agent codex' } as SpanSpec;
const busy = pending({ transient: true });

/** Sends once and perhaps again to a server that answers so. @returns the last answer, and what each request was made with */
async function sent(
  answers: readonly ExportOutcome[],
  {
    limits,
    options,
    budget = new RetryBudget(),
    tookMs,
  }: {
    limits?: Partial<RetryLimits>;
    options?: Partial<SendOptions>;
    budget?: RetryBudget;
    tookMs?: number;
  } = {},
) {
  const requests: [readonly SpanSpec[], string | undefined, SendOptions][] = [];
  const inner: Sender & { isClosed: boolean } = {
    takesParts: true,
    isClosed: false,
    send: async (...request) => {
      if (tookMs !== undefined) await sleep(tookMs);
      return answers[requests.push(request) - 1] ?? SENT;
    },
    compresses: (specs) => specs.length === 0,
    close: () => {
      inner.isClosed = true;
    },
  };
  const all = { pauseMs: [0, 1], remainingMs: () => 10_000, requestMs: () => 700, ...limits } as const;
  const sender = new RetryingSender(inner, budget, all);
  const outcome = await sender.send([SPAN], '0.171.0', { timeoutMs: 900, ...options });
  return { outcome, requests, times: requests.map(([, , { timeoutMs }]) => timeoutMs), sender, inner };
}

describe('a second request', () => {
  test('is made where the server was there but busy, with the time that is left then', async () => {
    expect(await sent([busy, SENT])).toMatchObject({ outcome: SENT, times: [900, 700] });
    expect(await sent([busy, pending()])).toMatchObject({ outcome: pending(), times: [900, 700] });
  });

  test('is the same but for its time', async () => {
    const wholeTrace = async () => undefined;
    expect((await sent([busy], { options: { plain: true, wholeTrace } })).requests).toStrictEqual([
      [[SPAN], '0.171.0', { timeoutMs: 900, plain: true, wholeTrace }],
      [[SPAN], '0.171.0', { timeoutMs: 700, plain: true, wholeTrace }],
    ]);
  });

  test('comes after 1 to 3 s, drawn', () => {
    expect(RETRY_PAUSE_MS).toStrictEqual([1000, 3000]);
    expect([0, 0.25, 1].map((drawn) => pauseBefore(RETRY_PAUSE_MS, drawn))).toStrictEqual([1000, 1500, 3000]);
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

  test('is not made where less time is left than the first one took', async () => {
    const slow: ExportOutcome = { ...busy, reason: 'timeout' } as ExportOutcome;
    const limits = { remainingMs: () => 15, pauseMs: [0, 0] } as const;
    expect((await sent([slow], { limits, tookMs: 30 })).times).toEqual([900]);
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

test('it compresses, takes parts and ends as what it sends by does', async () => {
  const { sender, inner } = await sent([SENT]);
  expect([sender.takesParts, sender.compresses([]), sender.compresses([SPAN])]).toEqual([true, true, false]);
  expect(inner.isClosed).toBe(false);
  sender.close();
  expect(inner.isClosed).toBe(true);
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
