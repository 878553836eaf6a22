import type { Agent } from 'node:http';
import { compact } from '../../platform/json.js';
import type { Problem } from '../../platform/problems/problem.js';
import { connectionAgent } from '../connection-agent.js';
import { type HttpAnswer, type HttpRequest, httpRequest } from '../http-request.js';
import type { Destination } from '../server.js';
import type { AccessToken, TokenAnswer, TokenQuestion } from './access-token.js';
import { azureCliToken, databricksCliToken } from './command-token.js';
import { oauthClientToken } from './oauth-client-token.js';
import type { SignInWay } from './sign-in.js';
import type { DatabricksTarget } from './target.js';

/** A destination that is a workspace. */
export type WorkspaceDestination = Destination & { databricks: DatabricksTarget };

/** A question to the workspace; its path begins with `/api/`. */
export interface WorkspaceRequest extends Pick<HttpRequest, 'method' | 'timeoutMs'> {
  readonly path: string;
  /** JSON. */
  readonly body?: unknown;
}

/** What the workspace answered, or why it could not even be asked. */
export type WorkspaceAnswer = HttpAnswer | Extract<TokenAnswer, { kind: 'no token' }>;

/** A signed-in workspace: its token, renewed where that helps, and connections it keeps until `close`. */
export class Workspace {
  readonly host: string;
  #agent: Agent | undefined;
  #token: AccessToken | undefined;
  /** A renewed token that no answer has proven yet: it is not renewed again. */
  #unproven = false;

  /** @param cacheDir where tokens that run out by themselves may be kept */
  constructor(
    readonly destination: WorkspaceDestination,
    readonly env: NodeJS.ProcessEnv,
    readonly cacheDir: string,
  ) {
    this.host = destination.databricks.signIn.host;
  }

  /** Asks with a token; where it is refused (401) and can be renewed, once more. Never throws. */
  async ask(request: WorkspaceRequest): Promise<WorkspaceAnswer> {
    const untilMs = Date.now() + request.timeoutMs;
    for (;;) {
      const token = await this.token(untilMs - Date.now());
      if (token.kind === 'no token') return token;
      const answer = await this.#send(request, token.value, Math.max(1, untilMs - Date.now()));
      if (answer.kind === 'failed' || !this.isWorthAnotherTry(answer.status)) return answer;
    }
  }

  /** The token in use, asked for where there is none. */
  async token(timeoutMs: number): Promise<TokenAnswer> {
    if (this.#token !== undefined) return { kind: 'token', value: this.#token };
    const { ways } = this.destination.databricks.signIn;
    const untilMs = Date.now() + timeoutMs;
    let first: TokenAnswer | undefined;
    for (const way of ways) {
      const question = { fresh: this.#unproven, timeoutMs: Math.max(1, untilMs - Date.now()) };
      const answer = await this.#tokenBy(way, question);
      if (answer.kind === 'token') {
        this.#token = answer.value;
        return answer;
      }
      first ??= answer;
    }
    if (first === undefined) throw new Error('a sign-in without a way');
    return first;
  }

  /**
   * What a status says of the token: a 401 of one that can be renewed forgets it, once, so that the next
   * request has another.
   * @returns whether the request is to be repeated
   */
  isWorthAnotherTry(status: number): boolean {
    if (status !== 401) {
      this.#unproven = false;
      return false;
    }
    if (this.#unproven || this.#token?.renewable !== true) return false;
    this.#token = undefined;
    this.#unproven = true;
    return true;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #send({ method, path, body }: WorkspaceRequest, { token }: AccessToken, timeoutMs: number) {
    this.#agent ??= await connectionAgent(this.destination, true);
    const text = body === undefined ? undefined : JSON.stringify(body);
    return httpRequest({
      method,
      url: `${this.host}${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...compact({ body: text }),
      statusCounts: method !== 'GET',
      timeoutMs,
      agent: this.#agent,
    });
  }

  async #tokenBy(way: SignInWay, question: TokenQuestion): Promise<TokenAnswer> {
    const { host, env, cacheDir, destination } = this;
    switch (way.way) {
      case 'pat':
        return { kind: 'token', value: { token: way.token, renewable: false } };
      case 'oauth-m2m': {
        const { tls, proxy } = destination;
        const ask = (request: HttpRequest) => httpRequest({ ...request, tls, ...compact({ proxy }) });
        return oauthClientToken({ ...way, host, cacheDir, ask }, question);
      }
      case 'databricks-cli':
        return databricksCliToken({ ...way, host }, env, question);
      case 'azure-cli':
        return azureCliToken(host, env, question);
    }
  }
}

/** Whether a destination is a workspace. */
export function isWorkspace(destination: Destination): destination is WorkspaceDestination {
  return destination.databricks !== undefined;
}

/** Why a workspace could not be asked, in few words. */
export function whyNoToken({ code }: Problem): string {
  return `not signed in (${code})`;
}
