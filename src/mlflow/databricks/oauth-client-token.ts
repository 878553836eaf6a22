import { asNumber, asObject, asText, compact } from '../../platform/json.js';
import { problem } from '../../platform/problems/problem.js';
import type { HttpAnswer } from '../http-request.js';
import type { TokenAnswer, TokenQuestion } from './access-token.js';
import { type KeptToken, keepToken, keptToken } from './token-cache.js';

/** What an OAuth client needs to reach its workspace. */
export interface OAuthClient {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Asks an address of the workspace, without any authorization of ours but what is given. */
  readonly ask: (request: {
    method: 'GET' | 'POST';
    url: string;
    headers: Record<string, string>;
    body?: string;
    timeoutMs: number;
  }) => Promise<HttpAnswer>;
  /** The folder where tokens are kept, 0600. */
  readonly cacheDir: string;
}

/**
 * A token for a service principal (OAuth 2.0 client credentials, as databricks-sdk 0.162 asks for it):
 * the workspace says where its token endpoint is, and the client's secret goes there in a Basic header.
 * A token is kept until it runs out.
 */
export async function oauthClientToken(client: OAuthClient, question: TokenQuestion): Promise<TokenAnswer> {
  const untilMs = Date.now() + question.timeoutMs;
  const kept = question.fresh ? undefined : keptToken(client, Date.now());
  if (kept !== undefined) return { kind: 'token', value: { token: kept, renewable: true } };
  const found = await client.ask({
    method: 'GET',
    url: `${client.host}/oidc/.well-known/oauth-authorization-server`,
    headers: {},
    timeoutMs: question.timeoutMs,
  });
  const endpoint = found.kind === 'answer' && found.status === 200 ? endpointIn(found.body) : undefined;
  if (endpoint === undefined) return unanswered(client, found, 'its sign-in address');
  if (new URL(endpoint).origin !== client.host) {
    return refused(
      `${client.host} names a token endpoint on another host: the client's secret does not go there`,
      client,
    );
  }
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`, 'utf8').toString('base64');
  const answer = await client.ask({
    method: 'POST',
    url: endpoint,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=all-apis',
    timeoutMs: Math.max(1, untilMs - Date.now()),
  });
  const token = answer.kind === 'answer' && answer.status === 200 ? tokenIn(answer.body) : undefined;
  if (token === undefined) return unanswered(client, answer, 'its token endpoint');
  keepToken(client, token);
  return { kind: 'token', value: { token: token.accessToken, renewable: true } };
}

function endpointIn(body: string): string | undefined {
  const endpoint = asText(parsed(body)?.['token_endpoint']);
  return endpoint !== undefined && URL.canParse(endpoint) ? endpoint : undefined;
}

function tokenIn(body: string): KeptToken | undefined {
  const json = parsed(body);
  const accessToken = asText(json?.['access_token']);
  if (accessToken === undefined || !/^[\x21-\x7e]+$/.test(accessToken)) return undefined;
  return { accessToken, expiresAtMs: Date.now() + (asNumber(json?.['expires_in']) ?? 0) * 1000 };
}

function parsed(body: string) {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function unanswered(client: OAuthClient, answer: HttpAnswer, what: string): TokenAnswer {
  if (answer.kind === 'failed') {
    const why = `${client.host} does not answer at ${what}: ${answer.reason}`;
    const unreachable = problem(
      'databricks-down',
      why,
      'Look at the network, the proxy settings and the host',
    );
    return { kind: 'no token', problem: unreachable, blocked: false };
  }
  const { status, headers } = answer;
  if (status === 408 || status === 429 || status >= 500) {
    const busy = `${client.host} did not give a token (HTTP ${status})`;
    const later = problem('databricks-sign-in-busy', busy, 'It is tried again with the next turn');
    return {
      kind: 'no token',
      problem: later,
      blocked: false,
      ...compact({ retryAfter: headers['retry-after'] }),
    };
  }
  return refused(`${client.host} refuses the client id or its secret (HTTP ${status} at ${what})`, client);
}

function refused(message: string, { clientId }: OAuthClient): TokenAnswer {
  const hint = `Make a new secret for the service principal ${clientId} and set DATABRICKS_CLIENT_SECRET or client_secret`;
  return { kind: 'no token', problem: problem('databricks-client-refused', message, hint), blocked: true };
}
