import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { type OAuthClient, oauthClientToken } from '../../../src/mlflow/databricks/oauth-client-token.js';
import { keepToken, keptToken, tokensDir } from '../../../src/mlflow/databricks/token-cache.js';
import type { HttpAnswer } from '../../../src/mlflow/http-request.js';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = path.join(await makeTemporaryFolder(), 'tokens');
});
afterEach(() => rmSync(path.dirname(cacheDir), { recursive: true }));

const HOST = 'https://w.example';
const QUESTION = { fresh: false, timeoutMs: 5000 };
const answer = (status: number, body: unknown, headers = {}): HttpAnswer => ({
  kind: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});
const DOOR = answer(200, { token_endpoint: `${HOST}/oidc/v1/token` });
const TOKEN = answer(200, { access_token: 'oauth-1', expires_in: 3600 });
const NO_ANSWER: HttpAnswer = { kind: 'failed', code: 'ENOTFOUND', reason: 'ENOTFOUND', reached: false };
const given = (token: string) => ({ kind: 'token', value: { token, renewable: true } });

/** A client whose workspace gives these answers, one after the other; and what it was asked. */
function clientOf(...answers: HttpAnswer[]) {
  const asked: { timeoutMs: number }[] = [];
  const client: OAuthClient = {
    host: HOST,
    clientId: 'id-1',
    clientSecret: 'sécret',
    cacheDir,
    ask: async (request) => {
      asked.push(request);
      return answers.shift() ?? NO_ANSWER;
    },
  };
  return { client, asked };
}

