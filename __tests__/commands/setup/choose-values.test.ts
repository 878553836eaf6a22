import { describe, expect, test } from '@jest/globals';
import { chooseScope, chooseValues } from '../../../src/commands/setup/choose-values.js';
import { parseSetupRequest } from '../../../src/commands/setup/plans/setup-request.js';
import type { Prompts, TextQuestion } from '../../../src/terminal/prompts.js';

/** A person who types these answers in turn; an empty one is Enter. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const said: string[] = [];
  const next = (message: string) => {
    asked.push(message);
    return answers.shift() ?? '';
  };
  const prompts: Prompts = {
    intro: () => {},
    outro: () => {},
    note: () => {},
    warn: () => {},
    say: (text) => void said.push(text),
    select: async (message, choices, initial) => {
      const answer = next(message);
      return choices.find(({ value }) => value === answer)?.value ?? initial;
    },
    text: async ({ message, fallback, fault }: TextQuestion) => {
      for (;;) {
        const answer = next(message) || fallback;
        const wrong = fault(answer);
        if (wrong === undefined) return answer;
        said.push(wrong);
      }
    },
    confirm: async (message) => next(message) !== 'n',
  };
  return { prompts, asked, said };
}

const file = (content?: object) => ({
  path: '/p/.codex/mlflow-tracing.json',
  backupFile: '/b',
  folderMissing: false,
  ...(content === undefined ? {} : { text: JSON.stringify(content) }),
});
const request = (...argv: string[]) => parseSetupRequest(argv);
const LOCAL = 'http://localhost:5000';

describe('what setup asks', () => {
  test('Enter takes what the file has, also where the environment has something else', async () => {
    const env = { MLFLOW_TRACKING_URI: 'http://env:1', MLFLOW_EXPERIMENT_ID: '7' };
    const { prompts, asked } = person();
    const present = file({ trackingUri: 'http://mine:2', experimentId: '5' });
    expect(await chooseValues(request(), present, env, prompts)).toMatchObject({
      trackingUri: 'http://mine:2',
      experiment: { id: '5' },
    });
    expect(asked).toEqual(['MLflow tracking URI [http://mine:2]', 'MLflow experiment ID [5]']);
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

  test('an address in the environment that no server can have is not offered', async () => {
    const { prompts, asked } = person();
    await chooseValues(request(), file(), { MLFLOW_TRACKING_URI: './mlruns' }, prompts);
    expect(asked[0]).toBe(`MLflow tracking URI [${LOCAL}]`);
  });

  test('a wrong answer is asked for again, with what is wrong about it', async () => {
    const { prompts, said } = person('localhost:5000', 'http://h', '9'.repeat(20), '12');
    expect(await chooseValues(request(), file(), {}, prompts)).toMatchObject({
      trackingUri: 'http://h',
      experiment: { id: '12' },
    });
    expect(said).toEqual([
      expect.stringContaining('Write http://localhost:5000'),
      'An experiment id has at most 19 digits',
    ]);
  });

  test('what is no id is taken for a name, and said to be', async () => {
    const { prompts, said } = person('', 'my codex');
    expect((await chooseValues(request(), file(), {}, prompts)).experiment).toEqual({ name: 'my codex' });
    expect(said).toEqual(['"my codex" is no id: it is taken as the experiment’s name']);
  });

  test('a name that is there already needs no word', async () => {
    const { prompts, said } = person();
    await chooseValues(request(), file({ trackingUri: LOCAL, experimentName: 'x' }), {}, prompts);
    expect(said).toEqual([]);
  });

  test('nothing that the command line says', async () => {
    const { prompts, asked } = person();
    const argv = ['--user', '--tracking-uri', 'http://h', '--experiment-name', 'x'];
    expect(await chooseScope(request(...argv), prompts, '~/.codex')).toBe('user');
    await chooseValues(request(...argv), file(), {}, prompts);
    expect(asked).toEqual([]);
  });

  test('the scope, the project first', async () => {
    const { prompts, asked } = person('', 'user');
    expect(await chooseScope(request(), prompts, '~/.codex')).toBe('project');
    expect(await chooseScope(request(), prompts, '~/.codex')).toBe('user');
    expect(asked[0]).toBe('Where should MLflow tracing be installed?');
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
