import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { askWorkspace } from '../../../src/mlflow/databricks/ask-workspace.js';
import type { SignInWay } from '../../../src/mlflow/databricks/sign-in.js';
import {
  isWorkspace,
  Workspace,
  type WorkspaceDestination,
  whyNoToken,
} from '../../../src/mlflow/databricks/workspace.js';
import { closeLoopbacks, type Reply, type SeenRequest, startLoopback } from '../../support/loopback.js';
import { closeServers, listen, startProxy } from '../../support/proxy.js';

let home: string;
const open: Workspace[] = [];
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(async () => {
  for (const workspace of open.splice(0)) workspace.close();
  await closeLoopbacks();
  await closeServers();
  rmSync(home, { recursive: true });
});

const PAT: SignInWay = { way: 'pat', token: 'dapi-1' };
const CLIENT: SignInWay = { way: 'oauth-m2m', clientId: 'i', clientSecret: 's' };
const CLI: SignInWay = { way: 'databricks-cli' };
const AZ: SignInWay = { way: 'azure-cli' };

function destinationAt(host: string, ways: SignInWay[], more: object = {}): WorkspaceDestination {
  const [first = PAT, ...others] = ways;
  return {
    url: host,
    trackingUri: host,
    experimentId: '7',
    headers: {},
    compression: 'none',
    tls: {},
    server: 'databricks',
    databricks: {
      signIn: { host, source: 'environment', ways: [first, ...others], passedOver: [] },
      experiment: { id: '7' },
    },
    ...more,
  };
}
function workspaceAt(
  host: string,
  ways: SignInWay[] = [PAT],
  env: NodeJS.ProcessEnv = {},
  more = {},
): Workspace {
  const workspace = new Workspace(destinationAt(host, ways, more), env, path.join(home, 'tokens'));
  open.push(workspace);
  return workspace;
}
/** A program that gives each of these tokens once, in this order. */
function program(name: string, key: string, ...tokens: string[]): NodeJS.ProcessEnv {
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [index, token] of tokens.entries()) writeFileSync(path.join(home, `token-${index}`), token);
  const next = `for file in ${home}/token-*; do [ -e "$file" ] || exit 1; read -r token < "$file"; rm "$file"; break; done`;
  writeFileSync(
    path.join(bin, name),
    `#!/bin/sh\nPATH=/usr/bin:/bin\n${next}\necho "{\\"${key}\\":\\"$token\\"}"\n`,
  );
  chmodSync(path.join(bin, name), 0o755);
  return { PATH: bin };
}
const GET = { method: 'GET', path: '/api/a', timeoutMs: 15_000 } as const;

test('a question is sent with the token, as JSON where it says something, over one connection', async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('yes'));
  });
  let connections = 0;
  let closed: Promise<unknown> = Promise.resolve();
  server.on('connection', (socket) => {
    connections += 1;
    closed = new Promise((resolve) => socket.on('close', resolve));
  });
  const seen: object[] = [];
  server.on('request', ({ method, url, headers }) => seen.push({ method, url, headers }));
  const port = await listen(server);
  const workspace = workspaceAt(`http://127.0.0.1:${port}`);
  expect(workspace.host).toBe(`http://127.0.0.1:${port}`);
  for (const request of [GET, { ...GET, method: 'POST', body: { b: 1 } } as const]) {
    expect(await workspace.ask(request)).toMatchObject({ kind: 'answer', status: 200, body: 'yes' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  const own = { host: `127.0.0.1:${port}`, connection: 'keep-alive', authorization: 'Bearer dapi-1' };
  expect(seen).toEqual([
    { method: 'GET', url: '/api/a', headers: own },
    {
      method: 'POST',
      url: '/api/a',
      headers: { ...own, 'content-type': 'application/json', 'content-length': '7' },
    },
  ]);
  expect(connections).toBe(1);
  workspace.close();
  await closed;
});

test('of what is sent the 2xx counts, of what is asked the whole answer', async () => {
  const port = await listen(
    createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-length': 9 }).write('a', () => response.destroy());
      });
    }),
  );
  const workspace = workspaceAt(`http://127.0.0.1:${port}`);
  expect(await workspace.ask({ ...GET, method: 'POST', body: {} })).toMatchObject({ status: 200 });
  expect(await workspace.ask(GET)).toMatchObject({ kind: 'failed', code: 'ECONNRESET' });
});

