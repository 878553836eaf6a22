import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import { connectionAgent } from './connection-agent.js';
import type { TlsOptions } from './tls-options.js';

/** A request that is sent whole, and whose answer is small. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Goes out character for character: a signed address is signed as it is written. */
  url: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** How long all of it may take, in milliseconds. */
  timeoutMs: number;
  tls?: TlsOptions;
  /** An HTTP proxy's address. */
  proxy?: string;
  /** A 2xx is all that is wanted, whatever becomes of the body behind it: for what is sent, not asked. */
  statusCounts?: boolean;
  /** Connections to use and to leave open; by default one of the request's own. */
  agent?: Agent;
}

/** What came back; `failed` means that no HTTP answer came, with the reason in a few words. */
export type HttpAnswer =
  | { kind: 'answer'; status: number; body: string; headers: Record<string, string> }
  | {
      kind: 'failed';
      code: string;
      reason: string;
      /** Whether a connection had come about. */
      reached: boolean;
    };

/** An answer's body is read this far, in bytes: what we ask for is small. */
const BODY_LIMIT = 262_144;

/** Asks a server. Redirects are not followed: an answer from elsewhere is not the server's. Never throws. */
export async function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), request.timeoutMs);
  const connection = { reached: false };
  try {
    return await exchange(request, controller.signal, connection);
  } catch (error) {
    const { reached } = connection;
    if (controller.signal.aborted) {
      const reason = `no answer within ${request.timeoutMs / 1000} s`;
      return { kind: 'failed', code: 'TIMEOUT', reason, reached };
    }
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: 'failed', code: code ?? 'ERROR', reason: code ?? message, reached };
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  asked: HttpRequest,
  signal: AbortSignal,
  connection: { reached: boolean },
): Promise<HttpAnswer> {
  const agent = asked.agent ?? (await connectionAgent(asked, false));
  const isSecure = asked.url.startsWith('https:');
  const { request } = isSecure ? await import('node:https') : await import('node:http');
  const { method, headers } = asked;
  const options = { method, headers, signal, agent, ...asWritten(asked.url) };
  const sent = request(asked.url, options);
  sent.once('socket', (socket: Socket) => {
    if (!socket.connecting) connection.reached = true;
    else socket.once('connect', () => (connection.reached = true));
  });
  return read(sent, asked);
}

/** The path and query as they are written, where Node's own reading of an address would change them. */
function asWritten(url: string): { path?: string } {
  const written = /^[a-z]+:\/\/[^/?#]*([/?][^#]*)/i.exec(url)?.[1];
  return written === undefined ? {} : { path: written.startsWith('?') ? `/${written}` : written };
}

function read(asked: ClientRequest, { body = '', statusCounts }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let broken = reject;
    // A connection that breaks within an answer's body is told to the request first (Node 18 to 24).
    asked.on('error', (error) => broken(error));
    asked.on('response', (response: IncomingMessage) => {
      const { statusCode: status = 0 } = response;
      const parts: Buffer[] = [];
      let size = 0;
      const done = () => {
        resolve({
          kind: 'answer',
          status,
          body: Buffer.concat(parts).toString('utf8'),
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([key, value]) => [key, String(value)]),
          ),
        });
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size < BODY_LIMIT) return;
        done();
        response.destroy();
      });
      if (statusCounts && Math.floor(status / 100) === 2) broken = done;
      finished(response, (error) => (error ? broken(error) : done()));
    });
    asked.end(body);
  });
}
