import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
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

async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const options: RequestOptions & { autoSelectFamily: boolean } = {
    method: request.method,
    headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body ?? '') },
    signal,
    agent: false,
    // Node 18 tries only the first address of `localhost`, often ::1, where MLflow does not listen.
    autoSelectFamily: true,
  };
  const { Agent, request: start } = secure ? await import('node:https') : await import('node:http');
  if (request.proxy === undefined) return read(start(url, { ...options, ...request.tls }), request.body);
  if (!secure) return read((await throughProxy(request.proxy, options, url)).request, request.body);
  const socket = await tunnel(request.proxy, url, signal);
  const { connect } = await import('node:tls');
  const { isIP } = await import('node:net');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const agent = Object.assign(new Agent(), {
    createConnection: () =>
      connect({ socket, host, ...(isIP(host) ? {} : { servername: host }), ...request.tls }),
  });
  return read(start(url, { ...options, agent }), request.body);
}

async function throughProxy(proxy: string, options: RequestOptions, url: URL) {
  const address = new URL(proxy);
  const { request } = address.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const headers = { ...options.headers, host: url.host, ...proxyAuthorization(address) };
  return { request: request(address, { ...options, path: url.href, headers }) };
}

/** A connection to the server, opened by the proxy on CONNECT. */
async function tunnel(proxy: string, url: URL, signal: AbortSignal): Promise<Socket> {
  const address = new URL(proxy);
  const { request } = address.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const host = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const ask = request(address, {
      method: 'CONNECT',
      path: host,
      headers: { host, ...proxyAuthorization(address) },
      agent: false,
      signal,
    });
    ask.on('error', reject);
    ask.on('response', (response) => reject(new Error(`the proxy answered ${response.statusCode}`)));
    ask.on('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy answered ${response.statusCode}`));
    });
    ask.end();
  });
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function read(asked: ReturnType<typeof import('node:http').request>, body = ''): Promise<HttpAnswer> {
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
