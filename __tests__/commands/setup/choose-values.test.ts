import { describe, expect, test } from '@jest/globals';
import { chooseScope, chooseValues } from '../../../src/commands/setup/choose-values.js';
import { parseSetupRequest } from '../../../src/commands/setup/plans/setup-request.js';
import { recordedPrompts } from '../recorded-prompts.js';

const file = (content?: object) => ({
  path: '/p/.codex/mlflow-tracing.json',
  backupFile: '/b',
  folderMissing: false,
  ...(content === undefined ? {} : { text: JSON.stringify(content) }),
});
const request = (...argv: string[]) => parseSetupRequest(argv);
/** A person who types these answers in turn; an empty one is Enter. */
function person(...answers: string[]) {
  const { prompts, told } = recordedPrompts(...answers);
  const of = (kind: string) =>
    told.flatMap((one) => (one.startsWith(`${kind}: `) ? one.slice(kind.length + 2) : []));
  return {
    prompts,
    told,
    get asked() {
      return of('text');
    },
    get said() {
      return [...of('fault'), ...of('say')];
    },
  };
}
const LOCAL = 'http://localhost:5000';

describe('what setup asks', () => {
  test('Enter takes what the file has, also where the environment has something else', async () => {
    const env = { MLFLOW_TRACKING_URI: 'http://env:1', MLFLOW_EXPERIMENT_ID: '7' };
    const who = person();
    const present = file({ trackingUri: 'http://mine:2', experimentId: '5' });
    expect(await chooseValues(request(), present, env, who.prompts)).toMatchObject({
      trackingUri: 'http://mine:2',
      experiment: { id: '5' },
    });
    expect(who.asked).toEqual(['MLflow tracking URI [http://mine:2]', 'MLflow experiment ID [5]']);
  });

  test('where the file has nothing, the environment is the default, its id before its name', async () => {
    const env = {
      MLFLOW_TRACKING_URI: 'http://env:1',
      MLFLOW_EXPERIMENT_ID: '7',
      MLFLOW_EXPERIMENT_NAME: 'nightly',
    };
    expect(await chooseValues(request(), file(), env, person().prompts)).toMatchObject({
      trackingUri: 'http://env:1',
      experiment: { id: '7' },
    });
    const named = { MLFLOW_EXPERIMENT_NAME: 'nightly' };
    expect(await chooseValues(request(), file(), named, person().prompts)).toMatchObject({
      experiment: { name: 'nightly' },
    });
  });

  test('a name in the environment or the file stays one, though it is digits', async () => {
    const env = { MLFLOW_EXPERIMENT_NAME: '7' };
    const none = await chooseValues(request(), file(), env, person().prompts);
    expect(none.experiment).toEqual({ name: '7' });
    const named = await chooseValues(request(), file({ experimentName: '8' }), env, person().prompts);
    expect(named.experiment).toEqual({ name: '8' });
    const workspace = request('--tracking-uri', 'databricks');
    expect((await chooseValues(workspace, file(), env, person().prompts)).experiment).toEqual({ name: '7' });
    const odd = { MLFLOW_EXPERIMENT_ID: 'no-id' };
    expect((await chooseValues(request(), file(), odd, person().prompts)).experiment).toEqual({
      name: 'no-id',
    });
    const who = person('', 'x7y');
    expect((await chooseValues(request(), file(), {}, who.prompts)).experiment).toEqual({ name: 'x7y' });
  });

  test('an address in the environment that no server can have is not offered', async () => {
    const who = person();
    await chooseValues(request(), file(), { MLFLOW_TRACKING_URI: './mlruns' }, who.prompts);
    expect(who.asked[0]).toBe(`MLflow tracking URI [${LOCAL}]`);
  });

  test('a wrong answer is asked for again, with what is wrong about it', async () => {
    const who = person('localhost:5000', 'http://h', '9'.repeat(20), '12');
    expect(await chooseValues(request(), file(), {}, who.prompts)).toMatchObject({
      trackingUri: 'http://h',
      experiment: { id: '12' },
    });
    expect(who.said).toEqual([
      'The tracking URI has no http:// or https://. Write http://localhost:5000 or https://localhost:5000',
      'An experiment id has at most 19 digits',
    ]);
  });

  test('what is no id is taken for a name, and said to be', async () => {
    const who = person('', 'my codex');
    expect((await chooseValues(request(), file(), {}, who.prompts)).experiment).toEqual({ name: 'my codex' });
    expect(who.said).toEqual(['"my codex" is no id: it is taken as the experiment’s name']);
  });

  test('a name that is there already needs no word', async () => {
    const who = person();
    await chooseValues(request(), file({ trackingUri: LOCAL, experimentName: 'x' }), {}, who.prompts);
    expect(who.said).toEqual([]);
  });

  test('nothing that the command line says', async () => {
    const who = person();
    const argv = ['--user', '--tracking-uri', 'http://h', '--experiment-name', 'x'];
    expect(await chooseScope(request(...argv), who.prompts, '~/.codex')).toBe('user');
    await chooseValues(request(...argv), file(), {}, who.prompts);
    expect(who.asked).toEqual([]);
  });

  test('the scope, the project first', async () => {
    const { prompts, told } = person('', 'user');
    expect(await chooseScope(request(), prompts, '~/.codex')).toBe('project');
    expect(await chooseScope(request(), prompts, '~/.codex')).toBe('user');
    const question =
      'select: Where should MLflow tracing be installed? | Project ./.codex/ (the sessions in this folder) | User ~/.codex/ (the sessions in all folders)';
    expect(told).toEqual([question, question]);
    expect(await chooseScope(request('--system'), prompts, '~/.codex')).toBe('system');
    expect(await chooseScope(request(), undefined, '~/.codex')).toBe('project');
    expect(await chooseScope(request('--user'), undefined, '~/.codex')).toBe('user');
    expect(told).toHaveLength(2);
  });

  test('an address that is wrong in itself, without a remedy where there is none', async () => {
    const who = person('x y', 'http://h');
    await chooseValues(request('--experiment-id', '1'), file(), {}, who.prompts);
    expect(who.told).toEqual([
      `text: MLflow tracking URI [${LOCAL}]`,
      'fault: The tracking URI has no http:// or https://. Use http://host:port, https://host, databricks or databricks://profile',
      `text: MLflow tracking URI [${LOCAL}]`,
    ]);
  });
});

