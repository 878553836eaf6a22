import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { chooseSignIn } from '../../../src/mlflow/databricks/choose-sign-in.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => rmSync(home, { recursive: true }));

const file = () => path.join(home, '.databrickscfg');
const cfg = (text: string) => writeFileSync(file(), text);

const PROFILES = `; comment
# another
[DEFAULT]
host = https://default.example
token = dapi-default
[team]
host  = https://team.example/
token = dapi-team
[service]
host = service.example
client_id = id-1
client_secret = secret-1
[login]
host = https://login.example
auth_type = databricks-cli
[hostless]
token = dapi-hostless
[bare]
host = https://bare.example
`;

/** Host, first way with its secret, and source; or the code of the problem. */
function chosen(named: string | undefined, env: NodeJS.ProcessEnv = {}): unknown[] {
  const result = chooseSignIn(named, env, home);
  if (result.kind === 'problem') return [result.code];
  const { host, ways, source } = result.value;
  const way = ways[0];
  const secret = way.way === 'pat' ? way.token : way.way === 'oauth-m2m' ? way.clientSecret : '';
  return [host, way.way, secret, source.replace(home, '~')];
}

function problemOf(named: string | undefined, env: NodeJS.ProcessEnv = {}): string {
  const result = chooseSignIn(named, env, home);
  if (result.kind !== 'problem') throw new Error('no problem');
  return `${result.message}\n${result.hint}`;
}

describe('the profile', () => {
  beforeEach(() => cfg(PROFILES));

  test('of the tracking URI is taken whole, whatever the environment has', () => {
    const env = { DATABRICKS_HOST: 'https://other.example', DATABRICKS_TOKEN: 'dapi-other' };
    for (const around of [
      {},
      env,
      { DATABRICKS_TOKEN: 'dapi-other' },
      { DATABRICKS_CONFIG_PROFILE: 'login' },
    ])
      expect(chosen('team', around)).toEqual([
        'https://team.example',
        'pat',
        'dapi-team',
        '[team] of ~/.databrickscfg',
      ]);
  });

  test('is the one that DATABRICKS_CONFIG_PROFILE names', () => {
    expect(chosen(undefined, { DATABRICKS_CONFIG_PROFILE: 'service' })).toEqual([
      'https://service.example',
      'oauth-m2m',
      'secret-1',
      '[service] of ~/.databrickscfg',
    ]);
  });

  test('is else the default profile of the file’s settings, else [DEFAULT]', () => {
    expect(chosen(undefined)[0]).toBe('https://default.example');
    cfg(`${PROFILES}[__settings__]\ndefault_profile = team\n`);
    expect(chosen(undefined)[0]).toBe('https://team.example');
    expect(chosen('__settings__')).toEqual(['databricks-profile-missing']);
  });

  test('lies in the file that DATABRICKS_CONFIG_FILE names', () => {
    const other = path.join(home, 'other.cfg');
    writeFileSync(other, '[DEFAULT]\nhost = https://else.example\ntoken = t\n');
    expect(chosen(undefined, { DATABRICKS_CONFIG_FILE: other })[0]).toBe('https://else.example');
    expect(problemOf('team', { DATABRICKS_CONFIG_FILE: '/no/file' })).toContain('[team] in /no/file');
  });

  test('that is missing or incomplete is named with its file', () => {
    expect(problemOf('gone')).toContain(`[gone] in ${file()}`);
    expect(problemOf('hostless')).toContain(`[hostless] of ${file()} has no host`);
    cfg('[half]\nhost = https://h\nclient_id = only\n');
    expect(problemOf('half')).toContain(`[half] of ${file()} has no token, or client_id and client_secret`);
  });
});

