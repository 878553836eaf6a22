import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveDestination } from '../../src/mlflow/destination.js';
import type { Destination } from '../../src/mlflow/server.js';
import type { TracingConfig } from '../../src/settings/files/tracing-config.js';
import { mergeSettings, type Settings } from '../../src/settings/merge-settings.js';
import { closeLoopbacks, startLoopback } from '../support/loopback.js';

let homeDir: string;
beforeEach(() => {
  homeDir = mkdtempSync(path.join(os.tmpdir(), 'destination-'));
});
afterEach(async () => {
  rmSync(homeDir, { recursive: true });
  await closeLoopbacks();
});

function settingsOf(config: TracingConfig, env: NodeJS.ProcessEnv = {}): Settings {
  const user = { file: 'user', config, unknownKeys: [] };
  const result = mergeSettings({ env, project: undefined, user, userName: 'ada' });
  if (result.kind !== 'settings') throw new Error(result.kind);
  return result.settings;
}

const resolve = (config: TracingConfig, env: NodeJS.ProcessEnv = {}, nowMs?: number) =>
  resolveDestination(settingsOf(config, env), env, homeDir, nowMs === undefined ? {} : { nowMs });

async function destination(config: TracingConfig, env: NodeJS.ProcessEnv = {}): Promise<Destination> {
  const result = await resolve(config, env);
  if (result.kind !== 'destination') throw new Error(result.message);
  return result.destination;
}

const home = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(homeDir, name)), { recursive: true });
  writeFileSync(path.join(homeDir, name), text);
};

describe('the endpoint', () => {
  it.each([
    ['http://localhost:5000', 'http://localhost:5000/v1/traces', 'http://localhost:5000'],
    ['http://localhost:5000/', 'http://localhost:5000/v1/traces', 'http://localhost:5000'],
    ['https://h/mlflow', 'https://h/mlflow/v1/traces', 'https://h/mlflow'],
    ['https://h/mlflow//', 'https://h/mlflow/v1/traces', 'https://h/mlflow'],
    ['https://h/a?tenant=1#x', 'https://h/a/v1/traces?tenant=1', 'https://h/a'],
    ['http://h:4318/v1/traces', 'http://h:4318/v1/traces', 'http://h:4318/v1/traces'],
    ['http://h:4318/v1/traces/', 'http://h:4318/v1/traces', 'http://h:4318/v1/traces'],
  ])('of %s is %s', async (trackingUri, url, base) => {
    expect(await destination({ trackingUri, experimentId: '7' })).toMatchObject({
      url,
      trackingUri: base,
      experimentId: '7',
      headers: { 'x-mlflow-experiment-id': '7' },
    });
  });

  it('compresses for another host only, and knows a collector', async () => {
    expect(await destination({ trackingUri: 'http://localhost:1' })).toMatchObject({
      compression: 'none',
      server: 'mlflow',
    });
    expect(await destination({ trackingUri: 'http://[::1]:1' })).toMatchObject({ compression: 'none' });
    expect(await destination({ trackingUri: 'http://h/v1/traces' })).toMatchObject({
      compression: 'gzip',
      server: 'collector',
    });
  });

  it('is a problem where the address is none, holds credentials, or the experiment is no number', async () => {
    const env = { MLFLOW_TRACKING_URI: 'https://ada:secret@h' };
    const result = await resolve({}, env);
    expect(result).toMatchObject({ kind: 'problem', code: 'tracking-uri-credentials' });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(await resolve({}, { MLFLOW_TRACKING_URI: './mlruns' })).toMatchObject({
      code: 'tracking-uri-scheme-missing',
      message: expect.stringContaining('MLFLOW_TRACKING_URI'),
    });
    const inAFile = await resolve({ trackingUri: './mlruns' });
    expect(JSON.stringify(inAFile)).not.toContain('(MLFLOW_TRACKING_URI)');
    for (const id of ['abc', '1\r\nx: y', '-1', '1'.repeat(20)])
      expect(await resolve({ trackingUri: 'http://h' }, { MLFLOW_EXPERIMENT_ID: id })).toMatchObject({
        code: 'experiment-id',
        hint: expect.stringMatching(/MLFLOW_EXPERIMENT_ID .* MLFLOW_EXPERIMENT_NAME/),
      });
  });
});

