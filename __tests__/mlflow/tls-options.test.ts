import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { tlsOptions } from '../../src/mlflow/tls-options.js';

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  for (const name of ['variable', 'config']) {
    writeFileSync(path.join(folder, `${name}-ca.pem`), `CA of the ${name}`);
    writeFileSync(path.join(folder, `${name}-own.pem`), `OWN of the ${name}`);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
const pem = (text: string) => Buffer.from(text);

describe('a connection’s TLS', () => {
  test('is Node’s own where nothing is set', () => {
    expect(tlsOptions({})).toEqual({ kind: 'value', value: {} });
  });

  test('has the authorities and the client’s certificate of the config', () => {
    const files = { serverCertPath: at('config-ca.pem'), clientCertPath: at('config-own.pem') };
    const own = pem('OWN of the config');
    expect(tlsOptions({}, files)).toEqual({
      kind: 'value',
      value: { ca: pem('CA of the config'), cert: own, key: own },
    });
    expect(tlsOptions({}, { serverCertPath: at('config-ca.pem') })).toEqual({
      kind: 'value',
      value: { ca: pem('CA of the config') },
    });
  });

  test('has those that MLflow’s variables name before the config’s, one by one', () => {
    const files = { serverCertPath: at('config-ca.pem'), clientCertPath: at('config-own.pem') };
    const [ca, own] = [pem('CA of the variable'), pem('OWN of the variable')];
    expect(tlsOptions({ MLFLOW_TRACKING_SERVER_CERT_PATH: at('variable-ca.pem') }, files)).toEqual({
      kind: 'value',
      value: { ca, cert: pem('OWN of the config'), key: pem('OWN of the config') },
    });
    expect(tlsOptions({ MLFLOW_TRACKING_CLIENT_CERT_PATH: at('variable-own.pem') }, files)).toEqual({
      kind: 'value',
      value: { ca: pem('CA of the config'), cert: own, key: own },
    });
  });

  test('verifies nothing where that is asked for, unless authorities are named', () => {
    const insecure = { MLFLOW_TRACKING_INSECURE_TLS: 'true' };
    const own = pem('OWN of the config');
    expect(tlsOptions(insecure, { clientCertPath: at('config-own.pem') })).toEqual({
      kind: 'value',
      value: { rejectUnauthorized: false, cert: own, key: own },
    });
    expect(tlsOptions(insecure, { serverCertPath: at('config-ca.pem') })).toEqual({
      kind: 'value',
      value: { ca: pem('CA of the config') },
    });
  });

  test.each([
    ['MLFLOW_TRACKING_SERVER_CERT_PATH', { MLFLOW_TRACKING_SERVER_CERT_PATH: '/gone.pem' }, {}],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', { MLFLOW_TRACKING_CLIENT_CERT_PATH: '/gone.pem' }, {}],
    ['serverCertPath', {}, { serverCertPath: '/gone.pem' }],
    ['clientCertPath', {}, { clientCertPath: '/gone.pem' }],
  ])('is a problem where the file of %s is not there', (by, env, files) => {
    expect(tlsOptions(env, files)).toEqual({
      kind: 'problem',
      code: 'certificate-unreadable',
      message: `/gone.pem (${by}) cannot be read (ENOENT)`,
      hint: `Let ${by} name a readable PEM file`,
    });
  });
});
