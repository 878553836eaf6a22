import { Agent, createServer } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { httpRequest } from '../../src/mlflow/http-request.js';
import { closeLoopbacks, startLoopback } from '../support/loopback.js';
import { closeServers, listen, PROXY_AUTHORIZATION, startProxy, startTlsServer } from '../support/proxy.js';
import { CERTIFICATE } from '../support/test-certificate.js';

afterEach(async () => {
  await closeServers();
  await closeLoopbacks();
});

const tlsServer = () => startTlsServer('secret place');
const get = { method: 'GET', headers: {}, timeoutMs: 8000 } as const;

describe('httpRequest', () => {
  it('sends body and headers, and brings back status, headers and text', async () => {
    const server = await startLoopback(() => ({ status: 418, body: 'téa', headers: { 'x-a': 'b' } }));
    const answer = await httpRequest({
      ...get,
      method: 'POST',
      url: `${server.url}/p?q`,
      headers: { 'x-b': 'c' },
      body: 'é',
    });
    expect(answer).toEqual({
      kind: 'answer',
      status: 418,
      body: 'téa',
      headers: {
        'x-a': 'b',
        connection: 'close',
        'transfer-encoding': 'chunked',
        date: expect.any(String),
      },
    });
    expect(server.requests).toEqual([
      {
        method: 'POST',
        url: '/p?q',
        body: 'é',
        headers: {
          'x-b': 'c',
          'content-length': '2',
          host: `127.0.0.1:${server.port}`,
          connection: 'close',
        },
      },
    ]);
  });

  it.each(['POST', 'PUT', 'PATCH'] as const)(
    'tells the length of a %s without a body, which a store asks for',
    async (method) => {
      const server = await startLoopback(() => ({ status: 200, body: '' }));
      await httpRequest({ ...get, method, url: server.url });
      expect(server.requests[0]?.headers['content-length']).toBe('0');
      expect(server.requests[0]?.headers['transfer-encoding']).toBeUndefined();
    },
  );

  it('reaches a server that listens on 127.0.0.1 alone by the name localhost', async () => {
    const server = await startLoopback(() => ({ status: 200, body: '' }));
    expect(await httpRequest({ ...get, url: `http://localhost:${server.port}` })).toMatchObject({
      status: 200,
    });
  });

  it('does not follow redirects', async () => {
    const server = await startLoopback(() => ({
      status: 302,
      body: '',
      headers: { location: '/elsewhere' },
    }));
    expect(await httpRequest({ ...get, url: server.url })).toMatchObject({ status: 302 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['', '/'],
    ['?a=1', '/?a=1'],
    ["/p/../q?X-Sig=a%2fb+c/d='(~)'#end", "/p/../q?X-Sig=a%2fb+c/d='(~)'"],
  ])('asks for an address that ends in %j as it is written', async (suffix, url) => {
    const server = await startLoopback(() => ({ status: 200, body: '' }));
    expect(await httpRequest({ ...get, url: `${server.url}${suffix}` })).toMatchObject({ status: 200 });
    expect(server.requests.map((request) => request.url)).toEqual([url]);
  });

  it('says in a word why there is no answer, within its time', async () => {
    const server = await startLoopback(() => 'hang');
    expect(await httpRequest({ ...get, url: server.url, timeoutMs: 300 })).toEqual({
      kind: 'failed',
      code: 'TIMEOUT',
      reason: 'no answer within 0.3 s',
      reached: true,
    });
    await server.close();
    expect(await httpRequest({ ...get, url: server.url })).toEqual({
      kind: 'failed',
      code: 'ECONNREFUSED',
      reason: 'ECONNREFUSED',
      reached: false,
    });
    const garbage = await listen(
      (await import('node:net')).createServer((socket) => socket.end('SSH-2.0\r\n')),
    );
    expect(await httpRequest({ ...get, url: `http://127.0.0.1:${garbage}` })).toEqual({
      kind: 'failed',
      code: 'HPE_INVALID_CONSTANT',
      reason: 'HPE_INVALID_CONSTANT',
      reached: true,
    });
    const cut = await listen(
      createServer((_, response) =>
        response.writeHead(200, { 'content-length': 9 }).write('a', () => response.destroy()),
      ),
    );
    expect(await httpRequest({ ...get, url: `http://127.0.0.1:${cut}` })).toEqual({
      kind: 'failed',
      code: 'ECONNRESET',
      reason: 'ECONNRESET',
      reached: true,
    });
  });

  it('tells a cause that has no code by its words', async () => {
    const agent = new Agent();
    const createConnection = (_: unknown, done: (error: Error) => void) => done(new Error('no way'));
    Object.assign(agent, { createConnection });
    expect(await httpRequest({ ...get, url: 'http://127.0.0.1:9', agent })).toEqual({
      kind: 'failed',
      code: 'ERROR',
      reason: 'no way',
      reached: false,
    });
  });

  it('leaves the connections open that it is given, and knows that one of them was there', async () => {
    const server = await startLoopback(({ url }) => (url === '/hang' ? 'hang' : { status: 200, body: '' }));
    const ports: unknown[] = [];
    const agent = new Agent({ keepAlive: true });
    agent.on('free', (socket) => ports.push(socket.localPort));
    for (const _ of [1, 2]) {
      await httpRequest({ ...get, url: server.url, agent });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ports).toHaveLength(2);
    expect(ports[0]).toBe(ports[1]);
    expect(await httpRequest({ ...get, url: `${server.url}/hang`, timeoutMs: 300, agent })).toMatchObject({
      code: 'TIMEOUT',
      reached: true,
    });
    agent.destroy();
  });

  it.each(['cut', 'garbled'] as const)(
    'takes a 2xx with a %s body for an answer where the status is all that is wanted',
    async (bodyIs) => {
      const receiver = await startOtlpReceiver();
      receiver.answerWith({ bodyIs });
      const request = { ...get, method: 'POST', url: receiver.url } as const;
      expect(await httpRequest({ ...request, statusCounts: true })).toMatchObject({ status: 200 });
      expect(await httpRequest(request)).toMatchObject({ kind: 'failed' });
      receiver.answerWith({ bodyIs, status: 500 });
      expect(await httpRequest({ ...request, statusCounts: true })).toMatchObject({ kind: 'failed' });
      await receiver.close();
    },
  );

  it('reads a quarter of a megabyte of an answer without end, and no further', async () => {
    const words = 'x'.repeat(262_144);
    let closed: Promise<unknown> = Promise.reject(new Error('nobody has asked'));
    closed.catch(() => {});
    const port = await listen(
      createServer((_, response) => {
        closed = new Promise((resolve) => response.on('close', resolve));
        response.write(words);
      }),
    );
    const agent = new Agent({ keepAlive: true });
    const answer = await httpRequest({ ...get, url: `http://127.0.0.1:${port}`, agent });
    expect(answer).toMatchObject({ kind: 'answer', status: 200 });
    expect(answer.kind === 'answer' && answer.body === words).toBe(true);
    await closed;
    agent.destroy();
  });

  it('verifies the server, by the given authority, unless told not to', async () => {
    const url = `https://127.0.0.1:${await tlsServer()}`;
    expect(await httpRequest({ ...get, url })).toMatchObject({
      kind: 'failed',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const answer = { kind: 'answer', body: 'secret place' };
    expect(await httpRequest({ ...get, url, tls: { ca: Buffer.from(CERTIFICATE) } })).toMatchObject(answer);
    expect(await httpRequest({ ...get, url, tls: { rejectUnauthorized: false } })).toMatchObject(answer);
  });

  it('asks through a proxy, with its credentials', async () => {
    const server = await startLoopback(() => ({ status: 200, body: 'yes' }));
    const proxy = await startProxy(server.port);
    expect(await httpRequest({ ...get, url: 'http://mlflow.test/a', proxy: proxy.url })).toMatchObject({
      status: 200,
      body: 'yes',
    });
    expect(proxy.asked).toEqual([['GET http://mlflow.test/a', PROXY_AUTHORIZATION]]);
    expect(server.requests[0]?.headers.host).toBe('mlflow.test');
  });

  it('goes through a proxy’s tunnel to an https server, and verifies that server', async () => {
    const proxy = await startProxy(await tlsServer());
    const request = { ...get, url: 'https://mlflow.test/a', proxy: proxy.url };
    expect(await httpRequest({ ...request, tls: { ca: Buffer.from(CERTIFICATE) } })).toMatchObject({
      body: 'secret place',
    });
    expect(proxy.asked).toEqual([['CONNECT mlflow.test:443', PROXY_AUTHORIZATION]]);
    expect(await httpRequest(request)).toMatchObject({ kind: 'failed', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(
      await httpRequest({ ...request, url: 'https://other.test', tls: { ca: Buffer.from(CERTIFICATE) } }),
    ).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const byAddress = { ...request, url: 'https://127.0.0.1', tls: { ca: Buffer.from(CERTIFICATE) } };
    expect(await httpRequest(byAddress)).toMatchObject({ body: 'secret place' });
    const closed = await startProxy(0);
    expect(await httpRequest({ ...request, proxy: closed.url })).toMatchObject({ status: 407 });
  });
});
