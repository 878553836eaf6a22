import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { readKnownSecrets } from '../../src/settings/known-secrets.js';

const random = new Random(5);
let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'known-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
  writeFileSync(path.join(home, file), text);
};
const known = (env: NodeJS.ProcessEnv = {}) =>
  readKnownSecrets({ env, homeDir: home, codexHome: path.join(home, '.codex'), cwd: path.join(home, 'app') });

describe('secrets that this machine knows', () => {
  const one = random.base62(20);
  const two = random.base62(20);

  test.each([
    ['.netrc', '.netrc', `machine h login ada password ${one}\nmachine i\n  login b\n  password ${two}\n`],
    [
      'AWS',
      '.aws/credentials',
      `[default]\naws_access_key_id = AKIA\naws_secret_access_key = ${one}\naws_session_token=${two}\n`,
    ],
    ['npm', '.npmrc', `//registry.npmjs.org/:_authToken=${one}\n//other/:_password="${two}"\n`],
    ['PyPI', '.pypirc', `[pypi]\nusername = __token__\npassword = ${one}\n[other]\npassword: ${two}\n`],
    ['Git', '.git-credentials', `https://ada:${one}@github.com\nhttps://b:${two}@gitlab.com\n`],
    [
      'Docker',
      '.docker/config.json',
      JSON.stringify({
        auths: {
          h: { auth: Buffer.from(`ada:${one}`).toString('base64') },
          i: { auth: Buffer.from(`b:${two}`).toString('base64') },
        },
      }),
    ],
    [
      'MLflow',
      '.mlflow/credentials',
      `[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = ${one}\n[other]\nmlflow_tracking_password = ${two}\n`,
    ],
    [
      'Databricks',
      '.databrickscfg',
      `[DEFAULT]\nhost = https://h\ntoken = ${one}\n[p]\nclient_secret = ${two}\n`,
    ],
    ['Codex', '.codex/auth.json', JSON.stringify({ OPENAI_API_KEY: one, tokens: { refresh_token: two } })],
    ['the turn’s .env', 'app/.env', `PORT=3000\nDB_PASSWORD=${one}\nexport API_KEY="${two}"\n`],
  ])('of %s', (_, file, text) => {
    put(file, text);
    const others = known().filter((value) => value !== one && value !== two);
    expect(known()).toEqual(expect.arrayContaining([one, two]));
    // Docker's stand in base64 as well, those of URLs as they stand and decoded.
    expect(others).toHaveLength(file === '.docker/config.json' ? 2 : 0);
  });

  test.each(['.mlflow/credentials', '.netrc', 'app/.env'])('of %s, with # and ; in them', (file) => {
    const name = { '.netrc': 'password ', 'app/.env': 'DB_PASSWORD=' }[file] ?? 'mlflow_tracking_password = ';
    put(file, `${name}${one}#${two};1\n`);
    expect(known()).toContain(`${one}#${two};1`);
    put(file, `${name}#${one}\n`);
    expect(known()).toContain(`#${one}`);
  });

  test('are two of one line, and one before a comment', () => {
    put('app/.env', `A_TOKEN=${one};B_TOKEN=${two}\nC_TOKEN=c1c2c3c4#of-the-test\n`);
    expect(known()).toEqual(expect.arrayContaining([one, two, 'c1c2c3c4']));
  });

  test('of the environment, by the names of variables', () => {
    const env = {
      MY_TOKEN: one,
      DB_PASSWORD: two,
      PATH: '/usr/bin',
      PWD: '/home/ada1',
      SSH_AUTH_SOCK: '/tmp/a1',
      COLOR: 'c0lour',
    };
    expect(known(env)).toEqual([one, two]);
  });

  test('of MLflow’s and Databricks’ own variables, and of URLs in any variable', () => {
    const [url, token, password, databricks, secret] = Array.from({ length: 5 }, () => random.base62(20));
    const env = {
      MLFLOW_TRACKING_TOKEN: token,
      MLFLOW_TRACKING_PASSWORD: password,
      DATABRICKS_TOKEN: databricks,
      DATABRICKS_CLIENT_SECRET: secret,
      MLFLOW_TRACKING_URI: `https://ada:${url}@mlflow.example.com`,
      MLFLOW_EXPERIMENT_ID: '12345678a',
      HOMEPAGE: 'https://example.com:8080/a@b',
    };
    expect(new Set(known(env))).toEqual(new Set([url, token, password, databricks, secret]));
  });

  test('of the file that DATABRICKS_CONFIG_FILE names', () => {
    put('work.cfg', `[w]\nhost = https://h\ntoken = ${one}\n`);
    expect(known({ DATABRICKS_CONFIG_FILE: path.join(home, 'work.cfg') })).toEqual([one]);
    expect(known({ DATABRICKS_CONFIG_FILE: '~/work.cfg' })).toEqual([one]);
  });

  test('of URLs in the turn’s .env', () => {
    put('app/.env', `DATABASE_URL=postgres://app:${one}@db/app\nREDIS="redis://:${two}@r"\n`);
    expect(known()).toEqual(expect.arrayContaining([one, two]));
  });

  test('of the tracing configs: the token file, headers that let in, a password in the tracking URI', () => {
    put('mlflow.token', `${one}\n`);
    const [header, key, url] = Array.from({ length: 3 }, () => random.base62(20));
    const configs = [
      {
        tokenFile: '~/mlflow.token',
        headers: { Authorization: `Bearer ${header}`, 'X-Team': 'platform2026' },
      },
      { headers: { 'X-Api-Key': `${key}` }, trackingUri: `https://ada:${url}@h` },
    ];
    const found = readKnownSecrets({ env: {}, homeDir: home, codexHome: home, cwd: home, configs });
    expect(found).toEqual(expect.arrayContaining([one, header, key, url]));
    expect(found).not.toContain('platform2026');
  });

  test('of a URL are its password as it stands, and decoded', () => {
    expect(known({ DATABASE: 'postgres://app:a%20b@db, redis://:plain%@r' })).toEqual([
      'a%20b',
      'a b',
      'plain%',
      'plain%',
    ]);
    expect(known({ PROXY: 'http://h:80/@x', OTHER: 'a:b@c' })).toEqual([]);
  });

  test('of a file are those of its first 200,000 bytes', () => {
    const line = `password = ${one}\n`;
    put('.pypirc', `${'#'.repeat(199_999 - line.length)}\n${line}`);
    expect(known()).toEqual([one]);
    put('.pypirc', `${'#'.repeat(200_000)}\n${line}`);
    expect(known()).toEqual([]);
  });

  test('of variables go by the ends of their names, in either case', () => {
    const names = [
      'A_TOKEN',
      'a_key',
      'A_SECRET',
      'PASSWORD',
      'A_PASSWD',
      'DB_PWD',
      'A_PASS',
      'A_CREDENTIALS',
      'A_AUTH',
      'SENTRY_DSN',
    ];
    const others = [
      'PWD',
      'OLDPWD',
      'INIT_CWD',
      'SSH_AUTH_SOCK',
      'SSH_ASKPASS',
      'XAUTHORITY',
      'TOKENS',
      'KEYBOARD',
    ];
    const env = Object.fromEntries([...names, ...others].map((name) => [name, `of ${name}`]));
    expect(known(env)).toEqual(names.map((name) => `of ${name}`));
    expect(known({ A_TOKEN: '', B_TOKEN: undefined })).toEqual([]);
  });

  const onPosix = process.platform === 'win32' ? test.skip : test;

  onPosix('are not waited for where a pipe lies in a file’s place', () => {
    mkdirSync(path.join(home, 'app'));
    execFileSync('mkfifo', [path.join(home, 'app', '.env')]);
    put('.netrc', `password ${one}\n`);
    expect(known()).toEqual([one]);
  });

  test('are none where files are absent, folders, binary or larger than is read', () => {
    mkdirSync(path.join(home, '.netrc'), { recursive: true });
    put('.npmrc', '\0\u0001'.repeat(50));
    put('.pypirc', `${'#'.repeat(300_000)}\npassword = ${one}\n`);
    put('.docker/config.json', '{ no json');
    expect(known()).toEqual([]);
  });
});
