import type { ClientRequest, IncomingMessage } from 'node:http';
import { connectionAgent } from './connection-agent.js';
import type { TlsOptions } from './tls-options.js';

/** A small request: for questions to a server, not for traces. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** How long all of it may take, in milliseconds. */
  timeoutMs: number;
  tls?: TlsOptions;
  /** An HTTP proxy's address. */
  proxy?: string;
}

/** What came back; `failed` means that no HTTP answer came, with the reason in a few words. */
export type HttpAnswer =
  | { kind: 'answer'; status: number; body: string; headers: Record<string, string> }
  | { kind: 'failed'; code: string; reason: string };

/** An answer's body is read this far, in bytes: what we ask for is small. */
const BODY_LIMIT = 262_144;

/** Asks a server. Redirects are not followed: an answer from elsewhere is not the server's. Never throws. */
export async function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), request.timeoutMs);
  try {
    return await exchange(request, controller.signal);
  } catch (error) {
    if (controller.signal.aborted) {
      return { kind: 'failed', code: 'TIMEOUT', reason: `no answer within ${request.timeoutMs / 1000} s` };
    }
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: 'failed', code: code ?? 'ERROR', reason: code ?? message };
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(asked: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const agent = await connectionAgent(asked, false);
  try {
    const isSecure = asked.url.startsWith('https:');
    const { request } = isSecure ? await import('node:https') : await import('node:http');
    const headers = { ...asked.headers, 'content-length': Buffer.byteLength(asked.body ?? '') };
    return await read(request(asked.url, { method: asked.method, headers, signal, agent }), asked.body);
  } finally {
    agent.destroy();
  }
}

function read(asked: ClientRequest, body = ''): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      let size = 0;
      const done = () => {
        resolve({
          kind: 'answer',
          status: response.statusCode ?? 0,
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
      response.on('end', done);
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('the answer broke off')));
    });
    asked.end(body);
  });
}
