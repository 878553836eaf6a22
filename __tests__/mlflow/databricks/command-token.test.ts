import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { azureCliToken, databricksCliToken } from '../../../src/mlflow/databricks/command-token.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => rmSync(home, { recursive: true }));

const HOST = 'https://w.example';
const QUESTION = { fresh: false, timeoutMs: 10_000 };

/** Puts a program into a folder of the home folder; it notes what it is called with. */
function program(name: string, lines: string, folder = 'bin'): NodeJS.ProcessEnv {
  mkdirSync(path.join(home, folder), { recursive: true });
  const file = path.join(home, folder, name);
  writeFileSync(file, `#!/bin/sh\necho "$@" >> ${home}/asked\n${lines}\n`);
  chmodSync(file, 0o755);
  return { PATH: path.join(home, folder) };
}
const asked = () => readFileSync(path.join(home, 'asked'), 'utf8').trim().split('\n');
const noToken = (code: string, message: string, hint: string, blocked = true) => ({
  kind: 'no token',
  problem: { kind: 'problem', code, message, hint },
  blocked,
});
const token = (text: string) => ({ kind: 'token', value: { token: text, renewable: true } });

describe.each([
  [{ profile: 'team', host: HOST }, '--profile team', 'the profile [team]'],
  [{ host: HOST }, `--host ${HOST}`, HOST],
])('the Databricks CLI, asked for %j', (whose, option, name) => {
  const ask = (env: NodeJS.ProcessEnv, more = {}) => databricksCliToken(whose, env, { ...QUESTION, ...more });
  const give = (text: string) => `echo '{"access_token":"${text}"}'`;

  test('gives a token', async () => {
    expect(await ask(program('databricks', give('dapi-1')))).toEqual(token('dapi-1'));
    expect(asked()).toEqual([`auth token ${option}`]);
  });

  test('is asked for a fresh one, and where it knows no such option for any', async () => {
    expect(await ask(program('databricks', give('dapi-1')), { fresh: true })).toEqual(token('dapi-1'));
    const old = `case "$*" in *--force-refresh) exit 1;; esac\n${give('dapi-2')}`;
    expect(await ask(program('databricks', old), { fresh: true })).toEqual(token('dapi-2'));
    const fresh = `auth token ${option} --force-refresh`;
    expect(asked()).toEqual([fresh, fresh, `auth token ${option}`]);
  });

  test('that gives none says how to sign in', async () => {
    const none = noToken(
      'databricks-cli-refused',
      `databricks auth token gives no token for ${name}`,
      `databricks auth login ${option}`,
    );
    for (const lines of [
      'exit 1',
      `${give('dapi-1')}; exit 1`,
      'echo hello',
      'echo null',
      give(''),
      give('a b'),
    ])
      expect(await ask(program('databricks', lines))).toEqual(none);
  });

  test('that is not there says what to install', async () => {
    expect(await ask({ PATH: '/nowhere', HOME: home })).toEqual(
      noToken(
        'databricks-cli-missing',
        `There is no token for ${HOST}, and no databricks program to ask for one`,
        `Set a token, or install the Databricks CLI and run databricks auth login ${option}`,
      ),
    );
  });

  test('that does not end is given up, and tried again with a later turn', async () => {
    const late = noToken(
      'databricks-sign-in-late',
      'databricks auth token did not end in time',
      'Try it: databricks auth token',
      false,
    );
    const slow = program('databricks', 'exec sleep 20');
    expect(await ask({ PATH: `${slow['PATH']}:/usr/bin:/bin` }, { timeoutMs: 200 })).toEqual(late);
    // Where there is no time at all nothing is started.
    rmSync(path.join(home, 'asked'), { force: true });
    expect(await ask(program('databricks', give('dapi-1')), { timeoutMs: 0 })).toEqual(late);
    expect(() => asked()).toThrow('ENOENT');
  });

  test('is found in the home folder where PATH lacks it, the first one first', async () => {
    program('databricks', give('of-bin'), 'bin');
    const bare = { PATH: '/nowhere', HOME: home };
    expect(await ask(bare)).toEqual(token('of-bin'));
    program('databricks', give('of-local-bin'), '.local/bin');
    expect(await ask(bare)).toEqual(token('of-local-bin'));
    const own = program('databricks', give('of-path'), 'own');
    expect(await ask({ ...own, HOME: home })).toEqual(token('of-path'));
    expect(await ask({ PATH: '/nowhere' })).toMatchObject({ problem: { code: 'databricks-cli-missing' } });
  });

  test('sees its file of profiles, and no other variable of Databricks’', async () => {
    const found = program('databricks', `env > ${home}/env\n${give('dapi-1')}`);
    await ask({
      PATH: `${found['PATH']}:/usr/bin:/bin`,
      DATABRICKS_CONFIG_FILE: '/cfg',
      DATABRICKS_TOKEN: 'dapi-else',
      DATABRICKS_HOST: 'https://else.example',
      MY_DATABRICKS_: 'mine',
    });
    const seen = readFileSync(path.join(home, 'env'), 'utf8').split('\n');
    expect(seen.filter((line) => line.includes('DATABRICKS_')).sort()).toEqual([
      'DATABRICKS_CONFIG_FILE=/cfg',
      'MY_DATABRICKS_=mine',
    ]);
  });
});

describe('the Azure CLI', () => {
  const ask = (env: NodeJS.ProcessEnv, timeoutMs = 10_000) =>
    azureCliToken(HOST, env, { fresh: false, timeoutMs });

  test('gives a token for Databricks', async () => {
    expect(await ask(program('az', `echo '{"accessToken":"aad-1"}'`))).toEqual(token('aad-1'));
    expect(asked()).toEqual([
      'account get-access-token --resource 2ff814a6-3304-4ab8-85cb-cd0e6f879c1d --output json',
    ]);
  });

  test('that is not there, gives none, or does not end says so', async () => {
    expect(await ask({ PATH: '/nowhere' })).toEqual(
      noToken(
        'azure-cli-missing',
        `There is no token for ${HOST}, and no az program`,
        'Install the Azure CLI and run az login',
      ),
    );
    const none = noToken('azure-cli-refused', 'az account get-access-token gives no token', 'az login');
    expect(await ask(program('az', `echo '{"access_token":"aad-1"}'`))).toEqual(none);
    expect(await ask(program('az', 'exit 1'))).toEqual(none);
    expect(await ask(program('az', 'echo'), 0)).toEqual(
      noToken(
        'databricks-sign-in-late',
        'az account get-access-token did not end in time',
        'Try it: az account get-access-token',
        false,
      ),
    );
  });
});
