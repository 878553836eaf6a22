import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import type { Destination } from '../../src/mlflow/server.js';
import { SpanSender } from '../../src/otlp/span-sender.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { closeServers, listen } from '../support/proxy.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await closeServers();
});

async function startReceiver(): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  ends.unshift(() => receiver.close());
  return receiver;
}

function senderTo(url: string, more: Partial<Destination> = {}): SpanSender {
  const headers = { 'x-mlflow-experiment-id': '7', 'x-team': 'search' };
  const sender = new SpanSender({
    url: `${url}/v1/traces`,
    trackingUri: url,
    experimentId: '7',
    headers,
    compression: 'none',
    tls: {},
    server: 'mlflow',
    ...more,
  });
  ends.unshift(() => sender.close());
  return sender;
}

const spec = (text = '', spanId = '1'.repeat(16)): SpanSpec => ({
  traceId: 'a'.repeat(32),
  spanId,
  name: 'invoke_agent codex',
  kind: 'INTERNAL',
  startMs: 1_795_572_000_000,
  endMs: 1_795_572_001_000,
  attributes: { text },
  events: [],
  status: { code: 'UNSET' },
});

/** Waits until something has come about that is sure to come. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 400) throw new Error('it has not come about');
    await sleep(5);
  }
}

// First of all: other tests leave the exporter waiting for a while, as a hook's end would not.
test.each([200, 400, 429, 503])(
  'nothing of a request that was answered %i keeps the program alive',
  async (status) => {
    const receiver = await startReceiver();
    receiver.answerWith({ status });
    // Node has it from 17.3 on, its types here have not.
    const { getActiveResourcesInfo } = process as unknown as { getActiveResourcesInfo: () => string[] };
    const timers = () => getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await senderTo(receiver.url).send([spec()], undefined, { timeoutMs: 60_000 });
    // The exporter reads on after us.
    await until(() => timers() <= before);
    expect(timers()).toBeLessThanOrEqual(before);
  },
);

test('spans are one POST with the destination’s headers, and none but those that HTTP needs beside them', async () => {
  const receiver = await startReceiver();
  const sent = await senderTo(receiver.url).send([spec()], '0.171.0', { timeoutMs: 15_000 });
  expect(sent).toEqual({ kind: 'sent' });
  expect(receiver.requests.map(({ method, url, headers }) => ({ method, url, headers }))).toEqual([
    {
      method: 'POST',
      url: '/v1/traces',
      headers: {
        'x-mlflow-experiment-id': '7',
        'x-team': 'search',
        'content-type': 'application/x-protobuf',
        'transfer-encoding': 'chunked',
        'user-agent': expect.stringMatching(/^mlflow-codex\/\d+\.\d+\.\d+ OTel-OTLP-Exporter-JavaScript\//),
        host: `127.0.0.1:${receiver.port}`,
        connection: 'keep-alive',
      },
    },
  ]);
});

test('large spans for another host go compressed, unless they must not', async () => {
  const receiver = await startReceiver();
  const sender = senderTo(receiver.url, { compression: 'gzip' });
  const large = [spec('x'.repeat(5000))];
  await sender.send(large, undefined, { timeoutMs: 15_000 });
  await sender.send(large, undefined, { timeoutMs: 15_000, plain: true });
  await sender.send([spec()], undefined, { timeoutMs: 15_000 });
  const encodings = receiver.requests.map(({ headers }) => headers['content-encoding']);
  expect(encodings).toEqual(['gzip', undefined, undefined]);
  expect(receiver.requests[0]?.spans).toEqual(receiver.requests[1]?.spans);
});

test('a turn may come in several requests', () => {
  expect(senderTo('http://127.0.0.1:9').takesParts).toBe(true);
});

test.each([
  ['gzip', [4096], false],
  ['gzip', [4097], true],
  ['gzip', [2048, 2048], false],
  ['gzip', [4000, 97], true],
  ['gzip', [], false],
  ['none', [100_000], false],
] as const)(
  'where compression is %s, texts of %j characters are compressed: %s',
  (compression, lengths, is) => {
    const sender = senderTo('http://127.0.0.1:9', { compression });
    expect(sender.compresses(lengths.map((length) => spec('x'.repeat(length))))).toBe(is);
  },
);

describe('connections', () => {
  async function startCounting() {
    const server: Server = createServer((request, response) => {
      request.resume().on('end', () => response.end());
    });
    const seen = { opened: 0, closed: 0 };
    server.on('connection', (socket) => {
      seen.opened += 1;
      socket.on('close', () => {
        seen.closed += 1;
      });
    });
    return { url: `http://127.0.0.1:${await listen(server)}`, seen };
  }

  test('are kept between requests, until the sender is closed', async () => {
    const { url, seen } = await startCounting();
    const sender = senderTo(url);
    for (const _ of [1, 2, 3]) {
      expect(await sender.send([spec()], undefined, { timeoutMs: 15_000 })).toEqual({ kind: 'sent' });
      // A connection is free again one turn of the loop after its answer.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual({ opened: 1, closed: 0 });
    sender.close();
    await until(() => seen.closed === 1);
  });

  test('come anew where the sender is used again after its end', async () => {
    const { url, seen } = await startCounting();
    const sender = senderTo(url);
    await sender.send([spec()], undefined, { timeoutMs: 15_000 });
    sender.close();
    expect(await sender.send([spec()], undefined, { timeoutMs: 15_000 })).toEqual({ kind: 'sent' });
    expect(seen.opened).toBe(2);
  });
});

test('requests at the same time have each their own answer', async () => {
  const receiver = await startReceiver();
  receiver.answerWith(({ spans }) => ({ status: spans[0]?.spanId.startsWith('2') ? 503 : 200 }));
  const sender = senderTo(receiver.url);
  const options = { timeoutMs: 15_000 };
  const outcomes = await Promise.all(
    ['1', '2', '3'].map((digit) => sender.send([spec('', digit.repeat(16))], undefined, options)),
  );
  expect(outcomes).toEqual([
    { kind: 'sent' },
    { kind: 'pending', reason: '503', blocked: false, transient: true },
    { kind: 'sent' },
  ]);
});

test.each([
  [200, { kind: 'sent' }],
  [503, { kind: 'pending', reason: '503', blocked: false, transient: true }],
])('a status of %i stands, though no body comes behind it in time', async (status, outcome) => {
  const receiver = await startReceiver();
  receiver.answerWith({ status, bodyIs: 'endless' });
  expect(await senderTo(receiver.url).send([spec()], undefined, { timeoutMs: 800 })).toEqual(outcome);
});

describe('no answer', () => {
  test('in time from a server that took the request: it sees that nobody waits any more', async () => {
    const [silent, cutting] = [await startReceiver(), await startReceiver()];
    silent.answerWith({ instead: 'hang' });
    cutting.answerWith({ instead: 'reset' });
    // Beside the wait: the exporter would try again about a second after a cut connection.
    const [late, cut] = await Promise.all([
      senderTo(silent.url).send([spec()], undefined, { timeoutMs: 1700 }),
      senderTo(cutting.url).send([spec()], undefined, { timeoutMs: 15_000 }),
    ]);
    const slow = { kind: 'pending', blocked: false, transient: true };
    expect([late, cut]).toEqual([
      { ...slow, reason: 'timeout' },
      { ...slow, reason: 'ECONNRESET' },
    ]);
    await until(() => silent.requests[0]?.isCutOff === true);
    expect([silent.requests.length, cutting.requests.length]).toEqual([1, 1]);
  });

  test('where no connection came about in time', async () => {
    // A proxy that takes the question for a tunnel, and says nothing.
    const proxy = `http://127.0.0.1:${await listen(createTcpServer())}`;
    const sender = senderTo('https://mlflow.test', { proxy });
    expect(await sender.send([spec()], undefined, { timeoutMs: 100 })).toEqual({
      kind: 'pending',
      reason: 'no connection',
      blocked: false,
    });
  });

  test.each([
    ['a header that HTTP cannot carry', { headers: { 'x-team': 'a\nb' } }, 'ERR_INVALID_CHAR'],
    ['an address that is none', { url: 'mlflow' }, 'internal error'],
    ['a proxy that is none', { proxy: 'nowhere' }, 'ERR_INVALID_URL'],
  ])('of a request that cannot be made, for %s', async (_, more, reason) => {
    const sender = senderTo('http://127.0.0.1:9', more);
    expect(await sender.send([spec()], undefined, { timeoutMs: 15_000 })).toEqual({
      kind: 'pending',
      reason,
      blocked: false,
    });
  });
});
