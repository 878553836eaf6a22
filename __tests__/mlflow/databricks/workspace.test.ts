import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { resolveDatabricks } from '../../../src/mlflow/databricks/resolve-databricks.js';
import { isWorkspace, Workspace, type WorkspaceAnswer } from '../../../src/mlflow/databricks/workspace.js';
import { DatabricksWorkspace } from '../../support/databricks-workspace.js';

let workspace: DatabricksWorkspace;
let home: string;
const open: Workspace[] = [];
beforeEach(async () => {
  workspace = await DatabricksWorkspace.start();
  home = await makeTemporaryFolder();
});
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await workspace.close();
  rmSync(home, { recursive: true });
  expect(workspace.violations).toEqual([]);
});

const cacheDir = () => path.join(home, 'tokens');

/** A client as a hook opens one. */
function client(env: NodeJS.ProcessEnv, profile?: string): Workspace {
  const settings = { experimentId: '123', sources: { experimentId: 'environment' } };
  const found = resolveDatabricks(settings, profile, env, home);
  if (found.kind === 'problem' || !isWorkspace(found.value)) throw new Error('no workspace');
  const opened = new Workspace(found.value, env, cacheDir());
  open.push(opened);
  return opened;
}

const QUESTION = {
  method: 'GET',
  path: '/api/2.0/mlflow/experiments/get?experiment_id=123',
  timeoutMs: 3000,
} as const;

/** HTTP status, or the code of why there was none. */
function said(answer: WorkspaceAnswer): unknown {
  if (answer.kind === 'answer') return answer.status;
  return answer.kind === 'no token' ? answer.problem.code : answer.code;
}

/** A program on a PATH of its own, in place of the real one. */
function program(name: string, lines: string): NodeJS.ProcessEnv {
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = path.join(bin, name);
  writeFileSync(
    file,
    `#!/bin/sh\necho "$@" >> ${path.join(home, 'asked')}\nenv >> ${path.join(home, 'env')}\n${lines}\n`,
  );
  chmodSync(file, 0o755);
  return { PATH: `${bin}:/usr/bin:/bin` };
}

const asked = () => readFileSync(path.join(home, 'asked'), 'utf8').trim().split('\n');

describe('a personal access token', () => {
  test('lets in; refused, it is refused once', async () => {
    const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
    expect(said(await client(env).ask(QUESTION))).toBe(200);
    expect(said(await client({ ...env, DATABRICKS_TOKEN: 'dapi-wrong' }).ask(QUESTION))).toBe(401);
    expect(workspace.steps()).toEqual(['experiment', 'experiment']);
    expect(workspace.calls[0]?.headers).not.toHaveProperty('content-type');
    expect(existsSync(cacheDir())).toBe(false);
  });
});

test('a trace location of another form is a problem, before anything is asked', () => {
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  const settings = { experimentId: '123', traceLocation: 'a.b', sources: { experimentId: 'environment' } };
  expect(resolveDatabricks(settings, undefined, env, home)).toMatchObject({
    code: 'databricks-trace-location',
    hint: expect.stringContaining('traceLocation or MLFLOW_TRACE_LOCATION'),
  });
  const none = { experimentId: '0', sources: { experimentId: 'default' } };
  expect(resolveDatabricks(none, undefined, env, home)).toMatchObject({
    code: 'databricks-experiment-unset',
    hint: expect.stringContaining('MLFLOW_EXPERIMENT_ID'),
  });
});

