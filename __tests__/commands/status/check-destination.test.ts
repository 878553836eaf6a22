import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkDestination } from '../../../src/commands/status/check-destination.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';
import { stateDir } from '../../../src/platform/files/folders.js';
import { resolveSettings } from '../../../src/settings/resolve-settings.js';
import { DatabricksWorkspace } from '../../support/databricks-workspace.js';
import { closeLoopbacks, type Reply, startLoopback } from '../../support/loopback.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(async () => {
  bench.remove();
  await closeLoopbacks();
});

const VERSION = 'GET /version';
const GET = 'GET /api/2.0/mlflow/experiments/get';
const POST = 'POST /v1/traces';
const experiment = (stage: string) => ({
  status: 200,
  body: `{"experiment":{"experiment_id":"7","name":"mine","lifecycle_stage":"${stage}"}}`,
});
const WELL: Record<string, Reply> = {
  [VERSION]: { status: 200, body: '3.17.2' },
  [GET]: experiment('active'),
  [POST]: { status: 400, body: '' },
};
const NOT_THERE = { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' };
const server = (answers: Record<string, Reply> = {}) =>
  startLoopback(
    ({ method, url }) => ({ ...WELL, ...answers })[`${method} ${url.split('?')[0]}`] ?? NOT_THERE,
  );

/** What status says of the server of a user's file, with the server's address as `URI`. */
async function found(uri: string, more: object = { experimentId: '7' }): Promise<unknown> {
  bench.put(bench.userTracing, { trackingUri: uri, ...more });
  const io = bench.io();
  const { env, cwd, homeDir } = io;
  const { codexHome } = bench;
  const settings = await resolveSettings({ env, cwd, codexHome, homeDir, userName: 'ada' });
  const context = { settings, io, stateDir: stateDir(codexHome) } as unknown as StatusContext;
  const findings = JSON.stringify(await checkDestination(context));
  return JSON.parse(uri.startsWith('http') ? findings.replaceAll(uri, 'URI') : findings);
}
const uri = 'URI';
const UP = { code: 'server-up', level: 'ok', args: { uri, version: '3.17.2' } };
const ACTIVE = { code: 'experiment-active', level: 'ok', args: { uri, id: '7', name: 'mine' } };
const url = 'URI/v1/traces';
const TAKES = { code: 'otlp-allowed', level: 'ok', args: { url } };

describe('of the server status says', () => {
  test('that all is well, having asked for its version, the experiment and the endpoint', async () => {
    const running = await server();
    expect(await found(running.url)).toEqual([UP, ACTIVE, TAKES]);
    expect(running.requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      'GET /version',
      'GET /api/2.0/mlflow/experiments/get?experiment_id=7',
      'POST /v1/traces',
    ]);
  });

  test.each([
    ['2.22.0', true],
    ['3.9.9', true],
    ['3.10.0', false],
    ['3.11', false],
    ['4.0.0', false],
    ['10.2', false],
  ])('whether MLflow %s is too old: %s', async (version, isOld) => {
    const running = await server({ [VERSION]: { status: 200, body: version } });
    expect(await found(running.url)).toEqual([
      { code: isOld ? 'server-old' : 'server-up', level: isOld ? 'warning' : 'ok', args: { uri, version } },
      ACTIVE,
      TAKES,
    ]);
  });

  test('nothing, where nothing is traced', async () => {
    expect(await checkDestination({ settings: { kind: 'untraced' } } as unknown as StatusContext)).toEqual(
      [],
    );
  });

  test('that nobody is there', async () => {
    const running = await server();
    await running.close();
    expect(await found(running.url)).toEqual([
      { code: 'server-down', level: 'error', args: { uri, reason: 'ECONNREFUSED' } },
    ]);
  });

  test.each<[string, string, Reply, object[]]>([
    [
      'that it refuses the credentials',
      VERSION,
      { status: 403, body: '' },
      [{ code: 'credentials-refused', level: 'error', args: { uri, status: 403 } }],
    ],
    [
      'that it is no MLflow',
      VERSION,
      { status: 404, body: '' },
      [{ code: 'server-not-mlflow', level: 'error', args: { uri, status: 404 } }],
    ],
    [
      'that the experiment is deleted',
      GET,
      experiment('deleted'),
      [UP, { code: 'experiment-deleted', level: 'error', args: { uri, id: '7' } }],
    ],
    [
      'that there is no such experiment',
      GET,
      NOT_THERE,
      [UP, { code: 'experiment-missing', level: 'error', args: { uri, id: '7' } }],
    ],
    [
      'that the experiment is not this user’s',
      GET,
      { status: 401, body: '' },
      [UP, { code: 'credentials-refused', level: 'error', args: { uri, status: 401 } }],
    ],
    [
      'that MLflow does not answer to this name',
      GET,
      { status: 403, body: 'Invalid Host header' },
      [UP, { code: 'host-not-allowed', level: 'error', args: { uri } }],
    ],
    [
      'that nobody knows of the experiment, and whether the endpoint takes traces all the same',
      GET,
      { status: 500, body: '' },
      [
        UP,
        { code: 'experiment-unknown', level: 'warning', args: { uri, id: '7', reason: 'HTTP 500' } },
        TAKES,
      ],
    ],
    [
      'that it takes no traces from this user',
      POST,
      { status: 403, body: '' },
      [UP, ACTIVE, { code: 'otlp-refused', level: 'error', args: { url, status: 403 } }],
    ],
    [
      'that it takes no traces at all',
      POST,
      { status: 501, body: '' },
      [UP, ACTIVE, { code: 'otlp-missing', level: 'error', args: { url, status: 501 } }],
    ],
    [
      'that nobody knows whether it takes traces',
      POST,
      { status: 502, body: '' },
      [UP, ACTIVE, { code: 'otlp-unknown', level: 'error', args: { url, reason: 'HTTP 502' } }],
    ],
  ])('%s', async (_, question, answer, findings) => {
    const running = await server({ [question]: answer });
    expect(await found(running.url)).toEqual(findings);
  });

  test('what keeps it from being asked', async () => {
    bench.env = { MLFLOW_TRACKING_TOKEN: 'hunter2\n' };
    expect(await found('http://127.0.0.1:9')).toEqual([
      {
        code: 'destination-problem',
        level: 'error',
        args: {
          problem: 'header-value',
          message: expect.stringContaining('MLFLOW_TRACKING_TOKEN holds a character'),
          hint: expect.stringContaining('Set MLFLOW_TRACKING_TOKEN again'),
        },
      },
    ]);
  });
});