describe('a destination', () => {
  it('is the server with the experiment in its headers, whole', async () => {
    const env = { MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_WORKSPACE: 'team-a' };
    expect(await resolve({ trackingUri: 'http://h', experimentId: '7' }, env)).toEqual({
      kind: 'destination',
      destination: {
        url: 'http://h/v1/traces',
        trackingUri: 'http://h',
        experimentId: '7',
        headers: {
          authorization: 'Bearer abc',
          'x-mlflow-workspace': 'team-a',
          'x-mlflow-experiment-id': '7',
        },
        compression: 'gzip',
        tls: {},
        server: 'mlflow',
        resourceAttributes: {},
      },
    });
  });

  it('is a workspace where the tracking URI says so', async () => {
    const env = { DATABRICKS_HOST: 'https://w.example', DATABRICKS_TOKEN: 't' };
    expect(await resolve({ trackingUri: 'databricks', experimentId: '7' }, env)).toMatchObject({
      kind: 'destination',
      destination: { url: 'https://w.example', experimentId: '7', server: 'databricks' },
    });
    expect(await resolve({ trackingUri: 'databricks://gone', experimentId: '7' })).toMatchObject({
      kind: 'problem',
      code: 'databricks-profile-missing',
    });
  });

  it('has no experiment that is neither an id nor a name', async () => {
    const none = { ...settingsOf({ trackingUri: 'http://h' }), experimentId: '' };
    expect(await resolveDestination(none, {}, homeDir)).toEqual({
      kind: 'problem',
      code: 'experiment-id',
      message: 'The experiment id is not a number of at most 19 digits',
      hint: 'Set MLFLOW_EXPERIMENT_ID or experimentId to its digits, or MLFLOW_EXPERIMENT_NAME to its name',
    });
    // An id beats a name: nobody is asked for it.
    const both = { ...none, experimentId: '7', experimentName: 'ci' };
    expect(await resolveDestination(both, {}, homeDir)).toMatchObject({ destination: { experimentId: '7' } });
  });
});

describe('credentials', () => {
  const auth = async (env: NodeJS.ProcessEnv) =>
    (await destination({ trackingUri: 'http://h' }, env)).headers['authorization'];
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it('are none by default', async () => {
    expect(await auth({})).toBeUndefined();
    expect(await auth({ MLFLOW_TRACKING_USERNAME: 'ada' })).toBeUndefined();
    expect(await auth({ MLFLOW_TRACKING_TOKEN: '' })).toBeUndefined();
    const half = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: '' };
    expect(await auth({ ...half, MLFLOW_TRACKING_TOKEN: 't' })).toBe('Bearer t');
  });

  it('are Basic from the environment, whatever the alphabet, before a token', async () => {
    const env = {
      MLFLOW_TRACKING_USERNAME: 'ada',
      MLFLOW_TRACKING_PASSWORD: 'pä:ss ',
      MLFLOW_TRACKING_TOKEN: 't',
    };
    expect(await auth(env)).toBe(basic('ada:pä:ss '));
  });

  it('are a Bearer token otherwise', async () => {
    expect(await auth({ MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_TRACKING_USERNAME: 'ada' })).toBe('Bearer abc');
  });

  it('come from MLflow’s own file, field by field, before a token', async () => {
    home(
      '.mlflow/credentials',
      '[mlflow]\nmlflow_tracking_username = file\nmlflow_tracking_password = secret\n',
    );
    expect(await auth({})).toBe(basic('file:secret'));
    expect(await auth({ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_TOKEN: 't' })).toBe(
      basic('ada:secret'),
    );
    expect(await auth({ MLFLOW_TRACKING_PASSWORD: 'own' })).toBe(basic('file:own'));
  });

  it('are none in a file that leaves user name or password empty: then a token counts', async () => {
    for (const [username, password] of [
      ['', 'secret'],
      ['file', ''],
    ]) {
      const lines = `mlflow_tracking_username =${username}\nmlflow_tracking_password =${password}\n`;
      home('.mlflow/credentials', `[mlflow]\n${lines}`);
      expect(await auth({ MLFLOW_TRACKING_TOKEN: 't' })).toBe('Bearer t');
    }
  });

  it.each([
    ['MLFLOW_TRACKING_TOKEN', 'secret\n'],
    ['MLFLOW_TRACKING_TOKEN', 'sec\u0000ret'],
    ['MLFLOW_TRACKING_TOKEN', 'secrét'],
    ['MLFLOW_TRACKING_PASSWORD', 'secret\r'],
    ['MLFLOW_TRACKING_USERNAME', 'secret\t'],
    ['MLFLOW_WORKSPACE', 'a\u0007b'],
  ])('are refused when %s is %j: no other source is tried, and no value shown', async (variable, value) => {
    const others =
      variable === 'MLFLOW_TRACKING_TOKEN'
        ? {}
        : { MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'b' };
    const env = { MLFLOW_TRACKING_TOKEN: 'fine', ...others, [variable]: value };
    const result = await resolve({ trackingUri: 'http://h' }, env);
    expect(result).toMatchObject({
      kind: 'problem',
      code: 'header-value',
      message: expect.stringContaining(variable),
    });
    expect(JSON.stringify(result)).not.toMatch(/secr/);
  });

  it('are refused when the user name holds a colon, and when the file cannot be read', async () => {
    const env = { MLFLOW_TRACKING_USERNAME: 'a:b', MLFLOW_TRACKING_PASSWORD: 'c' };
    expect(await resolve({ trackingUri: 'http://h' }, env)).toMatchObject({
      code: 'user-name-colon',
      message: expect.stringContaining('MLFLOW_TRACKING_USERNAME'),
      hint: expect.stringContaining('MLFLOW_TRACKING_USERNAME'),
    });
    mkdirSync(path.join(homeDir, '.mlflow/credentials'), { recursive: true });
    expect(await resolve({ trackingUri: 'http://h' })).toMatchObject({ code: 'file-unreadable' });
  });

  it('go with the workspace', async () => {
    const { headers } = await destination({ trackingUri: 'http://h' }, { MLFLOW_WORKSPACE: 'team-a' });
    expect(headers).toEqual({ 'x-mlflow-experiment-id': '0', 'x-mlflow-workspace': 'team-a' });
  });
});

