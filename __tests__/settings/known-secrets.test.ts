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
    expect(known()).toEqual(expect.arrayContaining([one, two]));
    expect(known()).not.toContain('ada');
    expect(known()).not.toContain('3000');
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

  test('are none where files are absent, folders, binary or larger than is read', () => {
    mkdirSync(path.join(home, '.netrc'), { recursive: true });
    put('.npmrc', '\0\u0001'.repeat(50));
    put('.pypirc', `${'#'.repeat(300_000)}\npassword = ${one}\n`);
    put('.docker/config.json', '{ no json');
    expect(known()).toEqual([]);
  });
});
