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

/** Names of variables without their beginning, for rows that fit a line. */
const variables = (short: Record<string, string>) =>
  Object.fromEntries(Object.entries(short).map(([name, value]) => [`DATABRICKS_${name}`, value]));

describe('a sign-in is whole', () => {
  const AZURE = 'adb-1.2.azuredatabricks.net';
  const host = 'https://h';
  const pat = { way: 'pat', token: 't' };
  const client = { way: 'oauth-m2m', clientId: 'i', clientSecret: 's' };
  const cli = { way: 'databricks-cli' };
  const az = { way: 'azure-cli' };

  test.each([
    [
      { HOST: 'h', TOKEN: 't' },
      { host, ways: [pat], passedOver: [] },
    ],
    [
      { HOST: 'h', TOKEN: 't', CLIENT_ID: 'i' },
      { host, ways: [pat], passedOver: [] },
    ],
    [
      { HOST: 'h', TOKEN: 't', CLIENT_ID: 'i', CLIENT_SECRET: 's' },
      { host, ways: [pat], passedOver: ['oauth-m2m'] },
    ],
    [
      { HOST: 'h', CLIENT_ID: 'i', CLIENT_SECRET: 's' },
      { host, ways: [client], passedOver: [] },
    ],
    [{ HOST: 'h' }, { host, ways: [cli], passedOver: [] }],
    [{ HOST: AZURE }, { host: `https://${AZURE}`, ways: [cli, az], passedOver: [] }],
    [
      { HOST: AZURE, TOKEN: 't' },
      { host: `https://${AZURE}`, ways: [pat], passedOver: [] },
    ],
    [
      { HOST: 'w.databricks.azure.us' },
      { host: 'https://w.databricks.azure.us', ways: [cli, az], passedOver: [] },
    ],
    [
      { HOST: 'w.databricks.azure.cn' },
      { host: 'https://w.databricks.azure.cn', ways: [cli, az], passedOver: [] },
    ],
    [
      { HOST: 'azuredatabricks.net.example' },
      { host: 'https://azuredatabricks.net.example', ways: [cli], passedOver: [] },
    ],
    [
      { HOST: 'h', AUTH_TYPE: 'azure-cli' },
      { host, ways: [az], passedOver: [] },
    ],
    [
      { HOST: AZURE, AUTH_TYPE: 'databricks-cli' },
      { host: `https://${AZURE}`, ways: [cli], passedOver: [] },
    ],
    [
      { HOST: 'h', TOKEN: 't', AUTH_TYPE: 'databricks-cli' },
      { host, ways: [cli], passedOver: [] },
    ],
    [
      { HOST: 'h', TOKEN: 't', AUTH_TYPE: 'azure-cli' },
      { host, ways: [az], passedOver: [] },
    ],
    [
      { HOST: 'h', CLIENT_ID: 'i', AUTH_TYPE: 'azure-cli' },
      { host, ways: [az], passedOver: [] },
    ],
    [
      { HOST: ' h ', TOKEN: ' t ' },
      { host, ways: [{ way: 'pat', token: ' t ' }], passedOver: [] },
    ],
    [
      { HOST: 'h', TOKEN: '', CLIENT_SECRET: '' },
      { host, ways: [cli], passedOver: [] },
    ],
  ])('of the environment %j', (env, found) => {
    expect(chooseSignIn(undefined, variables(env), home)).toEqual({
      kind: 'value',
      value: { source: 'environment', ...found },
    });
  });

  test.each([
    ['token = t', { ways: [pat], passedOver: [] }],
    ['token = t\nclient_id = i\nclient_secret = s', { ways: [pat], passedOver: ['oauth-m2m'] }],
    [
      'token = t\nclient_id = i\nclient_secret = s\nauth_type = oauth-m2m',
      { ways: [client], passedOver: [] },
    ],
    ['token =\nclient_id = i\nclient_secret = s', { ways: [client], passedOver: [] }],
    ['', { ways: [{ ...cli, profile: 'p' }], passedOver: [] }],
    ['token = t\nauth_type = databricks-cli', { ways: [{ ...cli, profile: 'p' }], passedOver: [] }],
    ['auth_type = azure-cli', { ways: [az], passedOver: [] }],
    ['client_id =\nclient_secret =', { ways: [{ ...cli, profile: 'p' }], passedOver: [] }],
    ['auth_type =', { ways: [{ ...cli, profile: 'p' }], passedOver: [] }],
  ])('of a profile with %j', (lines, found) => {
    cfg(`[p]\nhost = h\n${lines}\n`);
    expect(chooseSignIn('p', {}, home)).toEqual({
      kind: 'value',
      value: { host, source: `[p] of ${file()}`, ...found },
    });
  });

  test('of a profile by the type that the environment names', () => {
    cfg('[p]\nhost = h\ntoken = t\nauth_type = databricks-cli\n');
    expect(chooseSignIn('p', { DATABRICKS_AUTH_TYPE: 'pat' }, home)).toMatchObject({
      value: { ways: [pat] },
    });
  });
});