describe('the environment', () => {
  beforeEach(() => cfg(PROFILES));

  test('with a host is taken whole, and the file is not read', () => {
    const env = { DATABRICKS_HOST: 'env.example', DATABRICKS_TOKEN: 'dapi-env' };
    const taken = ['https://env.example', 'pat', 'dapi-env', 'environment'];
    expect(chosen(undefined, env)).toEqual(taken);
    // A folder in the file's place cannot be read.
    expect(chosen(undefined, { ...env, DATABRICKS_CONFIG_FILE: home })).toEqual(taken);
    expect(
      chosen(undefined, { DATABRICKS_HOST: 'h', DATABRICKS_CLIENT_ID: 'i', DATABRICKS_CLIENT_SECRET: 's' }),
    ).toEqual(['https://h', 'oauth-m2m', 's', 'environment']);
  });

  test('that is complete comes before a profile that it names itself', () => {
    const env = { DATABRICKS_HOST: 'h', DATABRICKS_TOKEN: 't', DATABRICKS_CONFIG_PROFILE: 'team' };
    expect(chosen(undefined, env)).toEqual(['https://h', 'pat', 't', 'environment']);
  });

  test('with half a client has no secret: the profile it names is taken', () => {
    const half = {
      DATABRICKS_HOST: 'team.example',
      DATABRICKS_CONFIG_PROFILE: 'team',
      DATABRICKS_CLIENT_ID: 'i',
    };
    expect(chosen(undefined, half)[2]).toBe('dapi-team');
    const other = { ...half, DATABRICKS_CLIENT_ID: '', DATABRICKS_CLIENT_SECRET: 's' };
    expect(chosen(undefined, other)[2]).toBe('dapi-team');
  });

  test('with a host alone asks the Databricks CLI for that host, never a profile for its token', () => {
    expect(chosen(undefined, { DATABRICKS_HOST: 'https://default.example' })).toEqual([
      'https://default.example',
      'databricks-cli',
      '',
      'environment',
    ]);
  });
});

describe('a token goes to no host that it was not set beside', () => {
  beforeEach(() => cfg(PROFILES));

  test('not the environment’s to a profile’s host', () => {
    expect(chosen(undefined, { DATABRICKS_TOKEN: 'dapi-env' })).toEqual([
      'https://default.example',
      'pat',
      'dapi-default',
      '[DEFAULT] of ~/.databrickscfg',
    ]);
    cfg('[DEFAULT]\nhost = https://bare.example\nauth_type = pat\n');
    const said = problemOf(undefined, { DATABRICKS_TOKEN: 'dapi-env' });
    expect(said).toContain('[DEFAULT]');
    expect(said).toContain('goes to no host it was not set beside');
    expect(said).toContain('or set DATABRICKS_HOST beside DATABRICKS_TOKEN');
    expect(said).not.toContain('dapi-env');
  });

  test('not a profile’s to the environment’s host: both are named', () => {
    const env = { DATABRICKS_HOST: 'https://evil.example', DATABRICKS_CONFIG_PROFILE: 'team' };
    expect(chosen(undefined, env)).toEqual(['databricks-two-hosts']);
    expect(problemOf(undefined, env)).toMatch(/DATABRICKS_HOST and \[team\] of/);
    expect(chosen(undefined, { ...env, DATABRICKS_HOST: 'team.example' })[2]).toBe('dapi-team');
  });
});

