import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { resolveServer } from '../../src/mlflow/server.js';
import type { OwnerSettings } from '../../src/settings/owner-settings.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => rmSync(home, { recursive: true }));

const serverAt = (trackingUri: string, env: NodeJS.ProcessEnv = {}, owner?: Partial<OwnerSettings>) =>
  resolveServer(owner ? { trackingUri, owner: owner as OwnerSettings } : { trackingUri }, env, home);
const local = {
  url: 'http://localhost:5000/v1/traces',
  trackingUri: 'http://localhost:5000',
  headers: {},
  compression: 'none',
  tls: {},
  server: 'mlflow',
};

describe('a server', () => {
  test.each([
    ['http://localhost:5000', local],
    [
      'https://h/base/?tenant=1',
      {
        ...local,
        url: 'https://h/base/v1/traces?tenant=1',
        trackingUri: 'https://h/base',
        compression: 'gzip',
      },
    ],
    [
      'http://otel:4318/v1/traces/',
      {
        url: 'http://otel:4318/v1/traces',
        trackingUri: 'http://otel:4318/v1/traces',
        headers: {},
        compression: 'gzip',
        tls: {},
        server: 'collector',
      },
    ],
  ])('at %s is all that its address says', (uri, value) => {
    expect(serverAt(uri)).toEqual({ kind: 'value', value });
  });

  test.each([
    ['databricks', { kind: 'databricks' }],
    ['databricks://team', { kind: 'databricks', profile: 'team' }],
  ])('at %s is a workspace', (uri, found) => {
    expect(serverAt(uri)).toEqual(found);
  });

  test('has the owner’s headers, credentials and workspace, and the resource’s attributes', () => {
    const env = { MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_WORKSPACE: ' team-a ' };
    const owner = { headers: { 'x-team': 'search' }, resourceAttributes: { region: 'eu' } };
    expect(serverAt('http://localhost:5000', env, owner)).toEqual({
      kind: 'value',
      value: {
        ...local,
        headers: { 'x-team': 'search', authorization: 'Bearer abc', 'x-mlflow-workspace': 'team-a' },
        resourceAttributes: { region: 'eu' },
      },
    });
  });

  test('has the owner’s authorization where there are no other credentials', () => {
    const owner = { headers: { authorization: 'Basic own' } };
    const found = serverAt('http://localhost:5000', {}, owner);
    expect(found).toEqual({ kind: 'value', value: { ...local, headers: { authorization: 'Basic own' } } });
  });

  test('has token and certificates from files of the home folder', () => {
    for (const [name, text] of [
      ['token', 'abc'],
      ['ca.pem', 'CA'],
      ['own.pem', 'OWN'],
    ] as const) {
      mkdirSync(path.join(home, 'keys'), { recursive: true });
      writeFileSync(path.join(home, 'keys', name), text);
    }
    const owner = {
      tokenFile: '~/keys/token',
      serverCertPath: '~/keys/ca.pem',
      clientCertPath: '~/keys/own.pem',
    };
    expect(serverAt('https://localhost:5000', {}, owner)).toEqual({
      kind: 'value',
      value: {
        ...local,
        url: 'https://localhost:5000/v1/traces',
        trackingUri: 'https://localhost:5000',
        headers: { authorization: 'Bearer abc' },
        tls: { ca: Buffer.from('CA'), cert: Buffer.from('OWN'), key: Buffer.from('OWN') },
      },
    });
  });

  test('is reached through a proxy where the environment names one', () => {
    expect(serverAt('http://h', { HTTP_PROXY: 'http://p:1' })).toMatchObject({
      value: { proxy: 'http://p:1', tls: {} },
    });
  });
});

describe('no server', () => {
  test.each([
    ['environment', ' (MLFLOW_TRACKING_URI)'],
    ['user', ''],
  ])('is at an empty address that came from the %s', (trackingUri, whose) => {
    const settings = { trackingUri: ' ', sources: { trackingUri } };
    expect(resolveServer(settings, {}, home)).toEqual({
      kind: 'problem',
      code: 'tracking-uri-empty',
      message: `The tracking URI is empty${whose}`,
      hint: 'Use http://host:port, https://host, databricks or databricks://profile',
    });
    expect(serverAt('')).toMatchObject({ message: 'The tracking URI is empty' });
  });

  test.each([
    ['proxy-invalid', { HTTPS_PROXY: 'socks5://p' }, {}],
    ['certificate-unreadable', {}, { serverCertPath: '/gone.pem' }],
    ['token-file-empty', {}, { tokenFile: '~/gone' }],
    ['header-value', { MLFLOW_WORKSPACE: 'é' }, {}],
  ])('is known where there is the problem %s', (code, env, owner) => {
    expect(serverAt('https://h', env, owner)).toMatchObject({ kind: 'problem', code });
  });
});