describe('an OAuth client', () => {
  const env = () => ({
    DATABRICKS_HOST: workspace.url,
    DATABRICKS_CLIENT_ID: 'client-1',
    DATABRICKS_CLIENT_SECRET: 'client-secret-1',
  });

  test('gets a token, which the next hook uses while it lasts, from a file for the user alone', async () => {
    expect(said(await client(env()).ask(QUESTION))).toBe(200);
    expect(said(await client(env()).ask(QUESTION))).toBe(200);
    expect(workspace.steps()).toEqual(['discovery', 'token', 'experiment', 'experiment']);
    const [name = ''] = readdirSync(cacheDir());
    const file = path.join(cacheDir(), name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('client-secret-1');
  });

  test('gets a new one where the last is about to run out', async () => {
    workspace.client.expiresIn = 30;
    await client(env()).ask(QUESTION);
    await client(env()).ask(QUESTION);
    expect(workspace.steps().filter((call) => call === 'token')).toHaveLength(2);
  });

  test('that is refused by the workspace renews its token once and repeats the request', async () => {
    const first = client(env());
    await first.ask(QUESTION);
    workspace.tokens.clear();
    expect(said(await first.ask(QUESTION))).toBe(200);
    expect(workspace.steps().slice(3)).toEqual(['experiment', 'discovery', 'token', 'experiment']);
    workspace.fail('experiment', { status: 401 }, { status: 401 }, { status: 401 });
    expect(said(await first.ask(QUESTION))).toBe(401);
    expect(workspace.steps().slice(7)).toEqual(['experiment', 'discovery', 'token', 'experiment']);
  });

  test('that the token endpoint refuses is not asked for in a loop', async () => {
    const answer = await client({ ...env(), DATABRICKS_CLIENT_SECRET: 'wrong-one' }).ask(QUESTION);
    expect(answer).toMatchObject({
      kind: 'no token',
      blocked: true,
      problem: {
        code: 'databricks-client-refused',
        message: expect.stringContaining('HTTP 401 at its token endpoint'),
        hint: expect.stringContaining('client-1 and set DATABRICKS_CLIENT_SECRET'),
      },
    });
    expect(JSON.stringify(answer)).not.toContain('wrong-one');
    expect(workspace.steps()).toEqual(['discovery', 'token']);
  });

  test.each(['{"access_token":"a b"}', '{"access_token":""}', '{}', 'hello'])(
    'takes no token that no header could carry: %s',
    async (body) => {
      workspace.fail('token', { status: 200, body });
      expect(await client(env()).ask(QUESTION)).toMatchObject({ kind: 'no token' });
      expect(workspace.steps()).toEqual(['discovery', 'token']);
    },
  );

  test.each([503, 429])('waits where the token endpoint answers %i', async (status) => {
    workspace.fail('token', { status, headers: { 'retry-after': '9' } });
    expect(await client(env()).ask(QUESTION)).toMatchObject({
      kind: 'no token',
      blocked: false,
      retryAfter: '9',
      problem: {
        code: 'databricks-sign-in-busy',
        message: expect.stringContaining(`HTTP ${status}`),
        hint: expect.stringContaining('next turn'),
      },
    });
  });

  test('whose workspace does not answer is told to look at the network, and which question it was', async () => {
    await workspace.close();
    expect(await client(env()).ask(QUESTION)).toMatchObject({
      kind: 'no token',
      blocked: false,
      problem: {
        code: 'databricks-down',
        message: expect.stringContaining('its sign-in address: ECONNREFUSED'),
        hint: expect.stringContaining('network'),
      },
    });
  });

  test('sends its secret to no other host', async () => {
    const elsewhere = JSON.stringify({ token_endpoint: `${workspace.storeUrl}/oidc/v1/token` });
    workspace.fail('discovery', { status: 200, body: elsewhere });
    expect(await client(env()).ask(QUESTION)).toMatchObject({
      kind: 'no token',
      blocked: true,
      problem: { message: expect.stringContaining('on another host') },
    });
    expect(workspace.steps()).toEqual(['discovery']);
  });
});

describe('the Databricks CLI', () => {
  const give = (token: string) =>
    `echo '{"access_token":"${token}","token_type":"Bearer","expiry":"2030-01-01"}'`;
  const cfg = () =>
    writeFileSync(
      path.join(home, '.databrickscfg'),
      `[DEFAULT]\nhost = ${workspace.url}\nauth_type = databricks-cli\n`,
    );

  test('is asked for a profile’s token, or for a host’s', async () => {
    const env = program('databricks', give('dapi-right'));
    cfg();
    expect(said(await client(env).ask(QUESTION))).toBe(200);
    expect(said(await client({ ...env, DATABRICKS_HOST: workspace.url }).ask(QUESTION))).toBe(200);
    expect(asked()).toEqual(['auth token --profile DEFAULT', `auth token --host ${workspace.url}`]);
    expect(existsSync(cacheDir())).toBe(false);
  });

  test('sees nothing of the environment that would lead it elsewhere', async () => {
    const env = {
      ...program('databricks', give('dapi-right')),
      DATABRICKS_TOKEN: 'dapi-else',
      DATABRICKS_AUTH_TYPE: 'databricks-cli',
    };
    cfg();
    await client(env).ask(QUESTION);
    expect(readFileSync(path.join(home, 'env'), 'utf8')).not.toMatch(/^DATABRICKS_/m);
  });

  test.each([
    ['knows --force-refresh', 'case "$*" in *--force-refresh*)'],
    ['does not know it', 'case "$*" in *--force-refresh*) exit 1;; *)'],
  ])('renews a refused token where it %s', async (_, when) => {
    const counter = path.join(home, 'count');
    const answer = `${when} ${give('dapi-right')};; *) ${give('dapi-old')};; esac`;
    const old = `if [ ! -e ${counter} ]; then touch ${counter}; ${give('dapi-old')}; exit 0; fi`;
    cfg();
    expect(said(await client(program('databricks', `${old}\n${answer}`)).ask(QUESTION))).toBe(200);
    expect(asked()[1]).toBe('auth token --profile DEFAULT --force-refresh');
    expect(workspace.steps()).toEqual(['experiment', 'experiment']);
  });

  test('that is not signed in, or answers nonsense, says how to sign in', async () => {
    cfg();
    const failed = `${give('dapi-right')}; exit 1`;
    for (const lines of ['exit 1', 'echo hello', `echo '{"access_token":"a b"}'`, failed]) {
      const answer = await client(program('databricks', lines)).ask(QUESTION);
      expect(answer).toMatchObject({
        kind: 'no token',
        blocked: true,
        problem: { hint: 'databricks auth login --profile DEFAULT' },
      });
    }
    expect(workspace.calls).toEqual([]);
  });

  test('that does not end is given up in time', async () => {
    cfg();
    const env = program('databricks', 'exec sleep 20');
    const answer = await client(env).ask({ ...QUESTION, timeoutMs: 300 });
    expect(answer).toMatchObject({
      kind: 'no token',
      blocked: false,
      problem: { code: 'databricks-sign-in-late', hint: 'Try it: databricks auth token' },
    });
  });

  test('that is not there says what to install', async () => {
    cfg();
    expect(await client({ PATH: '/nowhere', HOME: home }).ask(QUESTION)).toMatchObject({
      problem: {
        code: 'databricks-cli-missing',
        message: expect.stringContaining(workspace.url),
        hint: expect.stringContaining(
          'install the Databricks CLI and run databricks auth login --profile DEFAULT',
        ),
      },
    });
  });

  test('is found in the folders that a desktop’s PATH lacks', async () => {
    program('databricks', give('dapi-right'));
    cfg();
    expect(said(await client({ PATH: '/usr/bin:/bin', HOME: home }).ask(QUESTION))).toBe(200);
  });
});

test('the Azure CLI is asked for a token for Databricks', async () => {
  const env = {
    ...program('az', `echo '{"accessToken":"dapi-right","expiresOn":"2030-01-01"}'`),
    DATABRICKS_AUTH_TYPE: 'azure-cli',
  };
  expect(said(await client({ ...env, DATABRICKS_HOST: workspace.url }).ask(QUESTION))).toBe(200);
  expect(asked()).toEqual([
    'account get-access-token --resource 2ff814a6-3304-4ab8-85cb-cd0e6f879c1d --output json',
  ]);
});

test('the Azure CLI that is not there, gives nothing, or does not end is named with what to do', async () => {
  const azure = { DATABRICKS_HOST: workspace.url, DATABRICKS_AUTH_TYPE: 'azure-cli', HOME: home };
  const saidBy = async (env: NodeJS.ProcessEnv, timeoutMs = 3000) => {
    const answer = await client({ ...azure, ...env }).ask({ ...QUESTION, timeoutMs });
    return answer.kind === 'no token' ? [answer.problem.code, answer.problem.hint, answer.blocked] : answer;
  };
  expect(await saidBy({ PATH: '/nowhere' })).toEqual([
    'azure-cli-missing',
    'Install the Azure CLI and run az login',
    true,
  ]);
  expect(await saidBy(program('az', 'exit 1'))).toEqual(['azure-cli-refused', 'az login', true]);
  expect(await saidBy(program('az', 'exec sleep 20'), 300)).toEqual([
    'databricks-sign-in-late',
    'Try it: az account get-access-token',
    false,
  ]);
});

test('a host that does not answer is no sign-in problem', async () => {
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  workspace.fail('experiment', 'hang');
  expect(said(await client(env).ask({ ...QUESTION, timeoutMs: 200 }))).toBe('TIMEOUT');
});
