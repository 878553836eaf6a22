import { describe, expect, test } from '@jest/globals';
import { type FixedValues, setBySystem } from '../../../src/commands/setup/set-by-system.js';
import { overridingVariables, valuesInEffect } from '../../../src/commands/setup/values-in-effect.js';

const written = { trackingUri: 'http://h/', experiment: { id: '7' }, traceLocation: 'w.w.w' };
const ENV = { MLFLOW_TRACKING_URI: 'http://env', MLFLOW_EXPERIMENT_ID: '8', MLFLOW_TRACE_LOCATION: 'e.e.e' };

describe('what counts in this shell', () => {
  test.each<[string, NodeJS.ProcessEnv, FixedValues, object]>([
    ['what is written', {}, {}, written],
    [
      'before that the environment',
      ENV,
      {},
      { trackingUri: 'http://env', experiment: { id: '8' }, traceLocation: 'e.e.e' },
    ],
    [
      'before both what an administrator has fixed',
      ENV,
      { trackingUri: 'http://fix', experimentName: 'fix', traceLocation: 'f.f.f' },
      { trackingUri: 'http://fix', experiment: { name: 'fix' }, traceLocation: 'f.f.f' },
    ],
    [
      'an id before a name, in the environment',
      { MLFLOW_EXPERIMENT_ID: '8', MLFLOW_EXPERIMENT_NAME: 'n' },
      {},
      { ...written, experiment: { id: '8' } },
    ],
    [
      'a name of the environment',
      { MLFLOW_EXPERIMENT_NAME: 'n' },
      {},
      { ...written, experiment: { name: 'n' } },
    ],
    [
      'an id before a name, of an administrator',
      {},
      { experimentId: '9', experimentName: 'n' },
      { ...written, experiment: { id: '9' } },
    ],
  ])('is %s', (_, env, fixed, expected) => {
    expect(valuesInEffect(written, env, fixed)).toStrictEqual(expected);
  });
});

describe('a variable that comes before what was written is told', () => {
  const told = (env: NodeJS.ProcessEnv, experiment?: { id: string } | { name: string }) =>
    overridingVariables({ trackingUri: 'http://h', experiment, traceLocation: undefined }, env);
  const one = (variable: string, value: string) => ({
    code: 'environment-overrides',
    level: 'info',
    args: { variable, value },
  });

  test('each with its value, where it says something else', () => {
    const env = {
      MLFLOW_TRACKING_URI: 'http://env/',
      MLFLOW_EXPERIMENT_ID: '8',
      MLFLOW_EXPERIMENT_NAME: 'n',
    };
    expect(told(env, { id: '7' })).toStrictEqual([
      one('MLFLOW_TRACKING_URI', 'http://env'),
      one('MLFLOW_EXPERIMENT_ID', '8'),
      one('MLFLOW_EXPERIMENT_NAME', 'n'),
    ]);
    expect(told(env)).toHaveLength(3);
  });

  test('and not where it says the same', () => {
    expect(told({})).toEqual([]);
    expect(told({ MLFLOW_TRACKING_URI: 'http://h/' })).toEqual([]);
    expect(told({ MLFLOW_EXPERIMENT_ID: '7' }, { id: '7' })).toEqual([]);
    expect(told({ MLFLOW_EXPERIMENT_NAME: 'n' }, { name: 'n' })).toEqual([]);
    expect(told({ MLFLOW_EXPERIMENT_NAME: 'n' }, { name: 'm' })).toEqual([
      one('MLFLOW_EXPERIMENT_NAME', 'n'),
    ]);
  });
});

describe('what an administrator has fixed is told', () => {
  const told = (
    fixed: FixedValues,
    experiment: { id: string } | { name: string } | undefined = { id: '7' },
  ) => setBySystem({ ...written, experiment }, fixed, '/f');
  const one = (field: string) => ({ code: 'set-by-system', level: 'warning', args: { source: '/f', field } });

  test.each<[string, FixedValues, object[]]>([
    ['nothing', {}, []],
    ['another address', { trackingUri: 'http://fix' }, [one('trackingUri')]],
    ['the same address', { trackingUri: 'http://h//' }, []],
    ['another id', { experimentId: '8' }, [one('experimentId')]],
    ['the same id', { experimentId: '7' }, []],
    ['a name, where an id is written', { experimentName: 'n' }, []],
    ['both', { trackingUri: 'http://fix', experimentId: '8' }, [one('trackingUri'), one('experimentId')]],
  ])('where it is %s', (_, fixed, findings) => {
    expect(told(fixed)).toStrictEqual(findings);
  });

  test('where it is another name than the one that is written', () => {
    expect(told({ experimentName: 'n' }, { name: 'm' })).toStrictEqual([one('experimentName')]);
    expect(told({ experimentName: 'n' }, { name: 'n' })).toEqual([]);
    expect(setBySystem({ ...written, experiment: undefined }, { experimentId: '8' }, '/f')).toEqual([]);
  });
});
