import { describe, expect, test } from '@jest/globals';
import { askExperiment } from '../../../src/mlflow/databricks/ask-experiment.js';
import { checkWorkspace } from '../../../src/mlflow/databricks/check-workspace.js';
import type {
  Workspace,
  WorkspaceAnswer,
  WorkspaceRequest,
} from '../../../src/mlflow/databricks/workspace.js';

const answer = (status: number, body: unknown): WorkspaceAnswer =>
  ({
    kind: 'answer',
    status,
    headers: {},
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }) as WorkspaceAnswer;
const told = (experiment: object) =>
  answer(200, { experiment: { experiment_id: '7', name: 'n', ...experiment } });

/** A workspace that answers so, signed in by a token. */
function workspace(said: WorkspaceAnswer, databricks: object = {}) {
  const asked: WorkspaceRequest[] = [];
  const signIn = { host: 'https://w', source: 'environment', ways: [{ way: 'pat' }], passedOver: [] };
  const found = {
    host: 'https://w',
    ask: async (request: WorkspaceRequest) => {
      asked.push(request);
      return said;
    },
    token: async () => ({ kind: 'token' }),
    destination: { databricks: { signIn, experiment: { id: '7' }, ...databricks } },
  };
  return { found: found as unknown as Workspace, asked };
}
const ask = (said: WorkspaceAnswer) => askExperiment(workspace(said).found, { id: '7' }, 1000);

describe('an experiment of a workspace', () => {
  test('is asked for by its id or its name', async () => {
    const { found, asked } = workspace(told({}));
    await askExperiment(found, { id: '7/8' }, 1000);
    await askExperiment(found, { name: '/Users/ada/a b' }, 1000);
    expect(asked.map(({ method, path, timeoutMs }) => `${method} ${path} ${timeoutMs}`)).toEqual([
      'GET /api/2.0/mlflow/experiments/get?experiment_id=7%2F8 1000',
      'GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=%2FUsers%2Fada%2Fa%20b 1000',
    ]);
  });

  test('keeps its traces in itself, unless a tag binds it to Unity Catalog', async () => {
    const tag = (key: string, value: unknown) => ({ key: `mlflow.experiment.databricksTrace${key}`, value });
    const location = async (...tags: unknown[]) => {
      const state = await ask(told({ tags }));
      return state.kind === 'experiment' ? state.value.location : state;
    };
    expect(await location()).toEqual({ kind: 'experiment', experimentId: '7' });
    const bound = tag('DestinationPath', 'a.b.c');
    expect(await location(null, { key: 7 }, { key: 'x' }, bound)).toEqual({
      kind: 'unity-catalog',
      prefix: 'a.b.c',
      spansTable: 'a.b.c_otel_spans',
    });
    expect(await location(bound, tag('SpanStorageTable', 'a.b.own'))).toMatchObject({
      spansTable: 'a.b.own',
    });
    expect(await location(tag('DestinationPath', 'a.b'))).toEqual({ kind: 'unknown binding', path: 'a.b' });
    expect(await location(tag('DestinationPath', 7))).toEqual({ kind: 'experiment', experimentId: '7' });
  });

  test.each([
    [{}, { name: 'n', isDeleted: false }],
    [{ lifecycle_stage: 'active' }, { isDeleted: false }],
    [{ lifecycle_stage: 'deleted' }, { isDeleted: true }],
    [{ name: 7 }, { name: '' }],
  ])('that is told as %j is %j', async (experiment, value) => {
    expect(await ask(told(experiment))).toMatchObject({ kind: 'experiment', value: { id: '7', ...value } });
  });

  test.each([
    ['an error with an experiment in it', answer(500, { experiment: { experiment_id: '7' } })],
    ['no id', told({ experiment_id: undefined })],
    ['an id that is no number', told({ experiment_id: '../7' })],
    ['no JSON', answer(200, '<html>')],
    ['a 404 of another kind', answer(404, 'ENDPOINT_NOT_FOUND')],
  ])('is not guessed from %s', async (_, said) => {
    expect(await ask(said)).toEqual({ kind: 'no answer', answer: said });
  });
});

describe('a check of a workspace', () => {
  const check = async (said: WorkspaceAnswer, databricks?: object) =>
    (await checkWorkspace(workspace(said, databricks).found, 'warning', 1000)).map(
      ({ code, level, args }) => {
        const { problem = '', message = '', hint = '' } = args as Record<string, string>;
        return [level, code, problem, message, hint].filter(Boolean).join(' | ');
      },
    );
  const signedIn = 'ok | databricks-signed-in';

  test.each([
    [
      answer(401, ''),
      'databricks-token-refused | https://w refuses the token (HTTP 401; environment) | Make a new one in the workspace (Settings, Developer, Access tokens) and set it where the old one is: environment',
    ],
    [
      answer(403, ''),
      'databricks-no-permission | https://w lets you in, but not to experiment 7 (HTTP 403) | Ask for CAN EDIT',
    ],
    [
      answer(500, ''),
      'databricks-unclear | https://w does not answer as a workspace does when asked for experiment 7 (HTTP 500) | Correct the host; where it is right, try again later',
    ],
    [
      answer(404, 'RESOURCE_DOES_NOT_EXIST'),
      'databricks-experiment-missing | There is no experiment 7 at https://w | Set MLFLOW_EXPERIMENT_ID',
    ],
    [
      told({ lifecycle_stage: 'deleted' }),
      'databricks-experiment-deleted | Experiment 7 at https://w is deleted | Restore it in the workspace',
    ],
    [
      { kind: 'failed', code: 'X', reason: 'ENOTFOUND', reached: false } as WorkspaceAnswer,
      'databricks-down | https://w does not answer (ENOTFOUND) | Correct the host',
    ],
    [{ kind: 'no token', problem: { code: 'c', message: 'm', hint: 'h' } } as WorkspaceAnswer, 'c | m | h'],
  ])('after %j names the fault and the remedy', async (said, words) => {
    const [first, second = '', ...others] = await check(said);
    expect([first, others]).toEqual([signedIn, []]);
    expect(second).toContain(`warning | destination-problem | ${words}`);
  });

  test.each([
    [
      'oauth-m2m',
      'Look whether the service principal may use the workspace, and renew its secret: environment',
    ],
    ['databricks-cli', 'databricks auth login'],
    ['azure-cli', 'az login'],
  ])('says how a token got by %s is renewed', async (way, remedy) => {
    const signIn = { host: 'https://w', source: 'environment', ways: [{ way }], passedOver: [] };
    expect((await check(answer(401, ''), { signIn }))[1]?.split(' | ')[4]).toBe(remedy);
  });

  test('tells of an experiment that is bound elsewhere than the settings say, and of none', async () => {
    expect(await check(told({}))).toEqual([signedIn, 'ok | databricks-experiment']);
    expect(await check(told({}), { traceLocation: 'a.b.c' })).toEqual([
      signedIn,
      'ok | databricks-experiment',
      'warning | databricks-location-differs',
    ]);
    expect(await check(told({}), { traceLocation: 'a.b.c', experiment: undefined })).toEqual([
      signedIn,
      'info | databricks-location-alone',
    ]);
  });
});