describe('TLS', () => {
  it('takes MLflow’s variables, and verifies where a bundle is named', async () => {
    home('ca.pem', 'CA');
    home('client.pem', 'CLIENT');
    const env = {
      MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(homeDir, 'ca.pem'),
      MLFLOW_TRACKING_CLIENT_CERT_PATH: path.join(homeDir, 'client.pem'),
      MLFLOW_TRACKING_INSECURE_TLS: 'true',
    };
    const client = Buffer.from('CLIENT');
    expect((await destination({ trackingUri: 'https://h' }, env)).tls).toEqual({
      ca: Buffer.from('CA'),
      cert: client,
      key: client,
    });
    expect((await destination({ trackingUri: 'http://h' }, env)).tls).toEqual({});
  });

  it('skips verification only when told to', async () => {
    const tls = async (value: string) =>
      (await destination({ trackingUri: 'https://h' }, { MLFLOW_TRACKING_INSECURE_TLS: value })).tls;
    expect(await tls('true')).toEqual({ rejectUnauthorized: false });
    expect(await tls('false')).toEqual({});
  });

  it('is a problem where a file is missing', async () => {
    const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: path.join(homeDir, 'none.pem') };
    expect(await resolve({ trackingUri: 'https://h' }, env)).toMatchObject({
      code: 'certificate-unreadable',
      message: `${path.join(homeDir, 'none.pem')} (MLFLOW_TRACKING_SERVER_CERT_PATH) cannot be read (ENOENT)`,
      hint: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH'),
    });
  });
});

