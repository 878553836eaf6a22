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
    expect(await location(bound, tag('SpanStorageTable', 'a.b.own'))).toEqual({
      kind: 'unity-catalog',
      prefix: 'a.b.c',
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
    const location = { kind: 'experiment', experimentId: '7' };
    const whole = { id: '7', name: 'n', isDeleted: false, location, ...value };
    expect(await ask(told(experiment))).toEqual({ kind: 'experiment', value: whole });
  });

  test('that is not there is missing', async () => {
    expect(await ask(answer(404, 'RESOURCE_DOES_NOT_EXIST'))).toEqual({ kind: 'missing' });
  });

  test.each([
    ['an error with an experiment in it', answer(500, { experiment: { experiment_id: '7' } })],
    ['no id', told({ experiment_id: undefined })],
    ['an id that is no number', told({ experiment_id: '../7' })],
    ['no JSON', answer(200, '<html>')],
    ['a 404 of another kind', answer(404, 'ENDPOINT_NOT_FOUND')],
    ['an error that names a missing one', answer(400, 'RESOURCE_DOES_NOT_EXIST')],
    ['no answer', { kind: 'failed', code: 'X', reason: 'x', reached: false } as WorkspaceAnswer],
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

  const level = 'warning';
  const signIn = { host: 'https://w', source: 'environment', ways: [{ way: 'pat' }], passedOver: [] };
  const OK = {
    code: 'databricks-signed-in',
    level: 'ok',
    args: { host: 'https://w', way: 'pat', source: 'environment' },
  };
  const experimentAt = (location: string) => ({
    code: 'databricks-experiment',
    level: 'ok',
    args: { id: '7', name: 'n', location },
  });
  const whole = (said: WorkspaceAnswer, databricks: object = {}) =>
    checkWorkspace(workspace(said, { signIn, experiment: { id: '7' }, ...databricks }).found, level, 1000);
  const boundTo = (value: string) =>
    told({ tags: [{ key: 'mlflow.experiment.databricksTraceDestinationPath', value }] });

  test.each([
    ['in itself', told({}), {}, [OK, experimentAt('')]],
    ['in Unity Catalog', boundTo('a.b.c'), {}, [OK, experimentAt('a.b.c')]],
    ['where the settings say', boundTo('a.b.c'), { traceLocation: 'a.b.c' }, [OK, experimentAt('a.b.c')]],
    [
      'elsewhere than the settings say',
      boundTo('a.b.c'),
      { traceLocation: 'd.e.f' },
      [
        OK,
        experimentAt('d.e.f'),
        {
          code: 'databricks-location-differs',
          level: 'warning',
          args: { id: '7', named: 'd.e.f', bound: 'a.b.c' },
        },
      ],
    ],
    [
      'nowhere, and the settings somewhere',
      told({}),
      { traceLocation: 'd.e.f' },
      [
        OK,
        experimentAt('d.e.f'),
        {
          code: 'databricks-location-differs',
          level: 'warning',
          args: { id: '7', named: 'd.e.f', bound: '' },
        },
      ],
    ],
    [
      'where only the settings know',
      told({}),
      { traceLocation: 'd.e.f', experiment: undefined },
      [OK, { code: 'databricks-location-alone', level: 'info', args: { location: 'd.e.f' } }],
    ],
    [
      'in itself, where there was a second way of signing in',
      told({}),
      { signIn: { ...signIn, passedOver: ['oauth-m2m'] } },
      [
        {
          code: 'databricks-two-ways',
          level: 'warning',
          args: { source: 'environment', way: 'pat', passedOver: ['oauth-m2m'] },
        },
        OK,
        experimentAt(''),
      ],
    ],
  ])('finds that an experiment keeps its traces %s', async (_, said, databricks, findings) => {
    expect(await whole(said, databricks)).toEqual(findings);
  });

  const NAME_ONE =
    'Set MLFLOW_EXPERIMENT_ID to the id of an experiment of the workspace (its page shows it), or mlflow-codex setup --experiment-id ID';
  test.each<[string, WorkspaceAnswer, string, string, string]>([
    [
      'a deleted experiment',
      told({ lifecycle_stage: 'deleted' }),
      'databricks-experiment-deleted',
      'Experiment "a" at https://w is deleted',
      'Restore it in the workspace (mlflow experiments restore), or name another one: mlflow-codex setup',
    ],
    [
      'a missing one',
      answer(404, 'RESOURCE_DOES_NOT_EXIST'),
      'databricks-experiment-missing',
      'There is no experiment "a" at https://w',
      NAME_ONE,
    ],
    [
      'one that is bound to a schema',
      boundTo('a.b'),
      'databricks-experiment-binding',
      'Experiment "a" is bound to a.b, which is not catalog.schema.prefix',
      'Bind it to a catalog.schema.prefix (mlflow.set_experiment), or name another one: mlflow-codex setup',
    ],
    [
      'one that is not ours to use',
      answer(403, ''),
      'databricks-no-permission',
      'https://w lets you in, but not to experiment "a" (HTTP 403)',
      'Ask for CAN EDIT on the experiment (in Unity Catalog also for MODIFY and SELECT on its tables)',
    ],
    [
      'an answer of something else',
      answer(500, ''),
      'databricks-unclear',
      'https://w does not answer as a workspace does when asked for experiment "a" (HTTP 500)',
      'Correct the host; where it is right, try again later: turns are sent then',
    ],
    [
      'no answer',
      { kind: 'failed', code: 'X', reason: 'ENOTFOUND', reached: false } as WorkspaceAnswer,
      'databricks-down',
      'https://w does not answer (ENOTFOUND)',
      'Correct the host, or look at the network and at HTTPS_PROXY',
    ],
  ])('says of %s what to do', async (_, said, problem, message, hint) => {
    expect(await whole(said, { experiment: { name: 'a' } })).toEqual([
      OK,
      { code: 'destination-problem', level, args: { problem, message, hint } },
    ]);
  });

  test('ends at a sign-in that gives no token', async () => {
    const { found, asked } = workspace(told({}));
    const problem = { kind: 'problem', code: 'c', message: 'm', hint: 'h' };
    const refusing = { ...found, token: async () => ({ kind: 'no token', problem, blocked: true }) };
    expect(await checkWorkspace(refusing as unknown as Workspace, 'error', 1000)).toEqual([
      { code: 'destination-problem', level: 'error', args: { problem: 'c', message: 'm', hint: 'h' } },
    ]);
    expect(asked).toEqual([]);
  });
});
