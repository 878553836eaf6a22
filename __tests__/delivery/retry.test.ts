import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type Answer, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import type { DeliveryRun } from '../../src/delivery/run/delivery-run.js';
import { heldUntil } from '../../src/delivery/store/throttle.js';
import { home } from '../support/test-home.js';

describe('to a server that does not take turns a hook makes', () => {
  test.each<[string, Answer]>([
    ['408', { status: 408 }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['Retry-After: 0', { status: 503, headers: { 'retry-after': '0' } }],
    ['silence', { instead: 'hang' }],
    ['a cut connection', { instead: 'reset' }],
  ])(
    'two requests where it answers with %s, however many turns and threads are pending',
    async (_, answer) => {
      home.answer(200);
      const threads = [home.thread(), home.thread(), home.thread()];
      for (const thread of threads) await home.hook(thread.payload(thread.turn()));
      home.receiver.answerWith(answer);
      for (const thread of threads) for (let i = 0; i < 3; i++) thread.turn();
      const before = home.receiver.requests.length;
      const own = home.thread();
      await home.hook(own.payload(own.turn()), { requestTimeoutMs: 1000 });
      expect(home.receiver.requests.length - before).toBe(2);
    },
  );

  test.each<[string, Answer]>([
    ['401', { status: 401 }],
    ['404', { status: 404 }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
    ['what is not HTTP', { instead: 'garbage' }],
    ['Retry-After', { status: 503, headers: { 'retry-after': '30' } }],
    ['500 FEATURE_DISABLED', { status: 500, body: '{"error_code":"FEATURE_DISABLED"}' }],
  ])('one request where it answers with %s', async (_, answer) => {
    home.receiver.answerWith(answer);
    const thread = home.thread();
    thread.turn();
    await home.hook(thread.payload(thread.turn()));
    expect(home.receiver.requests).toHaveLength(1);
  });

  test('two, and the second sends the turn where the server has come to itself', async () => {
    home.receiver.answerWith((_, n) => (n === 0 ? { status: 503 } : {}));
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn()];
    expect(await home.hook(thread.payload(turns[1] ?? ''))).toEqual({ outcome: 'sent' });
    expect(home.arrived()).toEqual([turns[1]]);
    expect(home.receiver.requests).toHaveLength(2);
  });

  test('one where no time is left for a second that may take as long as the first', async () => {
    home.receiver.answerWith({ instead: 'hang' });
    const thread = home.thread();
    const deadlineMs = Date.now() + 5000;
    await home.hook(thread.payload(thread.turn()), { requestTimeoutMs: 3000, deadlineMs });
    expect(home.receiver.requests).toHaveLength(1);
  });

  test('one for a turn that it has failed over again and again', async () => {
    const thread = home.thread();
    const bad = thread.turn();
    home.receiver.answerWith((request) =>
      request.spans.some((span) => span.attributes['codex.turn.id'] === bad) ? { status: 500 } : {},
    );
    for (let i = 0; i < 3; i++) await home.hook(thread.payload(bad));
    const before = home.receiver.requests.length;
    const next = thread.turn();
    await home.hook(thread.payload(next));
    expect(home.arrived()).toEqual([next]);
    expect(home.receiver.requests.length - before).toBe(2);
  });
});

test('the pause before the second request is drawn anew each time', async () => {
  home.answer(503);
  const pauses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const before = home.receiver.requests.length;
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()), { retryPauseMs: [50, 400] });
    const [first, second] = home.receiver.requests.slice(before);
    pauses.push((second?.atMs ?? 0) - (first?.atMs ?? 0));
  }
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
  expect(new Set(pauses).size).toBeGreaterThan(1);
});

test('where nothing listens a hook asks once, also where a server comes up in the very next moment', async () => {
  const { port } = home.receiver;
  await home.receiver.close();
  const thread = home.thread();
  const hook = home.hook(thread.payload(thread.turn()), { retryPauseMs: [1000, 1000] });
  await sleep(300);
  const late = await startOtlpReceiver({ port });
  expect(await hook).toEqual({ outcome: 'pending', detail: 'ECONNREFUSED' });
  await late.close();
  expect(late.requests).toEqual([]);
});

test('a server that cannot be reached within the time is no failure of the turn', async () => {
  const { url, end } = await startDeaf();
  try {
    home.sendTo(url);
    const thread = home.thread();
    const turn = thread.turn();
    const outcome = await home.hook(thread.payload(turn), { requestTimeoutMs: 300 });
    expect(outcome).toEqual({ outcome: 'pending', detail: 'no connection' });
    expect(home.state(thread.threadId).turns.filter(({ failures = 0 }) => failures > 0)).toEqual([]);
  } finally {
    end();
  }
});

describe('a request out of its time', () => {
  test('is ended before the next one begins, so that no late acceptance doubles the turn', async () => {
    const wasCutOff: unknown[] = [];
    home.receiver.answerWith((_, n) => {
      if (n === 1) wasCutOff.push(home.receiver.requests[0]?.isCutOff);
      return { instead: 'hang' };
    });
    const thread = home.thread();
    await home.hook(thread.payload(thread.turn()), { requestTimeoutMs: 1000, retryPauseMs: [100, 100] });
    expect(wasCutOff).toEqual([true]);
  });
});

test('an experiment that is answered missing is looked up again by the next hook', async () => {
  const ids = ['1', '2'];
  const asked: string[] = [];
  home.receiver.answerWith(({ url, headers }) => {
    if (url.startsWith('/v1/traces'))
      return { status: headers['x-mlflow-experiment-id'] === '1' ? 404 : 200 };
    asked.push(url);
    const experiment = {
      experiment_id: ids[Math.min(asked.length, ids.length) - 1],
      lifecycle_stage: 'active',
    };
    return { body: JSON.stringify({ experiment }) };
  });
  const env = { MLFLOW_EXPERIMENT_NAME: 'again', CODEX_HOME: home.codexHome };
  const thread = home.thread();
  const turn = thread.turn();
  expect(await home.hook(thread.payload(turn), { env })).toMatchObject({ outcome: 'pending', detail: '404' });
  expect(await home.hook(thread.payload(turn), { env })).toMatchObject({ outcome: 'sent' });
  expect(asked).toHaveLength(2);
  expect(home.arrived()).toEqual([turn]);
});

describe('Retry-After', () => {
  const heldFor = async (seconds: number) => {
    home.answer(429, { 'retry-after': String(seconds) });
    const thread = home.thread();
    const run: DeliveryRun = home.run();
    await home.hook(thread.payload(thread.turn()));
    const route = await run.route('/');
    run.close();
    if (route.kind !== 'deliver') throw new Error('no route');
    return (
      heldUntil(home.stateDir, route.destination, Date.now()) - (home.receiver.requests.at(-1)?.atMs ?? 0)
    );
  };

  test('holds for what the server said and something drawn on top', async () => {
    const held = await heldFor(100);
    expect(held).toBeGreaterThanOrEqual(100_000);
    expect(held).toBeLessThan(100_000 + 11_000 + 5000);
  });
});

/** A port whose queue is full: what is sent there gets no answer at all, as behind a firewall that drops it. */
async function startDeaf(): Promise<{ url: string; end(): void }> {
  const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('fs').writeSync(1, String(this.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const filling = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  await sleep(100);
  const end = () => {
    for (const socket of filling) socket.destroy();
    child.kill('SIGKILL');
  };
  return { url: `http://127.0.0.1:${port}`, end };
}
