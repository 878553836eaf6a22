import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import {
  experimentIdByName,
  forgetExperimentIds,
  lookUpExperiment,
} from '../../src/mlflow/experiment-lookup.js';
import type { Server } from '../../src/mlflow/server.js';
import { closeLoopbacks, type Reply, startLoopback } from '../support/loopback.js';

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await closeLoopbacks();
});

const serverAt = (trackingUri: string, headers: Record<string, string> = {}): Server => ({
  url: `${trackingUri}/v1/traces`,
  trackingUri,
  headers,
  compression: 'none',
  tls: {},
  server: 'mlflow',
});
const told = (experiment: object): Reply => ({ status: 200, body: JSON.stringify({ experiment }) });
const MISSING: Reply = { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' };
const NOT_MLFLOW: Reply = { status: 404, body: '<html>' };
const WAIT = 'Start the server, or name the experiment by its id (experimentId), which needs no look-up';

describe('an experiment that is looked up', () => {
  const answered = async (reply: Reply) => {
    const { url, requests } = await startLoopback(() => reply);
    const server = serverAt(url, { authorization: 'Bearer t' });
    const timeoutMs = reply === 'hang' ? 500 : 15_000;
    const found = await lookUpExperiment({ server, name: 'a "b"&c', timeoutMs });
    expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      'GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=a%20%22b%22%26c',
    ]);
    expect(requests[0]?.headers.authorization).toBe('Bearer t');
    return JSON.parse(JSON.stringify(found).replaceAll(url, 'SERVER')) as unknown;
  };

  test.each([
    [{ experiment_id: '12', lifecycle_stage: 'active' }, '12'],
    [{ experiment_id: '0' }, '0'],
  ])('and told as %j has the id %s', async (experiment, value) => {
    expect(await answered(told(experiment))).toEqual({ kind: 'value', value });
  });

  test.each<[Reply, string, string, string, object?]>([
    [
      MISSING,
      'experiment-not-found',
      'There is no experiment "a "b"&c" at SERVER',
      'mlflow experiments create --experiment-name "a \\"b\\"&c"',
    ],
    [
      NOT_MLFLOW,
      'experiment-lookup-failed',
      'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 404)',
      WAIT,
    ],
    [
      { status: 400, body: 'RESOURCE_DOES_NOT_EXIST' },
      'experiment-lookup-failed',
      'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 400)',
      WAIT,
    ],
    [
      { status: 503, body: JSON.stringify({ experiment: { experiment_id: '1' } }) },
      'experiment-lookup-failed',
      'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 503)',
      WAIT,
      { server: 'slow' },
    ],
    ...[{}, { experiment_id: 12 }, { experiment_id: '12a' }].map(
      (experiment): [Reply, string, string, string] => [
        told(experiment),
        'experiment-lookup-failed',
        'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 200)',
        WAIT,
      ],
    ),
    [
      { status: 200, body: 'null' },
      'experiment-lookup-failed',
      'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 200)',
      WAIT,
    ],
    [
      { status: 200, body: '{}' },
      'experiment-lookup-failed',
      'SERVER did not answer as MLflow does when asked for the experiment "a "b"&c" (HTTP 200)',
      WAIT,
    ],
    [
      { status: 401, body: 'Not Invalid Host header' },
      'experiment-lookup-refused',
      'SERVER refused to look up the experiment "a "b"&c" (HTTP 401)',
      'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
    ],
    [
      { status: 403, body: 'Invalid Host header - possible DNS rebinding attack' },
      'experiment-lookup-refused',
      'SERVER refused to look up the experiment "a "b"&c" (HTTP 403)',
      'Start MLflow with --allowed-hosts and this name, or use its IP address',
    ],
    [
      told({ experiment_id: '3', lifecycle_stage: 'deleted' }),
      'experiment-deleted',
      'The experiment "a "b"&c" at SERVER is deleted',
      'mlflow experiments restore --experiment-id 3, or choose another with mlflow-codex setup',
    ],
    [
      'hang',
      'experiment-lookup-failed',
      'The experiment "a "b"&c" could not be looked up at SERVER: no answer within 0.5 s',
      WAIT,
      { server: 'slow' },
    ],
  ])('and answered %j is a problem with its remedy', async (reply, code, message, hint, more = {}) => {
    expect(await answered(reply)).toEqual({ kind: 'problem', code, message, hint, ...more });
  });
});