describe('a sign-in that is not to be had says what lacks, and what to do', () => {
  const lacks = (what: string, hint: string) => ({
    kind: 'problem',
    code: 'databricks-access-missing',
    message: `The environment has no ${what}`,
    hint: `Set ${hint} beside it`,
  });

  test.each([
    [{ CLIENT_ID: 'i' }, lacks('token, or client_id and client_secret', 'DATABRICKS_TOKEN')],
    [{ CLIENT_SECRET: 's' }, lacks('token, or client_id and client_secret', 'DATABRICKS_TOKEN')],
    [{ AUTH_TYPE: 'pat' }, lacks('token', 'DATABRICKS_TOKEN')],
    [
      { AUTH_TYPE: 'oauth-m2m', CLIENT_ID: 'i' },
      lacks('client_id and client_secret', 'DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET'),
    ],
    [
      { AUTH_TYPE: 'oauth-m2m', TOKEN: 't' },
      lacks('client_id and client_secret', 'DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET'),
    ],
    [
      { AUTH_TYPE: 'basic' },
      {
        kind: 'problem',
        code: 'databricks-auth-type',
        message: 'The Databricks sign-in "basic" (environment) is not one that mlflow-codex knows',
        hint: 'Set DATABRICKS_AUTH_TYPE or auth_type to pat, oauth-m2m, databricks-cli, azure-cli',
      },
    ],
    [
      { HOST: 'http://h' },
      {
        kind: 'problem',
        code: 'databricks-host',
        message: 'The host of the Databricks workspace (environment) is not an https:// address',
        hint: 'Write it as https://<workspace>',
      },
    ],
  ])('in the environment: %j', (env, problem) => {
    expect(chooseSignIn(undefined, variables({ HOST: 'h', ...env }), home)).toEqual(problem);
  });

  test.each([
    ['token = t', {}, 'host', ''],
    [
      'token = t',
      { TOKEN: 't' },
      'host',
      '; the token of the environment goes to no host it was not set beside',
    ],
    ['host = h\nauth_type = pat', {}, 'token', ''],
    ['host = h\nauth_type = oauth-m2m', { CLIENT_ID: 'i' }, 'client_id and client_secret', ''],
    [
      'host = h\nauth_type = oauth-m2m',
      { CLIENT_ID: 'i', CLIENT_SECRET: 's' },
      'client_id and client_secret',
      '; the token of the environment goes to no host it was not set beside',
    ],
  ])('in a profile with %j beside %j', (lines, env, what, more) => {
    cfg(`[p]\n${lines}\n`);
    const put = `Set ${what} in [p] of ${file()}, or databricks auth login --profile p`;
    const around = variables({ CONFIG_PROFILE: 'p', ...env });
    expect(chooseSignIn(undefined, around, home)).toEqual({
      kind: 'problem',
      code: 'databricks-access-missing',
      message: `The profile [p] of ${file()} has no ${what}${more}`,
      hint: more ? `${put}, or set DATABRICKS_HOST beside DATABRICKS_TOKEN` : put,
    });
    // A profile that the tracking URI names is asked for by itself: the environment has no say.
    expect(chooseSignIn('p', around, home)).toMatchObject({ kind: 'problem' });
  });

  test('without any profile', () => {
    const named = (alone: string) => ({
      kind: 'problem',
      code: 'databricks-access-missing',
      message: `No Databricks workspace is named: DATABRICKS_HOST is not set, and ${file()} has no [DEFAULT] profile${alone}`,
      hint: `databricks auth login --host https://<workspace>; or set DATABRICKS_HOST and DATABRICKS_TOKEN, or host and token in ${file()}`,
    });
    for (const text of ['', '[DEFAULT]\n', '[other]\nhost = h\n']) {
      cfg(text);
      expect(chooseSignIn(undefined, {}, home)).toEqual(named(''));
    }
    const alone = named(', and the environment has a token without a host');
    expect(chooseSignIn(undefined, { DATABRICKS_TOKEN: 't' }, home)).toEqual(alone);
    const client = { DATABRICKS_CLIENT_ID: 'i', DATABRICKS_CLIENT_SECRET: 's' };
    expect(chooseSignIn(undefined, client, home)).toEqual(alone);
  });

  test('where the profile is missing, or a default one is', () => {
    const missing = (name: string) => ({
      kind: 'problem',
      code: 'databricks-profile-missing',
      message: `There is no profile [${name}] in ${file()}`,
      hint: `databricks auth login --profile ${name}, or name another profile (databricks://<profile>, DATABRICKS_CONFIG_PROFILE)`,
    });
    expect(chooseSignIn('gone', {}, home)).toEqual(missing('gone'));
    expect(chooseSignIn(undefined, { DATABRICKS_CONFIG_PROFILE: 'gone' }, home)).toEqual(missing('gone'));
  });

  test('where two workspaces are named, the profile’s and another in the environment', () => {
    cfg('[p]\nhost = h\ntoken = t\n');
    const env = { DATABRICKS_HOST: 'g', DATABRICKS_CONFIG_PROFILE: 'p' };
    expect(chooseSignIn(undefined, env, home)).toEqual({
      kind: 'problem',
      code: 'databricks-two-hosts',
      message: `DATABRICKS_HOST and [p] of ${file()} name two workspaces, and DATABRICKS_HOST has no token beside it`,
      hint: 'Unset DATABRICKS_HOST, or set DATABRICKS_TOKEN beside it and unset DATABRICKS_CONFIG_PROFILE',
    });
    expect(chooseSignIn('p', env, home)).toMatchObject({ value: { host: 'https://h' } });
    cfg('[p]\ntoken = t\n');
    expect(chooseSignIn(undefined, env, home)).toMatchObject({ code: 'databricks-access-missing' });
  });

  test('where the file of profiles cannot be read', () => {
    rmSync(file(), { force: true });
    expect(chooseSignIn(undefined, { DATABRICKS_CONFIG_FILE: '~/gone.cfg' }, home)).toMatchObject({
      message: expect.stringContaining(`${path.join(home, 'gone.cfg')} has no [DEFAULT] profile`),
    });
    expect(chooseSignIn(undefined, { DATABRICKS_CONFIG_FILE: home }, home)).toMatchObject({
      code: 'file-unreadable',
    });
  });
});