describe('of an experiment with a name status says', () => {
  const named = { experimentName: 'ci' };
  const BY_NAME = 'GET /api/2.0/mlflow/experiments/get-by-name';

  test('which it is', async () => {
    const running = await server({ [BY_NAME]: experiment('active') });
    expect(await found(running.url, named)).toEqual([UP, ACTIVE, TAKES]);
  });

  test('that the first turn makes it, and makes none', async () => {
    const running = await server();
    expect(await found(`${running.url}/`, named)).toEqual(
      JSON.parse(
        JSON.stringify([
          UP,
          { code: 'experiment-to-be-made', level: 'info', args: { uri, name: 'ci' } },
        ]).replaceAll('URI', running.url),
      ),
    );
    expect(running.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  test('what is wrong with it', async () => {
    const running = await server({ [BY_NAME]: experiment('deleted') });
    const args = {
      problem: 'experiment-deleted',
      message: 'The experiment "ci" at URI is deleted',
      hint: 'mlflow experiments restore --experiment-id 7, or choose another with mlflow-codex setup',
    };
    expect(await found(running.url, named)).toEqual([
      UP,
      { code: 'destination-problem', level: 'error', args },
    ]);
  });
});

test('of a collector status says whether it takes traces, and asks nothing else', async () => {
  const running = await server({ [POST]: { status: 200, body: '' } });
  const address = `${running.url}/v1/traces`;
  expect(await found(address, {})).toEqual([{ code: 'otlp-allowed', level: 'ok', args: { url: 'URI' } }]);
  expect(running.requests).toHaveLength(1);
});

describe('of a Databricks workspace status says', () => {
  let workspace: DatabricksWorkspace;
  beforeEach(async () => {
    workspace = await DatabricksWorkspace.start();
    bench.env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  });
  afterEach(() => workspace.close());

  test('as an error what is wrong', async () => {
    expect(await found('databricks', { experimentId: '123' })).toMatchObject([
      { code: 'databricks-signed-in', level: 'ok' },
      { code: 'databricks-experiment', level: 'ok', args: { id: '123' } },
    ]);
    workspace.experiments.delete('123');
    expect(await found('databricks', { experimentId: '123' })).toMatchObject([
      { code: 'databricks-signed-in', level: 'ok' },
      { level: 'error' },
    ]);
    bench.env = {};
    expect(await found('databricks', { experimentId: '123' })).toMatchObject([
      { code: 'destination-problem', level: 'error' },
    ]);
  });
});