describe('the proxy', () => {
  const proxy = async (trackingUri: string, env: NodeJS.ProcessEnv) =>
    (await destination({ trackingUri }, env)).proxy;

  it('goes by the scheme', async () => {
    const env = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://p:2' };
    expect(await proxy('https://h', env)).toBe('http://s:1');
    expect(await proxy('http://h', env)).toBe('http://p:2');
    expect(await proxy('http://h', { ...env, http_proxy: 'small:3' })).toBe('http://small:3');
    expect(await proxy('http://h', { HTTPS_PROXY: 'http://s:1' })).toBeUndefined();
  });

  it.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://127.0.0.2:1', 'http://[::1]:1'])(
    'is not asked for %s',
    async (uri) => {
      expect(await proxy(uri, { HTTP_PROXY: 'http://p:1' })).toBeUndefined();
    },
  );

  it.each([
    ['*', true],
    ['mlflow.corp', true],
    ['.corp', true],
    ['*.corp', true],
    ['corp', true],
    ['x, MLflow.Corp:8080 y', true],
    ['mlflow.corp:9', false],
    ['low.corp', false],
    ['other', false],
    [',', false],
  ])('is left out by NO_PROXY=%s: %s', async (list, exempt) => {
    const found = await proxy('http://mlflow.corp:8080', { HTTP_PROXY: 'http://p:1', NO_PROXY: list });
    expect(found).toBe(exempt ? undefined : 'http://p:1');
  });

  it.each([
    ['https://mlflow.corp', 'mlflow.corp:443', true],
    ['https://mlflow.corp', 'mlflow.corp:80', false],
    ['http://mlflow.corp', 'mlflow.corp:80', true],
    ['http://mlflow.corp', 'mlflow.corp:443', false],
  ])('%s is left out by its usual port NO_PROXY=%s: %s', async (uri, list, exempt) => {
    const env = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1', NO_PROXY: list };
    expect(await proxy(uri, env)).toBe(exempt ? undefined : 'http://p:1');
  });

  it.each([
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3:5000', 'x, 10.1.2.3/32', true],
    ['http://10.1.2.4', '10.1.2.3/32', false],
    ['http://192.168.7.9', '192.168.6.0/23', true],
    ['http://192.168.8.9', '192.168.6.0/23', false],
    ['http://10.1.2.3', '0.0.0.0/0', true],
    ['http://[fd00::7]', 'fd00::/8', true],
    ['http://[fe80::7]', 'fd00::/8', false],
    ['http://[fd00::7]', 'FD00:0:0::7', true],
    ['http://[fd00::7]:81', '[fd00:0::7]:81', true],
    ['http://[fd00::7]:81', '[fd00::7]:82', false],
    ['http://[::ffff:10.1.2.3]', '10.0.0.0/8', true],
    ['http://10.1.2.3', '10.0.0.0/33', false],
    ['http://10.1.2.3', '10.0.0.0/', false],
    ['http://10.1.2.3', '10.0.0.0/8/8', false],
    ['http://mlflow.corp', '10.0.0.0/8', false],
    ['http://10.1.2.3', 'fd00::/8', false],
  ])('%s is left out by the range or address NO_PROXY=%s: %s', async (uri, list, exempt) => {
    const found = await proxy(uri, { HTTP_PROXY: 'http://p:1', NO_PROXY: list });
    expect(found).toBe(exempt ? undefined : 'http://p:1');
  });

  it('is a problem where its address is none, and its password is not shown', async () => {
    for (const value of ['socks5://ada:secret@p:1', 'http://ada:secret@']) {
      const result = await resolve({ trackingUri: 'http://h' }, { HTTP_PROXY: value });
      expect(result).toMatchObject({
        code: 'proxy-invalid',
        message: expect.stringMatching(/^HTTP_PROXY /),
        hint: expect.stringMatching(/^Set HTTP_PROXY to http:.*NO_PROXY/),
      });
      expect(JSON.stringify(result)).not.toContain('secret');
    }
  });
});

