import { afterEach, describe, expect, test } from '@jest/globals';
import { lookUpExperiment } from '../../src/mlflow/experiment-lookup.js';
import { createExperiment, experimentState, otlpState, serverHealth } from '../../src/mlflow/rest-api.js';
import type { Destination } from '../../src/mlflow/server.js';
import { closeLoopbacks, type Reply, type SeenRequest, startLoopback } from '../support/loopback.js';
import { closeServers, startProxy } from '../support/proxy.js';

afterEach(async () => {
  await closeServers();
  await closeLoopbacks();
});

async function serverThat(reply: (request: SeenRequest) => Reply) {
  const server = await startLoopback(reply);
  const destination: Destination = {
    url: `${server.url}/v1/traces`,
    trackingUri: server.url,
    experimentId: '7',
    headers: { authorization: 'Bearer t' },
    compression: 'none',
    tls: {},
    server: 'mlflow',
  };
  return { destination, requests: server.requests };
}

const answers = (status: number, body = '') => serverThat(() => ({ status, body }));

describe('a server', () => {
  test.each([
    [200, '3.17.2', { kind: 'mlflow', version: '3.17.2' }],
    [200, ' 3.17.2\n', { kind: 'mlflow', version: '3.17.2' }],
    [200, '<html>3.17.2', { kind: 'other', status: 200 }],
    [200, `3.17${'.'.repeat(40)}`, { kind: 'other', status: 200 }],
    [200, `3.${'1'.repeat(37)}`, { kind: 'mlflow', version: `3.${'1'.repeat(37)}` }],
    [200, `3.${'1'.repeat(38)}`, { kind: 'other', status: 200 }],
    [404, '3.17.2', { kind: 'other', status: 404 }],
    [401, '3.17.2', { kind: 'refused', status: 401 }],
    [403, '', { kind: 'refused', status: 403 }],
  ])('that answers %i with %j is told apart', async (status, body, health) => {
    const { destination, requests } = await answers(status, body);
    expect(await serverHealth(destination)).toEqual(health);
    expect(requests[0]).toMatchObject({
      method: 'GET',
      url: '/version',
      headers: { authorization: 'Bearer t' },
    });
  });

  test('that hangs is slow, and one that is not there is not', async () => {
    const { destination } = await serverThat(() => 'hang');
    expect(await serverHealth(destination, 100)).toMatchObject({ kind: 'down', isSlow: true });
    await closeLoopbacks();
    expect(await serverHealth(destination)).toEqual({ kind: 'down', reason: 'ECONNREFUSED', isSlow: false });
  });
});

describe('an experiment', () => {
  const told = (experiment: object) => JSON.stringify({ experiment });

  test.each([
    [200, told({ name: 'a', lifecycle_stage: 'active' }), { kind: 'active', name: 'a' }],
    [200, told({}), { kind: 'active', name: '' }],
    [200, told({ name: 'a', lifecycle_stage: 'deleted' }), { kind: 'deleted', name: 'a' }],
    [200, '{"experiment":"a"}', { kind: 'unknown', reason: 'HTTP 200' }],
    [200, 'not JSON', { kind: 'unknown', reason: 'HTTP 200' }],
    [500, told({ name: 'a' }), { kind: 'unknown', reason: 'HTTP 500' }],
    [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST"}', { kind: 'missing' }],
    [404, '<html>', { kind: 'unknown', reason: 'HTTP 404' }],
    [500, 'RESOURCE_DOES_NOT_EXIST', { kind: 'unknown', reason: 'HTTP 500' }],
    [403, 'Invalid Host header', { kind: 'host-refused' }],
    [400, 'Invalid Host header', { kind: 'unknown', reason: 'HTTP 400' }],
    [401, '', { kind: 'refused', status: 401 }],
    [403, '', { kind: 'refused', status: 403 }],
  ])('of which the server answers %i with %j is told apart', async (status, body, state) => {
    const { destination, requests } = await answers(status, body);
    expect(await experimentState(destination, '7')).toEqual(state);
    expect(requests[0]?.url).toBe('/api/2.0/mlflow/experiments/get?experiment_id=7');
  });

  test('is made by its name, and only an id of digits counts as made', async () => {
    const { destination, requests } = await answers(200, '{"experiment_id":"12"}');
    expect(await createExperiment(destination, 'a "b"')).toEqual({ kind: 'value', value: '12' });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: '/api/2.0/mlflow/experiments/create',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"a \\"b\\""}',
    });
    for (const [status, body] of [
      [500, '{"experiment_id":"12"}'],
      [200, '{"experiment_id":"../12"}'],
      [200, '{"experiment_id":12}'],
      [200, 'not JSON'],
    ] as const) {
      const { destination: other } = await answers(status, body);
      expect(await createExperiment(other, 'ci')).toMatchObject({
        code: 'experiment-not-created',
        message: expect.stringContaining(`HTTP ${status}`),
        hint: 'mlflow experiments create --experiment-name "ci"',
      });
    }
  });
});

describe('the endpoint for spans', () => {
  test.each([
    [200, { kind: 'allowed' }],
    [400, { kind: 'allowed' }],
    [401, { kind: 'refused', status: 401 }],
    [403, { kind: 'refused', status: 403 }],
    [404, { kind: 'missing', status: 404 }],
    [405, { kind: 'missing', status: 405 }],
    [501, { kind: 'missing', status: 501 }],
    [503, { kind: 'unknown', reason: 'HTTP 503' }],
  ])('that answers an empty body with %i is told apart', async (status, state) => {
    const { destination, requests } = await answers(status);
    expect(await otlpState(destination)).toEqual(state);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: '/v1/traces',
      headers: { authorization: 'Bearer t', 'content-type': 'application/x-protobuf' },
      body: '',
    });
    await closeLoopbacks();
    expect(await otlpState(destination)).toEqual({ kind: 'unknown', reason: 'ECONNREFUSED' });
  });
});

test('every question goes through the proxy that spans go through', async () => {
  const { destination, requests } = await answers(200, '3.17.2');
  const proxy = await startProxy(Number(new URL(destination.trackingUri).port));
  const far = 'http://mlflow.test';
  const behind = { ...destination, url: `${far}/v1/traces`, trackingUri: far, proxy: proxy.url };
  await serverHealth(behind);
  await otlpState(behind);
  expect(proxy.asked.map(([what]) => what)).toEqual([`GET ${far}/version`, `POST ${far}/v1/traces`]);
  expect(requests).toHaveLength(2);
});

test('a server that does not answer to its name is told apart from one that wants credentials', async () => {
  const hintOf = async (body: string) => {
    const { destination: server } = await answers(403, body);
    const found = await lookUpExperiment({ server, name: 'n', timeoutMs: 3000 });
    return found.kind === 'problem' ? [found.code, found.hint] : found;
  };
  expect(await hintOf('Invalid Host header - possible DNS rebinding')).toEqual([
    'experiment-lookup-refused',
    'Start MLflow with --allowed-hosts and this name, or use its IP address',
  ]);
  expect(await hintOf('')).toEqual([
    'experiment-lookup-refused',
    expect.stringContaining('MLFLOW_TRACKING_USERNAME'),
  ]);
});
