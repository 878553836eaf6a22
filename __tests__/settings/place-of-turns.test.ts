import { describe, expect, test } from '@jest/globals';
import type { Settings } from '../../src/settings/merge-settings.js';
import {
  isSamePlace,
  placeInEnvironment,
  placeOf,
  whereaboutsOf,
} from '../../src/settings/place-of-turns.js';

describe('what an environment says of where turns go', () => {
  test('is two digests, which hold no address', () => {
    expect(placeInEnvironment({ MLFLOW_TRACKING_URI: 'http://ada:secret@h' })).toMatch(
      /^[0-9a-f]{12} [0-9a-f]{12}$/,
    );
  });

  test('is the same for an address written otherwise, and for what says nothing of it', () => {
    const place = placeInEnvironment({ MLFLOW_TRACKING_URI: 'http://h:5000' });
    expect(placeInEnvironment({ MLFLOW_TRACKING_URI: ' HTTP://H:5000/ ', EDITOR: 'vi' })).toBe(place);
    expect(placeInEnvironment({ MLFLOW_TRACKING_URI: '' })).toBe(placeInEnvironment({}));
  });

  test.each([
    ['MLFLOW_TRACKING_URI', 0],
    ['MLFLOW_EXPERIMENT_ID', 0],
    ['MLFLOW_EXPERIMENT_NAME', 0],
    ['MLFLOW_TRACE_LOCATION', 0],
    ['MLFLOW_WORKSPACE', 0],
    ['DATABRICKS_HOST', 1],
    ['DATABRICKS_CONFIG_PROFILE', 1],
    ['DATABRICKS_CONFIG_FILE', 1],
  ])('is another by %s, in its own digest alone', (name, index) => {
    const [before, after] = [{}, { [name]: 'x' }].map((env) => placeInEnvironment(env).split(' '));
    expect([0, 1].map((at) => before?.[at] !== after?.[at])).toEqual([index === 0, index === 1]);
  });

  test('tells an id from a name of the same words', () => {
    expect(placeInEnvironment({ MLFLOW_EXPERIMENT_ID: '7' })).not.toBe(
      placeInEnvironment({ MLFLOW_EXPERIMENT_NAME: '7' }),
    );
  });
});

describe('where settings send turns', () => {
  const settings = (more: Partial<Settings> = {}) =>
    ({ trackingUri: 'http://h', experimentId: '7', ...more }) as Settings;
  const key = (more?: Partial<Settings>, env: NodeJS.ProcessEnv = {}) =>
    whereaboutsOf(settings(more), env).key;

  test('is told by server, experiment, location and workspace', () => {
    const keys = [
      key(),
      key({ trackingUri: 'http://i' }),
      key({ experimentId: '8' }),
      key({ experimentName: 'n' }),
      key({ traceLocation: 'n' }),
      key({}, { MLFLOW_WORKSPACE: 'n' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key({ trackingUri: 'HTTP://H/' })).toBe(key());
    expect(key()).toMatch(/^[0-9a-f]{12}$/);
  });

  test('depends on Databricks’ variables for a workspace alone', () => {
    const env = { DATABRICKS_HOST: 'https://w' };
    expect(whereaboutsOf(settings(), env)).toEqual({ key: key(), isWorkspace: false });
    const workspace = { trackingUri: 'databricks' };
    expect(whereaboutsOf(settings(workspace), env)).toEqual({ key: key(workspace, env), isWorkspace: true });
    expect(key(workspace, env)).not.toBe(key(workspace));
  });
});

describe('a thread’s turns', () => {
  const server = { key: 'k', isWorkspace: false };
  const workspace = { key: 'k', isWorkspace: true };

  test('keep with them what their environment said, and where that led', () => {
    expect([placeOf('m d', undefined), placeOf('m d', server)]).toEqual(['m d', 'm d k']);
  });

  test.each([
    ['m d', 'm d', undefined, true],
    ['m d', 'm other', undefined, true],
    ['m d', 'm other', server, true],
    ['m d', 'm other', workspace, false],
    ['m d', 'other d', workspace, false],
    ['m d k', 'other other', workspace, true],
    ['m d k', 'other d', { key: 'l', isWorkspace: false }, false],
    ['m d k', 'other d', undefined, false],
    ['m d', 'other d', { key: undefined as never, isWorkspace: false }, false],
  ])('of %j may be sent from %j, which leads to %j: %s', (place, environment, whereabouts, is) => {
    expect(isSamePlace(place, environment, whereabouts)).toBe(is);
  });
});
