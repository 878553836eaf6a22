import { describe, expect, test } from '@jest/globals';
import {
  resolveDatabricks,
  type WorkspaceSettings,
} from '../../../src/mlflow/databricks/resolve-databricks.js';

const ENV = { DATABRICKS_HOST: 'w.example', DATABRICKS_TOKEN: 't' };
const signIn = {
  host: 'https://w.example',
  source: 'environment',
  ways: [{ way: 'pat', token: 't' }],
  passedOver: [],
};
const found = (settings: Partial<WorkspaceSettings>, env: NodeJS.ProcessEnv = ENV) => {
  const whole = { experimentId: '', sources: { experimentId: 'user' }, ...settings };
  return resolveDatabricks(whole, undefined, env, '/nowhere');
};

describe('a workspace as a destination', () => {
  test.each([
    [{ experimentId: '7' }, '7', { experiment: { id: '7' } }],
    [{ experimentName: '/Users/ada/a' }, '/Users/ada/a', { experiment: { name: '/Users/ada/a' } }],
    [{ experimentId: '7', experimentName: 'a' }, '7', { experiment: { id: '7' } }],
    [
      { experimentId: '0', experimentName: 'a', sources: { experimentId: 'default' } },
      'a',
      { experiment: { name: 'a' } },
    ],
    [{ traceLocation: 'a.b.c' }, 'a.b.c', { traceLocation: 'a.b.c' }],
    [
      { experimentId: '7', traceLocation: 'a.b.c' },
      'a.b.c',
      { experiment: { id: '7' }, traceLocation: 'a.b.c' },
    ],
  ])('is, for the settings %j, whole', (settings, experimentId, more) => {
    expect(found(settings)).toEqual({
      kind: 'value',
      value: {
        url: 'https://w.example',
        trackingUri: 'https://w.example',
        experimentId,
        headers: {},
        compression: 'none',
        tls: {},
        server: 'databricks',
        databricks: { signIn, ...more },
      },
    });
  });

  test('is reached through the proxy of its own host', () => {
    const env = { ...ENV, HTTPS_PROXY: 'http://p:1' };
    expect(found({ experimentId: '7' }, env)).toMatchObject({ value: { proxy: 'http://p:1' } });
    const value = { ...env, NO_PROXY: 'w.example' };
    expect(found({ experimentId: '7' }, value)).not.toHaveProperty('value.proxy');
  });

  test.each([
    [
      { experimentId: '0', sources: { experimentId: 'default' } },
      ENV,
      'databricks-experiment-unset',
      'No Databricks experiment is named',
      'Set MLFLOW_EXPERIMENT_ID to the id of an experiment of the workspace (its page shows it), or mlflow-codex setup --experiment-id ID',
    ],
    [
      { experimentId: '7', traceLocation: 'a.b' },
      ENV,
      'databricks-trace-location',
      'The trace location is not of the form catalog.schema.prefix',
      'Correct traceLocation or MLFLOW_TRACE_LOCATION, or leave it out: the experiment says where its traces lie',
    ],
    [
      { experimentId: '7' },
      { ...ENV, HTTPS_PROXY: 'ftp://p' },
      'proxy-invalid',
      'HTTPS_PROXY is not the address of an HTTP proxy',
      "Set HTTPS_PROXY to http://host:port, or name the server's host in NO_PROXY",
    ],
  ])('is none for the settings %j under %j', (settings, env, code, message, hint) => {
    expect(found(settings, env)).toEqual({ kind: 'problem', code, message, hint });
  });

  test('is none without a sign-in', () => {
    expect(found({ experimentId: '7' }, {})).toMatchObject({ code: 'databricks-access-missing' });
  });
});
