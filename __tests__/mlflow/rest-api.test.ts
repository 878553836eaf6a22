import { afterEach, describe, expect, test } from '@jest/globals';
import { lookUpExperiment } from '../../src/mlflow/experiment-lookup.js';
import {
  askServer,
  createExperiment,
  experimentState,
  otlpState,
  serverHealth,
  serverTrouble,
} from '../../src/mlflow/rest-api.js';
import type { Destination } from '../../src/mlflow/server.js';
import { closeLoopbacks, type Reply, type SeenRequest, startLoopback } from '../support/loopback.js';
import { closeServers, startProxy, startTlsServer } from '../support/proxy.js';
import { CERTIFICATE } from '../support/test-certificate.js';

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

/** A request in one line: method, address, authorization, kind and text of the body. */
const asked = ({ method, url, headers, body }: SeenRequest) =>
  [`${method} ${url}`, headers.authorization, headers['content-type'], body].join(' | ');

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
    expect(requests.map(asked)).toEqual(['GET /version | Bearer t |  | ']);
  });

  test('that hangs is slow, and one that is not there is not', async () => {
    const { destination } = await serverThat(() => 'hang');
    expect(await serverHealth(destination, 100)).toEqual({
      kind: 'down',
      reason: 'no answer within 0.1 s',
      isSlow: true,
    });
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
    [403, 'No Invalid Host header', { kind: 'refused', status: 403 }],
    [200, '{}', { kind: 'unknown', reason: 'HTTP 200' }],
    [200, told({ name: 7, lifecycle_stage: null }), { kind: 'active', name: '7' }],
  ])('of which the server answers %i with %j is told apart', async (status, body, state) => {
    const { destination, requests } = await answers(status, body);
    expect(await experimentState(destination, '7')).toEqual(state);
    expect(requests.map(asked)).toEqual([
      'GET /api/2.0/mlflow/experiments/get?experiment_id=7 | Bearer t |  | ',
    ]);
    await closeLoopbacks();
    expect(await experimentState(destination, '7')).toEqual({ kind: 'unknown', reason: 'ECONNREFUSED' });
  });

  test('is made by its name, and only an id of digits counts as made', async () => {
    const { destination, requests } = await answers(200, '{"experiment_id":"12"}');
    expect(await createExperiment(destination, 'a "b"')).toEqual({ kind: 'value', value: '12' });
    expect(requests.map(asked)).toEqual([
      'POST /api/2.0/mlflow/experiments/create | Bearer t | application/json | {"name":"a \\"b\\""}',
    ]);
    const notMade = ({ trackingUri }: Destination, why: string) => ({
      kind: 'problem',
      code: 'experiment-not-created',
      message: `The experiment "ci" could not be made at ${trackingUri}: ${why}`,
      hint: 'mlflow experiments create --experiment-name "ci"',
    });
    for (const [status, body, more] of [
      [500, '{"experiment_id":"12"}', { server: 'slow' }],
      [200, '{"experiment_id":"../12"}', {}],
      [200, '{"experiment_id":12}', {}],
      [200, 'not JSON', {}],
    ] as const) {
      const { destination: other } = await answers(status, body);
      expect(await createExperiment(other, 'ci')).toEqual({ ...notMade(other, `HTTP ${status}`), ...more });
    }
    await closeLoopbacks();
    expect(await createExperiment(destination, 'ci')).toEqual({
      ...notMade(destination, 'ECONNREFUSED'),
      server: 'down',
    });
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
    expect(requests.map(asked)).toEqual(['POST /v1/traces | Bearer t | application/x-protobuf | ']);
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

describe('a question', () => {
  test('is sent as JSON where it says something, and may be given less time', async () => {
    const { destination, requests } = await answers(200, 'yes');
    expect(await askServer(destination, 'POST', '/a', { body: { b: [1] } })).toMatchObject({ body: 'yes' });
    expect(await askServer(destination, 'POST', '/a')).toMatchObject({ body: 'yes' });
    expect(requests.map(asked)).toEqual([
      'POST /a | Bearer t | application/json | {"b":[1]}',
      'POST /a | Bearer t |  | ',
    ]);
    const { destination: slow } = await serverThat(() => 'hang');
    expect(await askServer(slow, 'GET', '/a', { timeoutMs: 100 })).toMatchObject({ code: 'TIMEOUT' });
  });

  test('goes to an https server by the authorities that are named', async () => {
    const url = `https://127.0.0.1:${await startTlsServer('3.17.2')}`;
    const { destination } = await answers(200);
    const secure = { ...destination, url, trackingUri: url, tls: { ca: Buffer.from(CERTIFICATE) } };
    expect(await serverHealth(secure)).toEqual({ kind: 'mlflow', version: '3.17.2' });
    expect(await otlpState(secure)).toEqual({ kind: 'allowed' });
    expect(await otlpState({ ...secure, tls: {} })).toEqual({
      kind: 'unknown',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

describe('an answer that says of the server alone', () => {
  const status = (code: number, body = '') =>
    serverTrouble({ kind: 'answer', status: code, body, headers: {} });

  test.each([408, 429, 500, 502, 503, 599])('%i, that it is overloaded', (code) => {
    expect(status(code)).toEqual({ server: 'slow' });
  });

  test.each([200, 400, 404, 407, 409, 428, 430, 499, 501])('%i, nothing', (code) => {
    expect(status(code)).toEqual({});
  });

  test('500 FEATURE_DISABLED, nothing', () => {
    expect(status(500, '{"error_code":"FEATURE_DISABLED"}')).toEqual({});
  });

  test.each([
    ['TIMEOUT', true, 'slow'],
    ['ECONNRESET', true, 'slow'],
    ['EPIPE', true, 'slow'],
    ['TIMEOUT', false, 'down'],
    ['ECONNREFUSED', false, 'down'],
    ['HPE_INVALID_CONSTANT', true, 'down'],
  ])('none, for %s with a connection: %s, that it is %s', (code, reached, server) => {
    expect(serverTrouble({ kind: 'failed', code, reason: code, reached })).toEqual({ server });
  });
});
