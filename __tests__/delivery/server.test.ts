import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { DeliveryHome } from '../support/delivery-home.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
});
const closers: (() => void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await home.close();
});

const FEATURE_DISABLED = '{"error_code":"FEATURE_DISABLED","message":"workspaces are off"}';

describe('a server that does not take a turn', () => {
  it.each([
    ['408 Request Timeout', 408, '', false],
    ['429 Too Many Requests', 429, '', false],
    ['500 Internal Server Error', 500, '', false],
    ['503 Service Unavailable', 503, '', false],
    ['401 Unauthorized', 401, '', true],
    ['403 Forbidden', 403, '', true],
    ['404 Not Found', 404, '', true],
    ['501 Not Implemented', 501, '', true],
    ['500 FEATURE_DISABLED', 500, FEATURE_DISABLED, true],
  ])('with %s has it pending, and gets it once when it is well again', async (_, status, body, blocked) => {
    const thread = home.thread();
    const turn = thread.turn();
    home.answer(status, {}, body);
    expect(await home.hook(thread.payload(turn))).toMatchObject({
      outcome: 'pending',
      detail: String(status),
    });
    expect(home.state(thread.threadId).waiting).toMatchObject({ reason: String(status), blocked });
    home.receiver.answerWith({});
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([turn, next]);
    expect(home.state(thread.threadId)).toMatchObject({ turns: [], delivered: 2 });
    expect(home.state(thread.threadId).waiting).toBeUndefined();
  });

  it.each([
    ['hangs', { instead: 'hang' }, 'timeout'],
    ['cuts the connection', { instead: 'reset' }, 'ECONNRESET'],
    ['answers what is not HTTP', { instead: 'garbage' }, 'HPE_INVALID_CONSTANT'],
  ] as const)('because it %s has it pending, within the time given', async (_, answer, detail) => {
    const thread = home.thread();
    const turn = thread.turn();
    home.receiver.answerWith(answer);
    const short = { requestTimeoutMs: 600 };
    expect(await home.hook(thread.payload(turn), short)).toMatchObject({ outcome: 'pending', detail });
    home.receiver.answerWith({});
    await home.hook(thread.payload(thread.turn()));
    expect(home.arrived()[0]).toBe(turn);
  });

  it.each(['http://127.0.0.1:9', 'http://no-such-host.invalid'])(
    'because it is not at %s has it pending',
    async (uri) => {
      const thread = home.thread();
      const turn = thread.turn();
      home.sendTo(uri);
      expect(await home.hook(thread.payload(turn))).toMatchObject({ outcome: 'pending' });
      home.sendTo(home.receiver.url);
      const next = thread.turn();
      await home.hook(thread.payload(next));
      expect(home.arrived()).toEqual([turn, next]);
    },
  );

  it('but redirects gets no turn, and neither does the host it names', async () => {
    const elsewhere = await startOtlpReceiver();
    const thread = home.thread();
    home.answer(302, { location: `${elsewhere.url}/v1/traces` });
    expect(await home.hook(thread.payload(thread.turn()))).toMatchObject({
      outcome: 'pending',
      detail: 'redirect (302)',
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it('and was gone for ten turns has all eleven, once and in order, when it is back', async () => {
    const thread = home.thread();
    home.sendTo('http://127.0.0.1:9');
    const turns: string[] = [];
    for (let i = 0; i < 10; i++) {
      turns.push(thread.turn());
      await home.hook(thread.payload(turns.at(-1) ?? ''), { requestTimeoutMs: 200 });
    }
    expect(home.state(thread.threadId).waiting?.reason).toBe('ECONNREFUSED');
    home.sendTo(home.receiver.url);
    turns.push(thread.turn());
    await home.hook(thread.payload(turns.at(-1) ?? ''));
    expect(home.arrived()).toEqual(turns);
  });
});

describe('Retry-After', () => {
  it('holds every hook of every thread, and a run for a thread that has waited is not tried', async () => {
    const thread = home.thread();
    const turn = thread.turn();
    home.answer(503, { 'retry-after': '60' });
    await home.hook(thread.payload(turn));
    home.receiver.answerWith({});
    const before = home.receiver.requests.length;
    const other = home.thread();
    expect(await home.hook(other.payload(other.turn()))).toMatchObject({
      outcome: 'pending',
      detail: 'the server asked to wait',
    });
    expect(home.receiver.requests).toHaveLength(before);
  });

  it('holds for 10 minutes at most, whatever it says', async () => {
    const thread = home.thread();
    home.answer(503, { 'retry-after': '86400' });
    await home.hook(thread.payload(thread.turn()));
    home.receiver.answerWith({});
    const { heldUntil } = await import('../../src/delivery/store/throttle.js');
    const route = await home.run().route('/');
    if (route.kind !== 'deliver') throw new Error('no route');
    const until = heldUntil(home.stateDir, route.destination, Date.now());
    expect(until).toBeGreaterThan(Date.now() + 9 * 60_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 10 * 60_000);
  });
});

describe('a turn that a server refuses', () => {
  it.each([400, 413, 422])(
    'with %d is tried in smaller forms, then rejected; the others arrive',
    async (status) => {
      const thread = home.thread();
      const turns = [thread.turn(), thread.turn('complete', 3000), thread.turn()];
      home.receiver.answerWith((request) =>
        request.spans.some((span) => span.attributes['codex.turn.id'] === turns[1])
          ? { status, body: '{"message":"Failed to log OpenTelemetry spans"}' }
          : {},
      );
      await home.hook(thread.payload(turns[0] ?? ''));
      await home.hook(thread.payload(turns[2] ?? ''));
      expect(home.arrived()).toEqual([turns[0], turns[2]]);
      expect(home.turns(thread.threadId, 'rejected')).toMatchObject([
        { turnId: turns[1], httpStatus: status, message: 'Failed to log OpenTelemetry spans' },
      ]);
      const tries = triesOf(turns[1] ?? '');
      expect(tries).toBeGreaterThan(1);
      expect(tries).toBeLessThanOrEqual(5);
      await home.hook(thread.payload(thread.turn()));
      expect(triesOf(turns[1] ?? '')).toBe(tries);
    },
  );

  it('because it is compressed, is sent again as it is, and no smaller', async () => {
    // Only what goes to another host is compressed: the receiver stands for a proxy on the way.
    home.sendTo('http://mlflow.example:5000');
    const env = { HTTP_PROXY: home.receiver.url };
    home.receiver.answerWith((request) => (request.headers['content-encoding'] ? { status: 400 } : {}));
    const thread = home.thread();
    const turn = thread.turn('complete', 5000);
    expect(await home.hook(thread.payload(turn), { env })).toEqual({
      outcome: 'sent',
      detail: 'uncompressed',
    });
    expect(home.receiver.requests.map(({ url, headers }) => [url, headers['content-encoding']])).toEqual([
      ['http://mlflow.example:5000/v1/traces', 'gzip'],
      ['http://mlflow.example:5000/v1/traces', undefined],
    ]);
    expect(JSON.stringify(home.receiver.spans())).toContain('x'.repeat(5000));
  });

  it('and was not compressed, is not sent the same way twice', async () => {
    home.answer(422);
    const thread = home.thread();
    const turn = thread.turn('complete', 5000);
    await home.hook(thread.payload(turn));
    const sizes = home.receiver.requests.map(({ body }) => body.length);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
    expect(sizes).toHaveLength(3);
  });

  it('now and then, with other failures between, is tried five times in all', async () => {
    const thread = home.thread();
    const turn = thread.turn('complete', 5000);
    home.receiver.answerWith((_, n) => ({ status: n % 2 === 0 ? 422 : 500 }));
    for (let i = 0; i < 12; i++) await home.hook(thread.payload(turn));
    const refused = home.receiver.requests.filter((_, n) => n % 2 === 0);
    expect(refused.length).toBeLessThanOrEqual(5);
    expect(home.turns(thread.threadId, 'rejected')).toMatchObject([{ turnId: turn, httpStatus: 422 }]);
  });

  it('is sent without its content to a server that takes it so', async () => {
    const thread = home.thread();
    const turn = thread.turn('complete', 5000);
    home.receiver.answerWith((request) =>
      JSON.stringify(request.spans).includes('answer 1') ? { status: 413 } : {},
    );
    expect(await home.hook(thread.payload(turn))).toEqual({
      outcome: 'sent',
      detail: 'all content left out: the server refused the whole (413)',
      isReduced: true,
    });
    const [root] = home.receiver.spans();
    expect(root?.attributes['codex.turn.outcome']).toBe('completed');
    expect(root?.attributes['mlflow.spanOutputs']).toBeUndefined();
  });
});

describe('a turn that a server stumbles over', () => {
  it('steps aside after three times, and the ones after it arrive', async () => {
    const thread = home.thread();
    const bad = thread.turn();
    home.receiver.answerWith((request) =>
      request.spans.some((span) => span.attributes['codex.turn.id'] === bad) ? { status: 500 } : {},
    );
    for (let i = 0; i < 3; i++) await home.hook(thread.payload(bad));
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([next]);
    home.receiver.answerWith({});
    const last = thread.turn();
    await home.hook(thread.payload(last));
    expect(home.arrived()).toEqual([next, last, bad]);
  });
});

it('a 2xx counts whatever its body says', async () => {
  const thread = home.thread();
  const turn = thread.turn();
  // partial_success { rejected_spans: 1 }
  home.answer(200, { 'content-type': 'application/x-protobuf' }, '\u000a\u0002\u0008\u0001');
  expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent' });
  home.answer(200, {}, '<html>not protobuf</html>');
  expect(await home.hook(thread.payload(thread.turn()))).toEqual({ outcome: 'sent' });
  expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent', detail: 'sent before' });
});

describe('a server that sends a byte now and then', () => {
  it('does not keep a hook beyond its time', async () => {
    const server = await startDripping('HTTP/1.1 200 OK\r\nx-slow: ');
    home.sendTo(server.url);
    const thread = home.thread();
    expect(await home.hook(thread.payload(thread.turn()))).toMatchObject({
      outcome: 'pending',
      detail: 'timeout',
    });
  });

  it('has accepted the turn once it has said so, and is not sent it again', async () => {
    const server = await startDripping('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    home.sendTo(server.url);
    const thread = home.thread();
    // Longer than it takes to be sure, shorter than the exporter would wait before it tried again.
    expect(await home.hook(thread.payload(thread.turn()), { requestTimeoutMs: 5000 })).toEqual({
      outcome: 'sent',
    });
    expect(server.requests()).toBe(1);
  });
});

/** Answers any request with some bytes at once, and one more every 100 ms for ever. */
async function startDripping(head: string): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      requests++;
      socket.write(head);
      const drip = setInterval(() => socket.write('x'), 100);
      socket.on('close', () => clearInterval(drip));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  closers.push(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
  };
}

function triesOf(turnId: string): number {
  return home.receiver.requests.filter((request) =>
    request.spans.some((span) => span.attributes['codex.turn.id'] === turnId),
  ).length;
}
