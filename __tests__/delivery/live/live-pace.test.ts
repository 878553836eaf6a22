import { expect, test } from '@jest/globals';
import { LIVE_PACE, RequestBudget } from '../../../src/delivery/live/live-pace.js';

test('a turn is shown after 10 s, then every 10 s at most, silent ones every minute, in 6 requests a minute', () => {
  expect(LIVE_PACE).toStrictEqual({
    firstMs: 10_000,
    passMs: 10_000,
    cpuFactor: 20,
    heartbeatMs: 60_000,
    requestsPerMinute: 6,
    requestMs: 3000,
    spansPerRequest: 200,
    settleMs: 15_000,
  });
});

test('there are as many requests as are allowed in any minute', () => {
  const budget = new RequestBudget(2);
  const taken = [0, 10_000, 59_999, 60_000, 60_001, 69_999, 70_000].filter((nowMs) => budget.take(nowMs));
  expect(taken).toStrictEqual([0, 10_000, 60_000, 70_000]);
  expect(new RequestBudget(0).take(0)).toBe(false);
});

test('a clock that was put back by an hour holds nothing up', () => {
  const budget = new RequestBudget(1);
  expect([budget.take(3_600_000), budget.take(0), budget.take(1)]).toStrictEqual([true, true, false]);
});
