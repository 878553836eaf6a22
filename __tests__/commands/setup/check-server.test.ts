import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkServer, makeExperiment, type ServerCheck } from '../../../src/commands/setup/check-server.js';
import type { TracingValues } from '../../../src/commands/setup/plans/plan-tracing.js';
import type { Finding } from '../../../src/platform/problems/finding.js';
import { DatabricksWorkspace } from '../../support/databricks-workspace.js';
import { closeLoopbacks, type Reply, startLoopback } from '../../support/loopback.js';
import { recordedPrompts } from '../recorded-prompts.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(async () => {
  bench.remove();
  await closeLoopbacks();
});

const GET = 'GET /api/2.0/mlflow/experiments/get';
const BY_NAME = 'GET /api/2.0/mlflow/experiments/get-by-name';
const CREATE = 'POST /api/2.0/mlflow/experiments/create';
const NOT_THERE = { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' };
const experiment = (stage: string) => ({
  status: 200,
  body: `{"experiment":{"experiment_id":"12","name":"mine","lifecycle_stage":"${stage}"}}`,
});

const VERSION: Record<string, Reply> = { 'GET /version': { status: 200, body: '3.17.2' } };
const server = (answers: Record<string, Reply> = {}) =>
  startLoopback(
    ({ method, url }) => ({ ...VERSION, ...answers })[`${method} ${url.split('?')[0]}`] ?? NOT_THERE,
  );

/** What setup finds, with the server's address as `URI`. */
async function found(
  uri: string,
  values: Partial<TracingValues> = {},
  prompts?: ReturnType<typeof recordedPrompts>['prompts'],
): Promise<unknown> {
  const all = { trackingUri: uri, experiment: { id: '7' }, traceLocation: undefined, ...values };
  return shown(await checkServer(all, bench.io(), prompts), uri);
}
const shown = (check: object, uri: string) => JSON.parse(JSON.stringify(check).replaceAll(uri, 'URI'));
const uri = 'URI';
const UP = { code: 'server-up', level: 'ok', args: { uri, version: '3.17.2' } };

describe('setup asks the server, and of it says', () => {
  test.each<[string, Reply, object]>([
    [
      'that it refuses the credentials',
      { status: 401, body: '' },
      { code: 'credentials-refused', level: 'warning', args: { uri, status: 401 } },
    ],
    [
      'that it is no MLflow',
      { status: 200, body: '<html>' },
      { code: 'server-not-mlflow', level: 'warning', args: { uri, status: 200 } },
    ],
  ])('%s', async (_, answer, finding) => {
    const { url } = await server({ 'GET /version': answer });
    expect(await found(url)).toEqual({ state: 'unknown', findings: [finding] });
  });

  test('that nobody is there', async () => {
    const { url, close } = await server();
    await close();
    expect(await found(url)).toEqual({
      state: 'down',
      findings: [{ code: 'server-down', level: 'warning', args: { uri, reason: 'ECONNREFUSED' } }],
    });
  });

  test('nothing of a collector, which is not asked', async () => {
    const { url, requests } = await server();
    expect(await found(`${url}/v1/traces`)).toEqual({ state: 'unknown', findings: [] });
    expect(requests).toEqual([]);
  });

  test('what keeps it from being asked at all', async () => {
    bench.env = { MLFLOW_TRACKING_TOKEN: 'hunter2\n' };
    expect(await found('http://127.0.0.1:9')).toEqual({
      state: 'unknown',
      findings: [
        {
          code: 'destination-problem',
          level: 'warning',
          args: {
            problem: 'header-value',
            message: expect.stringContaining('MLFLOW_TRACKING_TOKEN holds a character'),
            hint: expect.stringContaining('Set MLFLOW_TRACKING_TOKEN again'),
          },
        },
      ],
    });
  });
});

describe('setup asks for an experiment by its id, and of it says', () => {
  test.each<[string, Reply, object]>([
    [
      'that it is there',
      experiment('active'),
      { code: 'experiment-active', level: 'ok', args: { uri, id: '7', name: 'mine' } },
    ],
    [
      'that it is deleted',
      experiment('deleted'),
      { code: 'experiment-deleted', level: 'warning', args: { uri, id: '7' } },
    ],
    [
      'that there is none',
      NOT_THERE,
      { code: 'experiment-missing', level: 'warning', args: { uri, id: '7' } },
    ],
    [
      'that it is not this user’s',
      { status: 403, body: 'Permission denied' },
      { code: 'credentials-refused', level: 'warning', args: { uri, status: 403 } },
    ],
    [
      'that MLflow does not answer to this name',
      { status: 403, body: 'Invalid Host header - possible DNS rebinding attack detected' },
      { code: 'host-not-allowed', level: 'warning', args: { uri } },
    ],
    [
      'that nobody knows',
      { status: 500, body: '' },
      { code: 'experiment-unknown', level: 'warning', args: { uri, id: '7', reason: 'HTTP 500' } },
    ],
  ])('%s', async (_, answer, finding) => {
    const { url, requests } = await server({ [GET]: answer });
    expect(await found(url)).toEqual({ state: 'up', findings: [UP, finding] });
    expect(requests.map((request) => request.url)).toEqual([
      '/version',
      '/api/2.0/mlflow/experiments/get?experiment_id=7',
    ]);
  });

  test('nothing, where none is named', async () => {
    const { url, requests } = await server();
    expect(await found(url, { experiment: undefined })).toEqual({ state: 'up', findings: [UP] });
    expect(requests.map((request) => request.url)).toEqual(['/version']);
  });
});

describe('setup looks an experiment up by its name', () => {
  const named = { experiment: { name: 'mine' } };

  test('and finds its id', async () => {
    const { url } = await server({ [BY_NAME]: experiment('active') });
    const active = { code: 'experiment-active', level: 'ok', args: { uri, id: '12', name: 'mine' } };
    expect(await found(url, named)).toEqual({ state: 'up', findings: [UP, active] });
  });

  test('and says what is wrong with it', async () => {
    const { url } = await server({ [BY_NAME]: experiment('deleted') });
    const args = {
      problem: 'experiment-deleted',
      message: 'The experiment "mine" at URI is deleted',
      hint: 'mlflow experiments restore --experiment-id 12, or choose another with mlflow-codex setup',
    };
    expect(await found(url, named)).toEqual({
      state: 'up',
      findings: [UP, { code: 'destination-problem', level: 'warning', args }],
    });
  });

  test('to make it where there is none, unless a person does not want it', async () => {
    const { url } = await server();
    const check = async (...answers: string[]) => {
      const { prompts, told } = recordedPrompts(...answers);
      const result = (await checkServer(
        { trackingUri: url, ...named, traceLocation: undefined },
        bench.io(),
        prompts,
      )) as ServerCheck;
      return { told, findings: shown(result.findings, url), name: result.create?.name };
    };
    const told = [`confirm: There is no experiment "mine" at ${url}. Create it?`];
    expect(await check()).toEqual({ told, findings: [UP], name: 'mine' });
    const missing = { code: 'experiment-name-missing', level: 'warning', args: { uri, name: 'mine' } };
    expect(await check('n')).toEqual({ told, findings: [UP, missing], name: undefined });
    const alone = await checkServer(
      { trackingUri: url, ...named, traceLocation: undefined },
      bench.io(),
      undefined,
    );
    expect([alone.create?.name, alone.create?.server.trackingUri]).toEqual(['mine', url]);
  });

  test('and makes it, or says why it could not', async () => {
    const running = await server({ [CREATE]: { status: 200, body: '{"experiment_id":"12"}' } });
    const make = async (url: string) => {
      const { create } = await checkServer(
        { trackingUri: url, ...named, traceLocation: undefined },
        bench.io(),
        undefined,
      );
      if (create === undefined) throw new Error('it is not to be made');
      return shown(await makeExperiment(create), url);
    };
    expect(await make(running.url)).toEqual({
      code: 'experiment-created',
      level: 'ok',
      args: { uri, id: '12', name: 'mine' },
    });
    const { url } = await server({ [CREATE]: { status: 403, body: '' } });
    expect(await make(url)).toEqual({
      code: 'destination-problem',
      level: 'warning',
      args: {
        problem: 'experiment-not-created',
        message: 'The experiment "mine" could not be made at URI: HTTP 403',
        hint: 'mlflow experiments create --experiment-name "mine"',
      },
    });
  });
});

describe('of a Databricks workspace setup says', () => {
  let workspace: DatabricksWorkspace;
  beforeEach(async () => {
    workspace = await DatabricksWorkspace.start();
    bench.env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  });
  afterEach(async () => {
    await workspace.close();
    expect(workspace.violations).toEqual([]);
  });
  const at = async (values: Partial<TracingValues>) => {
    const all = { trackingUri: 'databricks', experiment: undefined, traceLocation: undefined, ...values };
    const { state, findings, create } = await checkServer(all, bench.io(), undefined);
    expect([state, create]).toEqual(['unknown', undefined]);
    return shown(findings, workspace.url) as Finding[];
  };
  const signedIn = {
    code: 'databricks-signed-in',
    level: 'ok',
    args: { host: uri, way: 'pat', source: 'environment' },
  };
  const there = (id: string, name: string, location: string) => ({
    code: 'databricks-experiment',
    level: 'ok',
    args: { id, name, location },
  });
  const problem = (name: string, message: string, hint: string) => ({
    code: 'destination-problem',
    level: 'warning',
    args: { problem: name, message, hint },
  });

  test.each<[string, Partial<TracingValues>, object[]]>([
    [
      'where an experiment is, by its id',
      { experiment: { id: '456' } },
      [signedIn, there('456', '/Users/dana/bound', 'main.traces.codex')],
    ],
    [
      'where an experiment is, by its path',
      { experiment: { name: '/Users/dana/codex' } },
      [signedIn, there('123', '/Users/dana/codex', '')],
    ],
    [
      'that it has no experiment of its own',
      {},
      [
        problem(
          'databricks-experiment-unset',
          'No Databricks experiment is named',
          'Set MLFLOW_EXPERIMENT_ID to the id of an experiment of the workspace (its page shows it), or mlflow-codex setup --experiment-id ID',
        ),
      ],
    ],
    [
      'that a trace location is another than the experiment’s',
      { experiment: { id: '456' }, traceLocation: 'main.traces.other' },
      [
        signedIn,
        there('456', '/Users/dana/bound', 'main.traces.other'),
        {
          code: 'databricks-location-differs',
          level: 'warning',
          args: { id: '456', named: 'main.traces.other', bound: 'main.traces.codex' },
        },
      ],
    ],
    [
      'that a trace location is none',
      { experiment: { id: '456' }, traceLocation: 'main' },
      [
        problem(
          'databricks-trace-location',
          'The trace location is not of the form catalog.schema.prefix',
          'Correct traceLocation or MLFLOW_TRACE_LOCATION, or leave it out: the experiment says where its traces lie',
        ),
      ],
    ],
  ])('%s', async (_, values, findings) => {
    expect(await at(values)).toEqual(findings);
  });

  test('in warnings what is wrong with it: the server may be mended later', async () => {
    bench.env['DATABRICKS_TOKEN'] = 'dapi-else';
    const findings = await at({ experiment: { id: '456' } });
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'warning']);
    bench.env = {};
    const [missing] = await at({ experiment: { id: '456' } });
    expect(missing).toMatchObject({ code: 'destination-problem', level: 'warning' });
  });

  test('that there is no such profile', async () => {
    const findings = await at({ trackingUri: 'databricks://gone', experiment: { id: '456' } });
    expect(JSON.stringify(findings)).toContain('no profile [gone]');
  });
});
