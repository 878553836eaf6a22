import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { isSampled } from '../../src/spans/is-sampled.js';
import { rootIds } from '../support/delivery-process.js';
import { home } from '../support/test-home.js';

function sampleAt(sampleRatio: number): void {
  const config = { trackingUri: home.receiver.url, experimentId: '0', sampleRatio };
  writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), JSON.stringify(config));
}

test('of a share of nothing no turn is sent, and none is pending; the log says why', async () => {
  sampleAt(0);
  const thread = home.thread();
  thread.turn();
  expect(await home.hook(thread.payload(thread.turn()))).toEqual({
    outcome: 'untraced',
    detail: 'not of the share of traces that is sent (sampleRatio)',
  });
  expect(home.receiver.requests).toEqual([]);
  sampleAt(1);
  const next = thread.turn();
  await home.hook(thread.payload(next));
  expect(home.arrived()).toEqual([next]);
});

test('which turns are sent follows from their trace ids, so that every hook decides alike', async () => {
  sampleAt(0.5);
  const thread = home.thread();
  const turns = Array.from({ length: 30 }, () => thread.turn());
  await home.hook(thread.payload(turns[0] ?? ''));
  const chosen = turns.filter((turn) => isSampled(rootIds(thread.threadId, turn).traceId, 0.5));
  expect(home.arrived()).toEqual(chosen);
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.length).toBeLessThan(30);
});

test.each([
  ['ffffffffffffff', 0.0001, true],
  ['00000000000000', 0.9999, false],
  ['00000000000000', 1, true],
  ['ffffffffffffff', 0, false],
  ['80000000000000', 0.5, true],
  ['7fffffffffffff', 0.5, false],
  ['c0000000000000', 0.25, true],
])('an id that ends in %s is of a share of %d: %s', (end, ratio, expected) => {
  expect(isSampled(`000000000000000000${end}`, ratio)).toBe(expected);
});

test('who is of a smaller share is of a larger one as well', () => {
  const ids = Array.from({ length: 500 }, (_, i) => rootIds('thread', String(i)).traceId);
  for (const [smaller, larger] of [
    [0.1, 0.3],
    [0.3, 0.9],
  ] as const) {
    const kept = ids.filter((id) => isSampled(id, smaller));
    expect(kept.every((id) => isSampled(id, larger))).toBe(true);
    expect(kept.length / ids.length).toBeCloseTo(smaller, 1);
  }
});
