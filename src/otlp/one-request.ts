import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import { compact } from '../platform/json.js';
import type { WireResult } from './export-outcome.js';

/** A 2xx is an acceptance, whatever becomes of the body behind it; any body may take this long. */
const BODY_MS = 1000;
/** Enough for a server's words; the rest of a body is not read. */
const BODY_BYTES = 65_536;
/** Longer than the exporter has, which gives up at once then (RFC 9110 seconds). */
const NEVER = '86400';

/** One request over an agent's connections, seen from outside the exporter that makes it. */
export interface OneRequest {
  /** The answer, or the failure, of the request. Never rejects. */
  readonly result: Promise<WireResult>;
  /** The answer as far as it has come: a status stands, whatever becomes of what follows it. */
  answer(): WireResult | undefined;
  /** Whether a connection has come about. */
  isReached(): boolean;
  /** Gives the request up: what went on in the background might still be accepted. */
  end(): void;
}

/**
 * Watches the requests that an exporter makes. The exporter (exporter-trace-otlp-proto 0.223) keeps status
 * and Retry-After of an answer worth another try to itself, and tries up to five times more: here an export
 * is one request, and everything that was said of it is known.
 */
export class WatchedAgent {
  /** What the exporter is given in the agent's place; Node takes anything with its `addRequest` for one. */
  readonly agent: Agent;
  #next: ((request: ClientRequest) => void) | undefined;

  /** @param agent the connections */
  constructor(agent: Agent) {
    const { addRequest } = agent as Agent & { addRequest(request: ClientRequest, options: unknown): void };
    const watched = (made: ClientRequest, options: unknown) => {
      this.#next?.(made);
      this.#next = undefined;
      addRequest.call(agent, made, options);
    };
    this.agent = Object.create(agent, { addRequest: { value: watched } }) as Agent;
  }

  /** Watches the request that is made next. */
  next(): OneRequest {
    let request: ClientRequest | undefined;
    let reached = false;
    const lookAt = (socket: Socket) => {
      if (!socket.connecting) reached = true;
      else socket.once('connect', () => (reached = true));
    };
    let answer: (() => WireResult) | undefined;
    const result = new Promise<WireResult>((resolve) => {
      this.#next = (made) => {
        request = made;
        made.once('socket', lookAt);
        made.once('response', (response) => {
          answer = readAnswer(response, resolve);
        });
        // A connection that breaks within an answer's body is told to the request first (Node 18 to 24).
        made.once('error', (error) => resolve(answer?.() ?? { errorCode: codeOf(error), reached }));
      };
    });
    return { result, answer: () => answer?.(), isReached: () => reached, end: () => request?.destroy() };
  }
}

/** @returns what has come so far */
function readAnswer(response: IncomingMessage, resolve: (answer: WireResult) => void): () => WireResult {
  const { statusCode: status, headers } = response;
  const retryAfter = headers['retry-after'];
  // The exporter reads it when the body has ended, waits, and tries again; it has no time for this wait.
  headers['retry-after'] = NEVER;
  const parts: Buffer[] = [];
  let size = 0;
  const answer = () => compact({ status, body: Buffer.concat(parts).toString('utf8'), retryAfter });
  const done = () => {
    clearTimeout(timer);
    resolve(answer());
    response.destroy();
  };
  const timer = setTimeout(done, BODY_MS);
  response.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size >= BODY_BYTES) done();
  });
  finished(response, done);
  return answer;
}

/** Node's or OpenSSL's code of an error. */
function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : 'no answer';
}