describe('a refused token', () => {
  const only = (right: string) => (request: SeenRequest) =>
    ({ status: request.headers.authorization === `Bearer ${right}` ? 200 : 401, body: '' }) as Reply;
  const tokens = (requests: SeenRequest[]) =>
    requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));

  test('of a program is renewed once, and again only after one was taken', async () => {
    let right = 'second';
    const { url, requests } = await startLoopback((request) => only(right)(request));
    const env = program('az', 'accessToken', 'first', 'second', 'third', 'fourth', 'fifth');
    const workspace = workspaceAt(url, [AZ], env);
    expect(await workspace.ask(GET)).toMatchObject({ status: 200 });
    expect(await workspace.ask(GET)).toMatchObject({ status: 200 });
    right = 'none';
    expect(await workspace.ask(GET)).toMatchObject({ status: 401 });
    expect(await workspace.ask(GET)).toMatchObject({ status: 401 });
    expect(tokens(requests)).toEqual(['first', 'second', 'second', 'second', 'third', 'third']);
  });

  test('that a person has set is not renewed', async () => {
    const { url, requests } = await startLoopback(only('other'));
    expect(await workspaceAt(url).ask(GET)).toMatchObject({ status: 401 });
    expect(tokens(requests)).toEqual(['dapi-1']);
    expect(readdirSync(home)).toEqual([]);
  });

  test('is no other status, and no missing answer', async () => {
    const { url, requests, close } = await startLoopback(() => ({ status: 403, body: '' }));
    const workspace = workspaceAt(url, [AZ], program('az', 'accessToken', 'first', 'second'));
    expect(await workspace.ask(GET)).toMatchObject({ status: 403 });
    await close();
    expect(await workspace.ask(GET)).toMatchObject({ kind: 'failed' });
    expect(tokens(requests)).toEqual(['first']);
  });
});

describe('a token', () => {
  const value = (token: string, renewable: boolean) => ({ kind: 'token', value: { token, renewable } });

  test('is a person’s own, or the first that a program gives', async () => {
    expect(await workspaceAt('http://h').token(15_000)).toEqual(value('dapi-1', false));
    const env = program('az', 'accessToken', 'aad-1');
    const workspace = workspaceAt('http://h', [CLI, AZ], env);
    expect(await workspace.token(15_000)).toEqual(value('aad-1', true));
    // It is in use now: no program is asked again.
    expect(await workspace.token(15_000)).toEqual(value('aad-1', true));
  });

  test('of a profile is asked for by the profile’s name', async () => {
    const workspace = workspaceAt('http://h', [{ ...CLI, profile: 'team' }], { PATH: '/nowhere' });
    expect(await workspace.token(15_000)).toMatchObject({
      problem: { hint: expect.stringMatching(/databricks auth login --profile team$/) },
    });
  });

  test('that nobody gives is missed as the first one asked says', async () => {
    const workspace = workspaceAt('http://h', [CLI, AZ], { PATH: '/nowhere' });
    expect(await workspace.token(15_000)).toMatchObject({ problem: { code: 'databricks-cli-missing' } });
    expect(await workspace.ask(GET)).toMatchObject({ problem: { code: 'databricks-cli-missing' } });
    const other = workspaceAt('http://h', [AZ, CLI], { PATH: '/nowhere' });
    expect(await other.token(15_000)).toMatchObject({ problem: { code: 'azure-cli-missing' } });
  });

  test('of an OAuth client is asked for through the proxy', async () => {
    const { port } = await startLoopback(({ url }) => ({
      status: 200,
      body: JSON.stringify(
        url.startsWith('/oidc/.well-known')
          ? { token_endpoint: 'http://w.test/oidc/v1/token' }
          : { access_token: 'oauth-1', expires_in: 3600 },
      ),
    }));
    const proxy = await startProxy(port);
    const workspace = workspaceAt('http://w.test', [CLIENT], {}, { proxy: proxy.url });
    expect(await workspace.token(15_000)).toEqual(value('oauth-1', true));
    expect(proxy.asked.map(([what]) => what)).toEqual([
      'GET http://w.test/oidc/.well-known/oauth-authorization-server',
      'POST http://w.test/oidc/v1/token',
    ]);
    expect(readdirSync(path.join(home, 'tokens'))).toHaveLength(1);
  });

  test('of a client whose workspace hangs is given up in the request’s time', async () => {
    const { url } = await startLoopback(() => 'hang');
    expect(await workspaceAt(url, [CLIENT]).ask({ ...GET, timeoutMs: 150 })).toMatchObject({
      kind: 'no token',
      blocked: false,
      problem: { code: 'databricks-down' },
    });
  });
});

test('why there is no token is told by the problem’s code', () => {
  expect(whyNoToken({ kind: 'problem', code: 'azure-cli-missing', message: 'm', hint: 'h' })).toBe(
    'not signed in (azure-cli-missing)',
  );
});

test('a workspace is a destination that has one, and a person is told of no other', async () => {
  const { url } = await startLoopback(() => ({
    status: 200,
    body: JSON.stringify({ experiment: { experiment_id: '7', name: 'n' } }),
  }));
  const { databricks: _, ...other } = destinationAt(url, [PAT]);
  expect([isWorkspace(destinationAt(url, [PAT])), isWorkspace(other)]).toEqual([true, false]);
  const options = { env: {}, stateDir: home, level: 'error' } as const;
  expect(await askWorkspace(other, options)).toEqual([]);
  expect(await askWorkspace(destinationAt(url, [PAT]), options)).toEqual([
    { code: 'databricks-signed-in', level: 'ok', args: { host: url, way: 'pat', source: 'environment' } },
    { code: 'databricks-experiment', level: 'ok', args: { id: '7', name: 'n', location: '' } },
  ]);
});

test('a person who is told of a workspace leaves no connection open', async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(404).end());
  });
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
  const url = `http://127.0.0.1:${await listen(server)}`;
  await askWorkspace(destinationAt(url, [PAT]), { env: {}, stateDir: home, level: 'error' });
  await closed;
});
