import { Agent, createServer, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OneRequest, WatchedAgent } from '../../src/otlp/one-request.js';

/** One request as it is seen from outside the program that makes it. */

let agent: Agent;
let server: Server;
let answer: (response: ServerResponse) => void;
let url: string;
beforeEach(async () => {
  agent = new Agent({ keepAlive: true });
  server = createServer((incoming, response) => {
    incoming.resume().on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

/** Makes a request as the exporter does, which reads its answer itself. */
function make(watched: WatchedAgent, to = url): { seen: OneRequest; headers: Promise<unknown> } {
  const seen = watched.next();
  const headers = new Promise((resolve) => {
    const made = request(to, { method: 'POST', agent: watched.agent }, (response) => {
      response.on('error', () => {});
      response.resume().on('end', () => resolve(response.headers['retry-after']));
    });
    made.on('error', () => resolve('failed'));
    made.end('spans');
  });
  return { seen, headers };
}

describe('an answer', () => {
  test('is its status, its words and when to come again', async () => {
    answer = (response) => {
      response.writeHead(429, { 'retry-after': '7' }).write('too ');
      response.end('much');
    };
    const { seen, headers } = make(new WatchedAgent(agent));
    expect(await seen.result).toEqual({ status: 429, body: 'too much', retryAfter: '7' });
    expect(seen.isReached()).toBe(true);
    // Who made it waits a day before it would try again: longer than the program lives.
    expect(await headers).toBe('86400');
  });

  test('without Retry-After has none, and is not tried again either', async () => {
    answer = (response) => response.writeHead(503).end();
    const { seen, headers } = make(new WatchedAgent(agent));
    expect(await seen.result).toEqual({ status: 503, body: '' });
    expect(await headers).toBe('86400');
  });

  test('stands as soon as its status has come', async () => {
    answer = (response) => response.writeHead(200).write('{');
    const { seen } = make(new WatchedAgent(agent));
    expect(seen.answer()).toBeUndefined();
    while (seen.answer() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.answer()).toMatchObject({ status: 200 });
  });

  test('whose body does not end is the answer that has come, after a while, and is read no further', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (response) => response.on('close', resolve).writeHead(200).write('half');
    });
    const { seen } = make(new WatchedAgent(agent));
    expect(await seen.result).toEqual({ status: 200, body: 'half' });
    await closed;
  });

  test('that never ends its talk is read no further than a server’s words go', async () => {
    let more = () => {};
    const words = 'x'.repeat(65_536);
    answer = (response) => {
      response.writeHead(400).write(words);
      more = () => response.write('more');
    };
    const { seen } = make(new WatchedAgent(agent));
    const hasWords = () => (seen.answer() as { body?: string } | undefined)?.body === words;
    while (!hasWords()) await new Promise((resolve) => setTimeout(resolve, 2));
    more();
    const { body } = (await seen.result) as { body: string };
    expect(body.replace(words, 'the words')).toBe('the words');
  });

  test('whose body is no HTTP any more is an answer', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const garbled = createTcpServer((socket) => socket.once('data', () => socket.end(`${head}zz\r\n`)));
    await new Promise<void>((resolve) => garbled.listen(0, '127.0.0.1', resolve));
    const { port } = garbled.address() as AddressInfo;
    const { seen } = make(new WatchedAgent(agent), `http://127.0.0.1:${port}`);
    expect(await seen.result).toEqual({ status: 200, body: '' });
    garbled.close();
  });

  test('whose connection breaks within its body is an answer', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a"');
      setTimeout(() => response.destroy(), 20);
    };
    expect(await make(new WatchedAgent(agent)).seen.result).toEqual({ status: 200, body: '{"a"' });
  });
});

describe('no answer', () => {
  test('of a connection that breaks tells that the server was reached', async () => {
    answer = (response) => response.destroy();
    const { seen } = make(new WatchedAgent(agent));
    expect(await seen.result).toEqual({ errorCode: 'ECONNRESET', reached: true });
  });

  test('where nobody listens tells that it was not', async () => {
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const { seen } = make(new WatchedAgent(agent), `http://127.0.0.1:${port}`);
    expect(await seen.result).toEqual({ errorCode: 'ECONNREFUSED', reached: false });
    expect(seen.isReached()).toBe(false);
  });

  test('whose cause has no code is told apart from every one that has', async () => {
    const unable = new Agent();
    Object.assign(unable, {
      createConnection: (_: unknown, done: (error: Error) => void) => done(new Error('unable')),
    });
    const { seen } = make(new WatchedAgent(unable));
    expect(await seen.result).toEqual({ errorCode: 'no answer', reached: false });
  });

  test('comes of a request that is given up', async () => {
    let arrived = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    answer = (response) => {
      response.on('close', closed);
      arrived();
    };
    const { seen } = make(new WatchedAgent(agent));
    await asked;
    seen.end();
    expect(await seen.result).toEqual({ errorCode: 'ECONNRESET', reached: true });
    // The server sees that nobody waits for it any more.
    await isClosed;
  });
});

describe('requests one after the other', () => {
  test('are seen each by itself, the second over the first one’s connection', async () => {
    const statuses = [200, 500];
    const ports: (number | undefined)[] = [];
    answer = (response) => {
      ports.push(response.socket?.remotePort);
      response.writeHead(statuses.shift() ?? 404).end();
    };
    const watched = new WatchedAgent(agent);
    const first = make(watched).seen;
    expect(await first.result).toMatchObject({ status: 200 });
    await new Promise((resolve) => setImmediate(resolve));
    const second = make(watched).seen;
    expect(await second.result).toMatchObject({ status: 500 });
    expect(second.isReached()).toBe(true);
    expect(ports[1]).toBe(ports[0]);
    expect(await first.result).toMatchObject({ status: 200 });
  });

  test('of which nobody asked to see one are made all the same, and nothing is seen of it', async () => {
    const statuses = [201, 204];
    answer = (response) => response.writeHead(statuses.shift() ?? 404).end();
    const watched = new WatchedAgent(agent);
    const { seen } = make(watched);
    await seen.result;
    const status = await new Promise((resolve) => {
      request(url, { agent: watched.agent }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(204);
    expect(seen.answer()).toEqual({ status: 201, body: '' });
  });
});