describe('an experiment’s id by its name', () => {
  const NOW = 1_795_572_000_000;
  const ask = (server: Server, makesExperiment = true, nowMs = NOW) =>
    experimentIdByName({ server, name: 'ci', timeoutMs: 15_000 }, folder, { nowMs, makesExperiment });
  const kept = () => readdirSync(path.join(folder, 'experiments'));

  test('is kept in one file, with the time of the answer', async () => {
    const { url } = await startLoopback(() => told({ experiment_id: '12' }));
    expect(await ask(serverAt(url))).toEqual({ kind: 'value', value: '12' });
    const [name = '', ...others] = kept();
    expect([name.replace(/^[0-9a-f]{32}/, 'DIGEST'), others]).toEqual(['DIGEST.json', []]);
    expect(JSON.parse(readFileSync(path.join(folder, 'experiments', name), 'utf8'))).toEqual({
      id: '12',
      atMs: NOW,
    });
  });

  test('is remembered for each server, workspace and name apart', async () => {
    const { url, requests } = await startLoopback(() => told({ experiment_id: '12' }));
    await ask(serverAt(url));
    await ask(serverAt(url, { 'x-mlflow-workspace': 'a' }));
    await ask(serverAt(url, { 'x-mlflow-workspace': 'b' }));
    await ask(serverAt(`${url}/base`));
    const other = { server: serverAt(url), name: 'other', timeoutMs: 15_000 };
    await experimentIdByName(other, folder, { nowMs: NOW, makesExperiment: true });
    expect([kept().length, requests.length]).toEqual([5, 5]);
    await ask(serverAt(url, { 'x-mlflow-workspace': 'b' }));
    expect(requests).toHaveLength(5);
  });

  test.each([
    [{ id: '7', atMs: NOW }, '7'],
    [{ id: '7', atMs: NOW - 86_399_999 }, '7'],
    [{ id: '7', atMs: NOW - 86_400_000 }, '12'],
    [{ id: '7', atMs: NOW + 1 }, '12'],
    [{ id: '7', atMs: 'now' }, '12'],
    [{ id: '7' }, '12'],
    [{ id: 7, atMs: NOW }, '12'],
    [{ id: '../7', atMs: NOW }, '12'],
    ['no JSON', '12'],
  ])('of which %j is kept is %s', async (entry, value) => {
    const { url } = await startLoopback(() => told({ experiment_id: '12' }));
    await ask(serverAt(url));
    const file = path.join(folder, 'experiments', String(kept()[0]));
    writeFileSync(file, typeof entry === 'string' ? entry : JSON.stringify(entry));
    expect(await ask(serverAt(url))).toEqual({ kind: 'value', value });
  });

  test('is not kept where there is none', async () => {
    const { url, requests } = await startLoopback(() => MISSING);
    expect(await ask(serverAt(url), false)).toMatchObject({ code: 'experiment-not-found' });
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
    expect(existsSync(path.join(folder, 'experiments'))).toBe(false);
  });

  test('is that of a new experiment only where the server says that there is none', async () => {
    const { url, requests } = await startLoopback(() => NOT_MLFLOW);
    expect(await ask(serverAt(url))).toMatchObject({ code: 'experiment-lookup-failed' });
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('is a problem where it can be neither found nor made', async () => {
    const { url, requests } = await startLoopback(({ method }) =>
      method === 'POST' ? { status: 503, body: '' } : MISSING,
    );
    expect(await ask(serverAt(url))).toEqual({
      kind: 'problem',
      code: 'experiment-not-created',
      message: `The experiment "ci" could not be made at ${url}: HTTP 503`,
      hint: 'mlflow experiments create --experiment-name "ci"',
      server: 'slow',
    });
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  });

  test('is found out each time where nothing can be kept', async () => {
    writeFileSync(path.join(folder, 'experiments'), 'a file in the folder’s place');
    const { url, requests } = await startLoopback(() => told({ experiment_id: '12' }));
    for (const asked of [1, 2]) {
      expect(await ask(serverAt(url))).toEqual({ kind: 'value', value: '12' });
      expect(requests).toHaveLength(asked);
    }
  });

  test('is asked for anew once all are forgotten', async () => {
    const { url, requests } = await startLoopback(() => told({ experiment_id: '12' }));
    mkdirSync(path.join(folder, 'threads'));
    forgetExperimentIds(folder);
    await ask(serverAt(url));
    forgetExperimentIds(folder);
    expect(readdirSync(folder)).toEqual(['threads']);
    await ask(serverAt(url));
    expect(requests).toHaveLength(2);
  });
});
