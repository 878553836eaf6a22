import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LargeTurn, writeLargeTurn } from '../../scripts/lab/large-turn.mjs';
import type { RunOptions } from '../../src/delivery/run/delivery-run.js';
import { DeliveryHome } from '../support/delivery-home.js';

let home: DeliveryHome;
let turn: LargeTurn;
beforeEach(async () => {
  home = await DeliveryHome.make();
  // 802 spans: more than one request holds. Their texts are others' affair, and would take time.
  home.sendTo(home.receiver.url, { experimentId: '0', content: 'metadata' });
  turn = writeLargeTurn(home.codexHome, { calls: 400, bytes: 100, mode: 'classic' });
});
afterEach(() => home.close());

const hook = ({ threadId, turnId, cwd }: LargeTurn, options: Partial<RunOptions> = {}) =>
  home.hook(JSON.stringify({ type: 'agent-turn-complete', 'thread-id': threadId, 'turn-id': turnId, cwd }), {
    requestTimeoutMs: 10_000,
    ...options,
  });

/** How often each span was accepted. */
function timesAccepted(): Set<number> {
  const times = new Map<string, number>();
  for (const { spanId } of home.receiver.spans()) times.set(spanId, (times.get(spanId) ?? 0) + 1);
  return new Set(times.values());
}

const roots = () => home.receiver.spans().filter(({ parentSpanId }) => !parentSpanId);

describe('a turn of more spans than one request holds', () => {
  test('goes in several, its root with the last, and is sent when all were accepted', async () => {
    expect(await hook(turn)).toEqual({ outcome: 'sent' });
    const { requests } = home.receiver;
    expect(requests.length).toBeGreaterThan(1);
    expect(requests.map(({ spans }) => spans.some(({ parentSpanId }) => !parentSpanId))).toEqual(
      requests.map((_, n) => n === requests.length - 1),
    );
    expect(home.receiver.spans()).toHaveLength(turn.spans);
    expect(timesAccepted()).toEqual(new Set([1]));
    expect(home.state(turn.threadId)).toMatchObject({ delivered: 1, turns: [] });
  });

  test('is pending while the server lacks a part, and goes on where it was', async () => {
    home.receiver.answerWith((_, n) => (n === 0 ? {} : { status: 503, headers: { 'retry-after': '0' } }));
    expect(await hook(turn)).toMatchObject({ outcome: 'pending', detail: '503' });
    expect(roots()).toEqual([]);
    const accepted = home.receiver.spans().length;
    expect(home.turns(turn.threadId, 'retry')).toMatchObject([{ sentPart: { spans: accepted } }]);
    home.answer(200);
    expect(await hook(turn)).toMatchObject({ outcome: 'sent' });
    expect(home.receiver.spans()).toHaveLength(turn.spans);
    expect(timesAccepted()).toEqual(new Set([1]));
    expect(roots()).toHaveLength(1);
    expect(home.state(turn.threadId).turns).toEqual([]);
  });

  test('goes on in a smaller form where a part is refused, without what the server has', async () => {
    home.receiver.answerWith((_, n) => (n > 0 && n < 3 ? { status: 413 } : {}));
    const outcome = await hook(turn);
    expect(outcome).toMatchObject({ outcome: 'sent', isReduced: true });
    expect(home.receiver.spans()).toHaveLength(turn.spans);
    expect(timesAccepted()).toEqual(new Set([1]));
  });

  test('begins anew where its spans are not those that the server has', async () => {
    home.receiver.answerWith((_, n) => (n === 0 ? {} : { status: 503, headers: { 'retry-after': '0' } }));
    await hook(turn);
    const file = path.join(home.stateDir, 'threads', `${turn.threadId}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"digest":"\w+"/, '"digest":"of other spans"'));
    home.answer(200);
    await hook(turn);
    expect(new Set(home.receiver.spans().map(({ spanId }) => spanId)).size).toBe(turn.spans);
    expect(timesAccepted()).toEqual(new Set([1, 2]));
    expect(roots()).toHaveLength(1);
  });

  test('is gone on with by the next hook where the time was over', async () => {
    const over = new AbortController();
    home.receiver.answerWith(() => {
      over.abort();
      return {};
    });
    const outcome = await hook(turn, { signal: over.signal });
    expect(outcome).toEqual({ outcome: 'pending', detail: 'out of time' });
    expect(home.receiver.requests).toHaveLength(1);
    home.answer(200);
    await hook(turn);
    expect(home.receiver.spans()).toHaveLength(turn.spans);
    expect(timesAccepted()).toEqual(new Set([1]));
    expect(roots()).toHaveLength(1);
  });
});