describe('a service principal’s token', () => {
  test('is asked for at the address that the workspace names, with the secret in a Basic header alone', async () => {
    const { client, asked } = clientOf(DOOR, TOKEN);
    expect(await oauthClientToken(client, QUESTION)).toEqual(given('oauth-1'));
    const within = expect.any(Number);
    expect(asked).toEqual([
      {
        method: 'GET',
        url: `${HOST}/oidc/.well-known/oauth-authorization-server`,
        headers: {},
        timeoutMs: 5000,
      },
      {
        method: 'POST',
        url: `${HOST}/oidc/v1/token`,
        headers: {
          authorization: `Basic ${Buffer.from('id-1:sécret').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials&scope=all-apis',
        timeoutMs: within,
      },
    ]);
    // Both questions have one time between them.
    expect(asked[1]?.timeoutMs).toBeGreaterThan(0);
    expect(asked[1]?.timeoutMs).toBeLessThanOrEqual(5000);
  });

  test('is asked for even where its time is over', async () => {
    const { client, asked } = clientOf(DOOR, TOKEN);
    await oauthClientToken(client, { fresh: false, timeoutMs: -1000 });
    expect(asked[1]?.timeoutMs).toBe(1);
  });

  test('is kept, until it is refused', async () => {
    await oauthClientToken(clientOf(DOOR, TOKEN).client, QUESTION);
    const { client, asked } = clientOf(DOOR, answer(200, { access_token: 'oauth-2', expires_in: 3600 }));
    expect(await oauthClientToken(client, QUESTION)).toEqual(given('oauth-1'));
    expect(asked).toEqual([]);
    expect(await oauthClientToken(client, { ...QUESTION, fresh: true })).toEqual(given('oauth-2'));
    expect(await oauthClientToken(clientOf().client, QUESTION)).toEqual(given('oauth-2'));
  });

  test('of which nobody says how long it lasts is used once', async () => {
    const once = answer(200, { access_token: 'oauth-1' });
    expect(await oauthClientToken(clientOf(DOOR, once).client, QUESTION)).toEqual(given('oauth-1'));
    const { client, asked } = clientOf(DOOR, TOKEN);
    await oauthClientToken(client, QUESTION);
    expect(asked).toHaveLength(2);
  });
});

describe('no token', () => {
  const refused = (message: string) => ({
    kind: 'no token',
    blocked: true,
    problem: {
      kind: 'problem',
      code: 'databricks-client-refused',
      message,
      hint: 'Make a new secret for the service principal id-1 and set DATABRICKS_CLIENT_SECRET or client_secret',
    },
  });
  const busy = (status: number) => ({
    kind: 'no token',
    blocked: false,
    problem: {
      kind: 'problem',
      code: 'databricks-sign-in-busy',
      message: `${HOST} did not give a token (HTTP ${status})`,
      hint: 'It is tried again with the next turn',
    },
  });
  const down = (where: string) => ({
    kind: 'no token',
    blocked: false,
    problem: {
      kind: 'problem',
      code: 'databricks-down',
      message: `${HOST} does not answer at ${where}: ENOTFOUND`,
      hint: 'Look at the network, the proxy settings and the host',
    },
  });
  const atDoor = `${HOST} refuses the client id or its secret (HTTP 200 at its sign-in address)`;
  const atToken = (status: number) =>
    `${HOST} refuses the client id or its secret (HTTP ${status} at its token endpoint)`;

  test.each<[string, HttpAnswer[], object]>([
    ['the workspace does not answer', [NO_ANSWER], down('its sign-in address')],
    ['its token endpoint does not answer', [DOOR, NO_ANSWER], down('its token endpoint')],
    ['it names no endpoint', [answer(200, {})], refused(atDoor)],
    ['it names an endpoint that is no address', [answer(200, { token_endpoint: 'x' })], refused(atDoor)],
    ['it answers no JSON', [answer(200, '<html>')], refused(atDoor)],
    [
      'its endpoint is on another host',
      [answer(200, { token_endpoint: 'https://else.example/token' })],
      refused(`${HOST} names a token endpoint on another host: the client's secret does not go there`),
    ],
    [
      'an error names an endpoint',
      [answer(404, { token_endpoint: `${HOST}/t` })],
      refused(`${HOST} refuses the client id or its secret (HTTP 404 at its sign-in address)`),
    ],
    ['the client is refused', [DOOR, answer(401, { access_token: 'x' })], refused(atToken(401))],
    ['a token holds a blank', [DOOR, answer(200, { access_token: 'a b' })], refused(atToken(200))],
    ['a token is none', [DOOR, answer(200, { access_token: 7 })], refused(atToken(200))],
    ...[408, 429, 500, 503].map((status): [string, HttpAnswer[], object] => [
      `the endpoint answers ${status}`,
      [DOOR, answer(status, '')],
      busy(status),
    ]),
    ['the sign-in address answers 500', [answer(500, '')], busy(500)],
    [
      'the endpoint asks to wait',
      [DOOR, answer(429, '', { 'retry-after': '9' })],
      { ...busy(429), retryAfter: '9' },
    ],
    ['the endpoint answers 499', [DOOR, answer(499, '')], refused(atToken(499))],
  ])('comes where %s', async (_, answers, found) => {
    expect(await oauthClientToken(clientOf(...answers).client, QUESTION)).toEqual(found);
    expect(existsSync(cacheDir)).toBe(false);
  });
});

describe('a kept token', () => {
  const NOW = 1_795_572_000_000;
  const owner = () => ({ host: HOST, clientId: 'id-1', clientSecret: 's-1', cacheDir });
  const expiresAtMs = NOW + 60_001;

  test('lies in the state folder, without its secret', () => {
    expect(tokensDir('/state')).toBe(path.join('/state', 'databricks', 'tokens'));
    keepToken(owner(), { accessToken: 'oauth-1', expiresAtMs });
    const [name = '', ...others] = readdirSync(cacheDir);
    expect([name.replace(/^[0-9a-f]{32}/, 'DIGEST'), others]).toEqual(['DIGEST.json', []]);
    expect(JSON.parse(readFileSync(path.join(cacheDir, name), 'utf8'))).toEqual({
      accessToken: 'oauth-1',
      expiresAtMs,
    });
  });

  test.each([
    [NOW, 'oauth-1'],
    [NOW + 1, undefined],
    [NOW - 86_400_000, 'oauth-1'],
  ])('is used until a minute before its end: at %i %s', (nowMs, token) => {
    keepToken(owner(), { accessToken: 'oauth-1', expiresAtMs });
    expect(keptToken(owner(), nowMs)).toBe(token);
  });

  test('is one client’s at one host with one secret', () => {
    keepToken(owner(), { accessToken: 'oauth-1', expiresAtMs });
    for (const other of [{ host: 'https://v.example' }, { clientId: 'id-2' }, { clientSecret: 's-2' }])
      expect(keptToken({ ...owner(), ...other }, NOW)).toBeUndefined();
  });

  test.each([
    '{',
    '[]',
    '{"accessToken":"oauth-1"}',
    '{"expiresAtMs":9e15}',
    '{"accessToken":7,"expiresAtMs":9e15}',
  ])('that is damaged is none: %s', (text) => {
    keepToken(owner(), { accessToken: 'oauth-1', expiresAtMs });
    writeFileSync(path.join(cacheDir, String(readdirSync(cacheDir)[0])), text);
    expect(keptToken(owner(), NOW)).toBeUndefined();
  });

  test('that cannot be kept is none', () => {
    mkdirSync(path.dirname(cacheDir), { recursive: true });
    writeFileSync(cacheDir, 'a file in the folder’s place');
    keepToken(owner(), { accessToken: 'oauth-1', expiresAtMs });
    expect(keptToken(owner(), NOW)).toBeUndefined();
  });
});