describe('an experiment given by name', () => {
  const found = { status: 200, body: '{"experiment": {"experiment_id": "12", "lifecycle_stage": "active"}}' };

  it('is looked up with the credentials, and kept for a day', async () => {
    const server = await startLoopback(() => found);
    const env = { MLFLOW_TRACKING_TOKEN: 't' };
    const config = { trackingUri: `${server.url}/p/`, experimentName: 'a b&c' };
    for (const [now, asked] of [
      [1e12, 1],
      [1e12 + 86_399_999, 1],
      [1e12 + 86_400_000, 2],
      [1e12 - 1, 3],
    ] as const) {
      const result = await resolve(config, env, now);
      expect(result).toMatchObject({
        destination: { experimentId: '12', headers: { 'x-mlflow-experiment-id': '12' } },
      });
      expect(server.requests).toHaveLength(asked);
    }
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      url: '/p/api/2.0/mlflow/experiments/get-by-name?experiment_name=a%20b%26c',
      headers: { authorization: 'Bearer t' },
    });
    const folder = path.join(homeDir, '.codex/mlflow-codex/experiments');
    expect(readdirSync(folder)).toHaveLength(1);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(folder, String(readdirSync(folder)[0]))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['not MLflow’s', { status: 404, body: '<html>' }, 'experiment-lookup-failed', 'by its id'],
    ['refused', { status: 401, body: '' }, 'experiment-lookup-refused', 'MLFLOW_TRACKING_TOKEN'],
    ['forbidden', { status: 403, body: '' }, 'experiment-lookup-refused', 'MLFLOW_TRACKING_TOKEN'],
    ['an error with an experiment in it', { ...found, status: 500 }, 'experiment-lookup-failed', 'by its id'],
    [
      'deleted',
      { status: 200, body: '{"experiment":{"experiment_id":"3","lifecycle_stage":"deleted"}}' },
      'experiment-deleted',
      'mlflow experiments restore --experiment-id 3',
    ],
    [
      'garbage',
      { status: 200, body: '{"experiment":{"experiment_id":"x\\r\\n"}}' },
      'experiment-lookup-failed',
      'by its id',
    ],
    [
      'elsewhere',
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      'experiment-lookup-failed',
      'by its id',
    ],
  ])('is a problem with a remedy when the answer is %s', async (_, answer, code, remedy) => {
    const server = await startLoopback(() => answer);
    expect(await resolve({ trackingUri: server.url, experimentName: 'x' })).toMatchObject({
      kind: 'problem',
      code,
      message: expect.stringContaining(server.url),
      hint: expect.stringContaining(remedy),
    });
    expect(server.requests).toHaveLength(1);
  });

  const missing = { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' };

  it('is made where it is not there, as MLflow’s own clients do, and kept like a found one', async () => {
    const server = await startLoopback(({ method }) =>
      method === 'POST' ? { status: 200, body: '{"experiment_id":"7"}' } : missing,
    );
    const config = { trackingUri: server.url, experimentName: 'ci' };
    for (const _ of [1, 2])
      expect(await resolve(config)).toMatchObject({ destination: { experimentId: '7' } });
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(server.requests[1]).toMatchObject({ body: '{"name":"ci"}' });
  });

  it('is found where another hook made it in between', async () => {
    let asked = 0;
    const server = await startLoopback(({ method }) => {
      if (method === 'POST') return { status: 400, body: '{"error_code":"RESOURCE_ALREADY_EXISTS"}' };
      asked += 1;
      return asked === 1 ? missing : found;
    });
    expect(await resolve({ trackingUri: server.url, experimentName: 'ci' })).toMatchObject({
      destination: { experimentId: '12' },
    });
  });

  it('is not made for somebody who only looks, nor where that is refused', async () => {
    const server = await startLoopback(({ method }) =>
      method === 'POST' ? { status: 403, body: '' } : missing,
    );
    const settings = settingsOf({ trackingUri: server.url, experimentName: 'ci' });
    expect(await resolveDestination(settings, {}, homeDir, { makesExperiment: false })).toMatchObject({
      code: 'experiment-not-found',
      hint: 'mlflow experiments create --experiment-name "ci"',
    });
    expect(server.requests).toHaveLength(1);
    expect(await resolveDestination(settings, {}, homeDir)).toMatchObject({
      code: 'experiment-not-created',
      message: expect.stringContaining('HTTP 403'),
      hint: 'mlflow experiments create --experiment-name "ci"',
    });
  });

  it('is a problem in time when the server hangs, and at once when there is none', async () => {
    const server = await startLoopback(() => 'hang');
    const settings = settingsOf({ trackingUri: server.url, experimentName: 'x' });
    const result = await resolveDestination(settings, {}, homeDir, { lookupTimeoutMs: 200 });
    expect(result).toMatchObject({
      code: 'experiment-lookup-failed',
      message: expect.stringContaining('no answer within 0.2 s'),
    });
    await server.close();
    expect(await resolveDestination(settings, {}, homeDir)).toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is a problem at a collector', async () => {
    expect(await resolve({ trackingUri: 'http://h/v1/traces', experimentName: 'x' })).toMatchObject({
      code: 'experiment-name-collector',
      message: 'An experiment cannot be looked up by its name at an address that ends in /v1/traces',
      hint: 'Name the experiment by its id (experimentId, MLFLOW_EXPERIMENT_ID)',
    });
  });
});
