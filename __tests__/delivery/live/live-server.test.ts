import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '../../../scripts/lab/otlp-receiver.mjs';
import { LiveServers, serverOfVersion } from '../../../src/delivery/live/live-server.js';
import type { Destination } from '../../../src/mlflow/server.js';

/** Tried with MLflow 3.10.1 to 3.18.0: tokens of a span that comes twice count once from 3.15 on. */
test.each<[string, boolean | string]>([
  ['2.22.1', 'MLflow 2.22.1 is older than 3.10'],
  ['3', 'MLflow 3 is older than 3.10'],
  ['3.9.9', 'MLflow 3.9.9 is older than 3.10'],
  ['3.10.0', false],
  ['3.14.0', false],
  ['3.15.0', true],
  ['3.18.0rc1', true],
  ['4.0.0', true],
  ['4', true],
  ['10.1.0', true],
  ['dev', true],
])('MLflow %s takes live spans, and counts their tokens once: %s', (version, expected) => {
  expect(serverOfVersion(version)).toStrictEqual(
    typeof expected === 'string'
      ? { kind: 'none', reason: expected }
      : { kind: 'live', countsOnce: expected },
  );
});

describe('a server', () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.close());

  const MINUTE_MS = 60_000;
  const at = (server: Destination['server'], more = ''): Destination => ({
    url: `${receiver.url}${more}/v1/traces`,
    trackingUri: `${receiver.url}${more}`,
    experimentId: '0',
    headers: {},
    compression: 'none',
    tls: {},
    server,
  });

  test('of Databricks takes none, a Collector counts twice; neither is asked', async () => {
    const servers = new LiveServers();
    expect(await servers.of(at('databricks', '/a'))).toStrictEqual({
      kind: 'none',
      reason: 'a Databricks workspace takes a turn whole',
    });
    expect(await servers.of(at('collector', '/b'))).toStrictEqual({ kind: 'live', countsOnce: false });
    expect(receiver.requests).toEqual([]);
  });

  test('of MLflow is asked for its version, once in ten minutes', async () => {
    const servers = new LiveServers();
    receiver.answerWith({ body: '3.17.2' });
    const first = servers.of(at('mlflow'), 0);
    expect(await first).toStrictEqual({ kind: 'live', countsOnce: true });
    expect(servers.of(at('mlflow'), 10 * MINUTE_MS - 1)).toBe(first);
    receiver.answerWith({ body: '3.14.0' });
    expect(await servers.of(at('mlflow'), 10 * MINUTE_MS)).toStrictEqual({ kind: 'live', countsOnce: false });
    expect(await servers.of(at('mlflow', '/other'), 0)).toStrictEqual({ kind: 'live', countsOnce: false });
    expect(receiver.requests.map(({ url }) => url)).toStrictEqual(['/version', '/version', '/other/version']);
  });

  test('that tells no version may count twice', async () => {
    receiver.answerWith({ status: 404 });
    expect(await new LiveServers().of(at('mlflow'))).toStrictEqual({ kind: 'live', countsOnce: false });
  });
});