describe('what setup asks of a workspace', () => {
  const workspace = ['--tracking-uri', 'databricks'];
  const QUESTION = 'text: Databricks experiment, its id or its path';
  const choose = async (content: object | undefined, env: NodeJS.ProcessEnv, ...answers: string[]) => {
    const { prompts, told } = recordedPrompts(...answers);
    return { values: await chooseValues(request(...workspace), file(content), env, prompts), told };
  };

  test('its experiment, which it has none of its own: asked for until there is one', async () => {
    expect(await choose(undefined, {}, '', '/Users/dana/codex')).toEqual({
      values: {
        trackingUri: 'databricks',
        experiment: { name: '/Users/dana/codex' },
        traceLocation: undefined,
      },
      told: [
        `${QUESTION} []`,
        'fault: Its id stands on the experiment’s page in the workspace',
        `${QUESTION} []`,
      ],
    });
    expect((await choose(undefined, {}, '12')).values.experiment).toEqual({ id: '12' });
  });

  test.each<[string, object | undefined, NodeJS.ProcessEnv, string, object]>([
    ['the file’s id', { experimentId: '5' }, { MLFLOW_EXPERIMENT_ID: '7' }, '5', { id: '5' }],
    ['the file’s path', { experimentName: '/a' }, { MLFLOW_EXPERIMENT_ID: '7' }, '/a', { name: '/a' }],
    [
      'the environment’s id',
      undefined,
      { MLFLOW_EXPERIMENT_ID: '7', MLFLOW_EXPERIMENT_NAME: '/b' },
      '7',
      { id: '7' },
    ],
    ['the environment’s path', undefined, { MLFLOW_EXPERIMENT_NAME: '/b' }, '/b', { name: '/b' }],
  ])('by default %s', async (_, content, env, shown, experiment) => {
    const { values, told } = await choose(content, env);
    expect([values.experiment, told]).toEqual([experiment, [`${QUESTION} [${shown}]`]]);
  });

  test.each(['databricks', 'databricks://team'])(
    'nothing that is said already, or nobody can be asked (%s)',
    async (uri) => {
      const present = file({ experimentId: '5', traceLocation: 'a.b.c' });
      const who = person();
      const said = request('--tracking-uri', uri, '--experiment-id', '6', '--trace-location', 'd.e.f');
      expect(await chooseValues(said, present, {}, who.prompts)).toEqual({
        trackingUri: uri,
        experiment: { id: '6' },
        traceLocation: 'd.e.f',
      });
      expect(who.told).toEqual([]);
      expect(await chooseValues(request('--tracking-uri', uri), present, {}, undefined)).toEqual({
        trackingUri: uri,
        experiment: { id: '5' },
        traceLocation: 'a.b.c',
      });
      const env = { MLFLOW_EXPERIMENT_ID: '7' };
      expect(await chooseValues(request('--tracking-uri', uri), file(), env, undefined)).toEqual({
        trackingUri: uri,
        experiment: undefined,
        traceLocation: undefined,
      });
    },
  );

  test('but not of a server whose name only begins like one', async () => {
    const present = file({ experimentId: '5', traceLocation: 'a.b.c' });
    const values = await chooseValues(
      request('--tracking-uri', 'http://databricks'),
      present,
      {},
      person().prompts,
    );
    expect(values).toEqual({
      trackingUri: 'http://databricks',
      experiment: { id: '5' },
      traceLocation: 'a.b.c',
    });
    const said = request('--tracking-uri', 'http://h', '--trace-location', 'd.e.f');
    expect((await chooseValues(said, present, {}, undefined)).traceLocation).toBe('d.e.f');
  });
});

test('without prompts the file counts, or the defaults, never the environment', async () => {
  const env = { MLFLOW_TRACKING_URI: 'http://env:1', MLFLOW_EXPERIMENT_ID: '7' };
  expect(await chooseValues(request(), file(), env, undefined)).toMatchObject({
    trackingUri: LOCAL,
    experiment: { id: '0' },
  });
  const present = file({ trackingUri: 'http://mine:2', experimentName: 'x' });
  expect(await chooseValues(request(), present, env, undefined)).toMatchObject({
    trackingUri: 'http://mine:2',
    experiment: { name: 'x' },
  });
});