describe('the way', () => {
  test('is token, OAuth client, Databricks CLI, Azure CLI, in this order', () => {
    cfg(PROFILES);
    const all = {
      DATABRICKS_HOST: 'h',
      DATABRICKS_TOKEN: 't',
      DATABRICKS_CLIENT_ID: 'i',
      DATABRICKS_CLIENT_SECRET: 's',
    };
    const both = chooseSignIn(undefined, all, home);
    expect(both).toMatchObject({ value: { ways: [{ way: 'pat' }], passedOver: ['oauth-m2m'] } });
    const token = chooseSignIn(undefined, { DATABRICKS_HOST: 'h', DATABRICKS_TOKEN: 't' }, home);
    expect(token).toMatchObject({ value: { ways: [{ way: 'pat' }], passedOver: [] } });
    expect(chosen('login')[1]).toBe('databricks-cli');
    expect(chosen('bare')[1]).toBe('databricks-cli');
    const azure = chooseSignIn(undefined, { DATABRICKS_HOST: 'adb-1.2.azuredatabricks.net' }, home);
    expect(azure).toMatchObject({ value: { ways: [{ way: 'databricks-cli' }, { way: 'azure-cli' }] } });
  });

  test.each([
    ['pat', 't'],
    ['oauth-m2m', 's'],
    ['databricks-cli', ''],
    ['azure-cli', ''],
  ])('is %s where DATABRICKS_AUTH_TYPE says so', (type, secret) => {
    const env = {
      DATABRICKS_HOST: 'h',
      DATABRICKS_TOKEN: 't',
      DATABRICKS_CLIENT_ID: 'i',
      DATABRICKS_CLIENT_SECRET: 's',
      DATABRICKS_AUTH_TYPE: type,
    };
    expect(chosen(undefined, env)).toEqual(['https://h', type, secret, 'environment']);
    expect(chooseSignIn(undefined, env, home)).toMatchObject({ value: { passedOver: [] } });
  });

  test('of an unknown type is refused by its name', () => {
    cfg('[p]\nhost = h\nauth_type = metadata-service\n');
    expect(chosen('p')).toEqual(['databricks-auth-type']);
    expect(problemOf('p')).toContain('metadata-service');
    expect(problemOf('p')).toContain('[p] of');
    expect(problemOf('p')).toContain('pat, oauth-m2m, databricks-cli, azure-cli');
  });

  test.each([
    ['pat', 'token', 'DATABRICKS_TOKEN'],
    ['oauth-m2m', 'client_id and client_secret', 'DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET'],
  ])('%s without its secret says what is missing: %s', (type, what, variable) => {
    const env = { DATABRICKS_HOST: 'h', DATABRICKS_AUTH_TYPE: type };
    expect(chosen(undefined, env)).toEqual(['databricks-access-missing']);
    expect(problemOf(undefined, env)).toBe(`The environment has no ${what}\nSet ${variable} beside it`);
    cfg(`[p]\nhost = h\nauth_type = ${type}\n`);
    expect(problemOf('p')).toContain(`[p] of ${file()} has no ${what}\nSet ${what} in [p] of ${file()}`);
    expect(problemOf('p')).toContain('databricks auth login --profile p');
  });
});

describe('a workspace', () => {
  test('that nobody names is a problem that names DATABRICKS_HOST and the file', () => {
    expect(problemOf(undefined)).toMatch(/DATABRICKS_HOST.*\.databrickscfg/s);
    expect(problemOf(undefined)).toContain('databricks auth login --host https://<workspace>');
    expect(problemOf(undefined)).not.toContain('token without a host');
    expect(problemOf(undefined, { DATABRICKS_TOKEN: 't' })).toContain('token without a host');
  });

  test.each(['ftp://h', 'https://user:pw@h', 'http://h', '://', 'http://localhost.evil.example'])(
    'is none at %s',
    (host) => {
      const env = { DATABRICKS_HOST: host, DATABRICKS_TOKEN: 't' };
      expect(chosen(undefined, env)).toEqual(['databricks-host']);
      expect(problemOf(undefined, env)).toMatch(/\(environment\).*Write it as https:/s);
      expect(problemOf(undefined, env)).not.toContain('pw');
    },
  );

  test.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'])(
    'may be %s, on this machine',
    (host) => {
      expect(chosen(undefined, { DATABRICKS_HOST: host, DATABRICKS_TOKEN: 't' })[0]).toBe(host);
    },
  );

  test('gets no token that no header can carry', () => {
    const env = { DATABRICKS_HOST: 'h', DATABRICKS_TOKEN: 'secret\n' };
    expect(chosen(undefined, env)).toEqual(['header-value']);
    expect(problemOf(undefined, env)).not.toContain('secret');
    expect(problemOf(undefined, env)).toContain('The token (environment)');
    const client = { DATABRICKS_HOST: 'h', DATABRICKS_CLIENT_ID: 'i', DATABRICKS_CLIENT_SECRET: 's\n' };
    expect(problemOf(undefined, client)).toContain('The client secret (environment)');
    expect(problemOf(undefined, { ...client, DATABRICKS_CLIENT_ID: 'é' })).toContain('The client id (');
  });
});
