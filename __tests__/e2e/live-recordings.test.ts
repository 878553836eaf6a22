import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DecodedSpan } from '../../scripts/lab/otlp-decode.mjs';
import { drainThread } from '../../src/delivery/pass/drain-thread.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { Replay } from '../support/delivery-replay.js';

/**
 * Every recording twice: hook by hook while it grows, as it was made, and in one go when all is over.
 * Either way the same spans must arrive, each of them once.
 */
const fixtures = '__tests__/fixtures/rollouts';
/** Up to 0.80 the answer is announced before the last count of tokens is written; the hook starts later. */
const STARTING_MS = 15;
/** A review's parent ends some 10 to 200 ms after the reviewer. */
const REVIEW_MS = 400;

describe.each(readdirSync(fixtures))('recordings of %s', (version) => {
  const scenarios = readdirSync(path.join(fixtures, version)).filter((scenario) =>
    existsSync(path.join(fixtures, version, scenario, 'notify.json')),
  );

  test('arrive the same, hook by hook and in one go', async () => {
    const differing: { [scenario: string]: string[] } = {};
    for (const scenario of scenarios) {
      const name = `${version}/${scenario}`;
      const found = await differencesOf(name);
      if (found.length > 0) differing[name] = found;
    }
    expect(differing).toEqual({});
  }, 60_000);
});

async function differencesOf(name: string): Promise<string[]> {
  const [home, other] = [await DeliveryHome.make(), await DeliveryHome.make()];
  const replay = new Replay(path.join(fixtures, name));
  try {
    for (const { payload, ms } of replay.moments()) {
      replay.grow(home, ms + (/\/review(-in-thread)?$/.test(name) ? REVIEW_MS : STARTING_MS));
      await home.hook(payload, { requestTimeoutMs: 5000 });
    }
    replay.grow(home, Number.POSITIVE_INFINITY);
    replay.grow(other, Number.POSITIVE_INFINITY);
    await replay.close();
    for (const one of [home, other]) {
      const run = one.run({ abandonedMs: 0 });
      for (const threadId of replay.threadIds) await drainThread(run, threadId, { whole: true });
      run.close();
    }
    return compare(home.receiver.spans(), other.receiver.spans());
  } finally {
    await replay.close();
    await home.close();
    await other.close();
  }
}

function compare(live: readonly DecodedSpan[], whole: readonly DecodedSpan[]): string[] {
  const key = ({ traceId, spanId }: DecodedSpan) => `${traceId}${spanId}`;
  const text = (span: DecodedSpan) => {
    // Only an announcement tells who announced.
    const { 'codex.client': _, 'mlflow.traceTag.codex.client': __, ...attributes } = span.attributes;
    return JSON.stringify({ ...span, attributes });
  };
  const ids = new Map(live.map((span) => [key(span), span]));
  const expected = new Map(whole.map((span) => [key(span), span]));
  // Of a command that outlives its turn the call comes again when it has ended, and tells more; MLflow
  // replaces the span. Nothing else may come twice.
  const twice = live.filter((span) => {
    const last = ids.get(key(span));
    const isTold = span.attributes['mlflow.spanType'] === 'TOOL' && last && text(span) !== text(last);
    return span !== last && !isTold;
  });
  const doubled = twice.map((span) => `doubled: ${span.name}`);
  const extra = [...ids].flatMap(([id, span]) => (expected.has(id) ? [] : [`not expected: ${span.name}`]));
  const missing = [...expected].flatMap(([id, span]) => {
    const found = ids.get(id);
    if (!found) return [`missing: ${span.name}`];
    return text(found) === text(span) ? [] : [`differs: ${span.name}`];
  });
  return [...doubled, ...extra, ...missing];
}
