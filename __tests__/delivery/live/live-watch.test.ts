import { statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DecodedSpan } from '../../../scripts/lab/otlp-decode.mjs';
import type { Answer, ReceivedRequest } from '../../../scripts/lab/otlp-receiver.mjs';
import { LIVE_PACE, type LivePace } from '../../../src/delivery/live/live-pace.js';
import { LiveWatch } from '../../../src/delivery/live/live-watch.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { liveRecords } from '../../../src/delivery/store/live-records.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import { LiveThread } from '../../support/live-thread.js';
import { replayed } from '../../support/replayed-threads.js';

let home: DeliveryHome;
let watch: LiveWatch;

beforeEach(async () => {
  home = await DeliveryHome.make();
  answerAs('3.17.2');
  watch = watcher();
});
afterEach(async () => {
  watch.close();
  await home.close();
});

/** Passes follow one another as the test wants them; a turn is shown from its beginning on. */
const PACE: LivePace = { ...LIVE_PACE, firstMs: 0, requestsPerMinute: 1000, settleMs: 0 };

function watcher(pace: Partial<LivePace> = {}, isWanted = true): LiveWatch {
  const { options } = home.run();
  return new LiveWatch({ run: options, pace: { ...PACE, ...pace }, isWanted: () => isWanted });
}

/** The server is this MLflow, and answers spans so. */
function answerAs(version: string | undefined, answer: (request: ReceivedRequest) => Answer = () => ({})) {
  home.receiver.answerWith((request) => {
    if (request.url !== '/version') return answer(request);
    return version === undefined ? { status: 404 } : { body: version };
  });
}

const posts = () => home.receiver.requests.filter(({ method }) => method === 'POST');
const agents = () => home.receiver.spans().filter(({ name }) => name === 'invoke_agent codex');
const outcomes = () => agents().map(({ attributes }) => attributes['codex.turn.outcome']);
const isLlm = ({ name }: DecodedSpan) => name.startsWith('chat');
/** How often the tokens of each response were told. */
const counted = () => home.receiver.spans().filter((span) => span.attributes['mlflow.chat.tokenUsage']);
const logged = () => readLog(home.stateDir).map(({ outcome, detail }) => [outcome, detail]);

describe('of a turn that goes on', () => {
  test('the server has the prompt, what is over and what is under way; later only what is new', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    const first = thread.call(turn, 'make test');
    await watch.pass();
    expect(posts()[0]?.spans.map(({ name }) => name)).toEqual([
      'invoke_agent codex',
      'chat gpt-5.5',
      'chat gpt-5.5',
      'exec_command',
    ]);
    const [agent] = agents();
    expect(agent?.attributes['mlflow.spanInputs']).toBe(
      '{"messages":[{"role":"user","content":"prompt 1"}]}',
    );
    expect(agent?.parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    thread.answer(turn, first);
    thread.call(turn, 'make install');
    await watch.pass();
    expect(posts()[1]?.spans.map(({ name, attributes }) => [name, attributes['mlflow.spanInputs']])).toEqual([
      ['invoke_agent codex', expect.anything()],
      ['exec_command', '{"cmd":"make test"}'],
      ['chat gpt-5.5', expect.anything()],
      ['exec_command', '{"cmd":"make install"}'],
    ]);
    expect(outcomes()).toEqual(['running', 'running']);
  });

  test('nothing is sent where nothing was written, until it is time to say that it goes on', async () => {
    watch = watcher({ heartbeatMs: 3_600_000 });
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    await watch.pass();
    await watch.pass();
    expect(posts()).toHaveLength(1);
    watch = watcher({ heartbeatMs: 0 });
    await watch.pass();
    await watch.pass();
    expect(
      posts()
        .at(-1)
        ?.spans.map(({ name }) => name),
    ).toEqual(['invoke_agent codex', 'exec_command']);
  });

  test('nothing is sent before it is ten seconds old', async () => {
    watch = watcher({ firstMs: LIVE_PACE.firstMs });
    const young = LiveThread.begun(home.codexHome, 2000);
    young.call(young.begin());
    await watch.pass();
    expect(home.receiver.requests).toEqual([]);
    const old = LiveThread.begun(home.codexHome, 60_000);
    old.call(old.begin());
    await watch.pass();
    expect(posts()).toHaveLength(1);
  });

  test('nothing is shown where a hook has told that its shell sends turns elsewhere', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const sent = thread.turn();
    await home.hook(thread.payload(sent), { env: { MLFLOW_EXPERIMENT_ID: '7' } });
    const before = home.receiver.requests.length;
    thread.call(thread.begin());
    await watch.pass();
    expect(home.receiver.requests).toHaveLength(before);
    expect(watch.shown[0]?.notShown).toMatch(/MLFLOW_… variables/);
  });

  test('many spans go in several requests', async () => {
    watch = watcher({ spansPerRequest: 3 });
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    for (let i = 0; i < 4; i++) thread.answer(turn, thread.call(turn));
    for (let i = 0; i < 5; i++) await watch.pass();
    expect(posts().map(({ spans }) => spans.length)).toEqual([4, 4, 4]);
    expect(new Set(home.receiver.spans().map(({ spanId }) => spanId)).size).toBe(10);
  });

  test('all turns together make no more requests than are allowed in a minute', async () => {
    watch = watcher({ requestsPerMinute: 2, heartbeatMs: 0 });
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    for (let i = 0; i < 5; i++) await watch.pass();
    expect(posts()).toHaveLength(2);
  });

  test('turns for one server go in one request', async () => {
    for (let i = 0; i < 3; i++) {
      const thread = LiveThread.begun(home.codexHome);
      thread.call(thread.begin());
    }
    await watch.pass();
    expect(posts()).toHaveLength(1);
    expect(agents()).toHaveLength(3);
  });

  test('it is found in an old folder and in a file that it goes on in after a rewind', async () => {
    const days = 9 * 24 * 3_600_000;
    const thread = LiveThread.begun(home.codexHome, days);
    thread.turn();
    await watch.pass();
    thread.setClock(Date.now() - 20_000);
    thread.rewind();
    const turn = thread.begin();
    thread.call(turn);
    watch = watcher();
    await watch.pass();
    expect(agents().map(({ attributes }) => attributes['codex.turn.id'])).toEqual([turn]);
  });
});

describe('whoever looks on', () => {
  const lookOn = (isWanted: boolean) => {
    const told: string[] = [];
    const { options } = home.run();
    const onTurn = ({ turnId }: { turnId: string }) => told.push(turnId);
    watch = new LiveWatch({ run: options, pace: PACE, isWanted: () => isWanted, onTurn });
    const state = () => [watch.isActive, watch.hasMore, watch.turns.length, watch.shown.length, told.length];
    return { told, state };
  };

  test('is told of a turn when it is shown and when it was sent whole', async () => {
    const { told, state } = lookOn(true);
    expect(state()).toStrictEqual([false, false, 0, 0, 0]);
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    expect(state()).toStrictEqual([true, false, 1, 1, 1]);
    thread.end(turn, 'complete');
    await watch.pass();
    expect(state()).toStrictEqual([false, false, 1, 1, 1]);
    await watch.pass();
    expect(state()).toStrictEqual([false, false, 0, 1, 2]);
    expect(told).toStrictEqual([turn, turn]);
  });

  test('is told of a turn that must not be shown, which keeps nobody waiting', async () => {
    const { state } = lookOn(false);
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    await watch.pass();
    expect(state()).toStrictEqual([false, false, 1, 1, 1]);
    expect(watch.shown[0]?.notShown).toBe('live is switched off');
  });
});

describe('when it is over', () => {
  test('its hook sends it whole, as it does without a watcher', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.answer(turn, thread.call(turn));
    await watch.pass();
    thread.end(turn, 'complete');
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'sent' });
    const whole = posts().at(-1)?.spans;
    expect(outcomes()).toEqual(['running', 'completed']);
    expect(liveRecords(home.stateDir)).toEqual([]);
    const other = await DeliveryHome.make();
    try {
      const copy = other.thread();
      other.receiver.answerWith({});
      const { writeFileSync } = await import('node:fs');
      const place = path.join(path.dirname(copy.path), path.basename(thread.path));
      writeFileSync(place, thread.text());
      await other.hook(thread.payload(turn));
      expect(other.receiver.requests.at(-1)?.spans).toEqual(whole);
    } finally {
      await other.close();
    }
  });

  test('what nobody announces is sent whole by the watcher', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    thread.end(turn, 'aborted');
    await watch.pass();
    expect(outcomes()).toEqual(['running', 'interrupted']);
    await watch.pass();
    expect(watch.turns).toEqual([]);
    expect(logged()).toEqual([
      ['live', '1 requests, 4 spans'],
      ['sent', 'watch'],
    ]);
  });

  test('a turn that was too short to be shown is left to its hook', async () => {
    watch = watcher({ firstMs: LIVE_PACE.firstMs });
    const thread = LiveThread.begun(home.codexHome, 3000);
    const turn = thread.begin();
    await watch.pass();
    thread.end(turn, 'complete');
    await watch.pass();
    await watch.pass();
    expect(home.receiver.requests).toEqual([]);
    expect(watch.turns).toEqual([]);
    expect(home.hasState(thread.threadId)).toBe(false);
  });

  test('a live send is no send: until the whole turn was taken it is owed', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    answerAs('3.17.2', () => ({ status: 503 }));
    thread.end(turn, 'complete');
    expect(await home.hook(thread.payload(turn))).toEqual({ outcome: 'pending', detail: '503' });
    answerAs('3.17.2');
    await watch.pass();
    expect(outcomes()).toEqual(['running', 'completed']);
    expect(home.state(thread.threadId).delivered).toBe(1);
  });

  test('a hook that comes while a live request is under way leaves the turn to the watcher', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    let hook: Promise<unknown> | undefined;
    answerAs('3.17.2', () => {
      if (hook) return {};
      thread.end(turn, 'complete');
      hook = home.hook(thread.payload(turn));
      return { delayMs: 500 };
    });
    await watch.pass();
    expect(await hook).toMatchObject({ outcome: 'pending' });
    expect(outcomes()).toEqual(['running', 'completed']);
  });

  test('the next turn of the thread is shown as well', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    thread.end(turn, 'complete');
    const next = thread.begin();
    thread.call(next);
    await watch.pass();
    await watch.pass();
    expect(agents().map(({ attributes }) => attributes['codex.turn.id'])).toEqual([turn, turn, next]);
  });
});

describe('tokens are told live', () => {
  test.each([
    ['3.15.0', 3],
    ['3.17.2', 3],
    ['3.18.0rc1', 3],
    ['4.0.0', 3],
    ['3.14.0', 0],
    ['3.10.1', 0],
    [undefined, 0],
  ])('by MLflow %s: of %d responses', async (version, responses) => {
    answerAs(version);
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.answer(turn, thread.call(turn));
    thread.call(turn);
    await watch.pass();
    expect(counted()).toHaveLength(responses);
    expect(home.receiver.spans().filter(isLlm)).toHaveLength(3);
  });

  test('a server that adds up has each response once in the end', async () => {
    answerAs('3.14.0');
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    for (let i = 0; i < 3; i++) {
      thread.answer(turn, thread.call(turn));
      await watch.pass();
    }
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn));
    const responses = counted().map(({ spanId }) => spanId);
    expect(responses).toHaveLength(4);
    expect(new Set(responses).size).toBe(4);
  });

  test('an MLflow before 3.10 gets nothing live', async () => {
    answerAs('3.9.0');
    const thread = LiveThread.begun(home.codexHome);
    thread.call(thread.begin());
    await watch.pass();
    expect(posts()).toEqual([]);
  });
});

describe('live is over for a turn', () => {
  test.each<[string, Answer, string]>([
    ['429', { status: 429 }, '429'],
    ['503', { status: 503 }, '503, the whole turn is sent twice'],
    ['400', { status: 400 }, '400'],
    ['silence', { instead: 'hang' }, 'timeout, the whole turn is sent twice'],
    ['a cut connection', { instead: 'reset' }, 'ECONNRESET, the whole turn is sent twice'],
  ])('after %s, and the whole turn is owed as ever', async (_, answer, why) => {
    watch = watcher({ heartbeatMs: 0, requestMs: 300 });
    answerAs('3.17.2', () => answer);
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    await watch.pass();
    expect(posts()).toHaveLength(1);
    expect(logged()).toEqual([['live', `1 requests, 4 spans, stopped: ${why}`]]);
    answerAs('3.17.2');
    thread.end(turn, 'complete');
    await watch.pass();
    expect(outcomes()).toEqual(['completed']);
  });

  test('where the server asks to wait, which holds every hook', async () => {
    answerAs('3.17.2', () => ({ status: 503, headers: { 'retry-after': '60' } }));
    const thread = LiveThread.begun(home.codexHome);
    const turn = thread.begin();
    thread.call(turn);
    await watch.pass();
    thread.end(turn, 'complete');
    const outcome = await home.hook(thread.payload(turn));
    expect(outcome).toEqual({ outcome: 'pending', detail: 'the server asked to wait' });
    expect(posts()).toHaveLength(1);
  });
});

test('an agent’s turn is shown below the call that started it, and ends with the others', async () => {
  const family = replayed('0.169.0-code-mode/agents-parallel-v2', home.codexHome);
  // Codex has spawned two agents and waits for the first, which is at its script.
  family.playUntil(({ timestamp }) => timestamp < '2026-11-25T02:29:05.700Z');
  await watch.pass();
  const shown = home.receiver.spans();
  const spawned = shown.filter(({ name }) => name === 'spawn_agent').map(({ spanId }) => spanId);
  const agents = shown.filter(({ name }) => name.startsWith('invoke_agent /root/'));
  expect(agents.map(({ parentSpanId }) => parentSpanId).sort()).toEqual(spawned.sort());
  expect(new Set(shown.map(({ traceId }) => traceId)).size).toBe(1);
  expect(shown.some(({ name }) => name === 'exec')).toBe(true);
  family.playUntil(() => true);
  for (let i = 0; i < 3; i++) await watch.pass();
  const last = new Map(home.receiver.spans().map((span) => [span.spanId, span]));
  const ends = [...last.values()].map(({ attributes }) => attributes['codex.turn.outcome']);
  expect(ends.filter((end) => end !== undefined)).toEqual(['completed', 'completed', 'completed']);
  expect(watch.turns).toEqual([]);
});

test('nothing of a folder leaves live that would not leave in the end', async () => {
  home.sendTo(home.receiver.url, { experimentId: '0', exclude: ['/home/dev/*'] });
  const thread = LiveThread.begun(home.codexHome);
  thread.call(thread.begin());
  await watch.pass();
  home.sendTo(home.receiver.url, { experimentId: '0', content: 'metadata' });
  watch.close();
  watch = watcher();
  await watch.pass();
  expect(posts()).toHaveLength(1);
  expect(JSON.stringify(home.receiver.spans())).not.toMatch(/prompt 1|make/);
});

test('where settings do not want it, nothing is sent live', async () => {
  watch = watcher({}, false);
  const thread = LiveThread.begun(home.codexHome);
  thread.call(thread.begin());
  await watch.pass();
  expect(home.receiver.requests).toEqual([]);
});

test('what is noted down is the user’s alone', async () => {
  const thread = LiveThread.begun(home.codexHome);
  thread.call(thread.begin());
  await watch.pass();
  const folder = path.join(home.stateDir, 'live');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});
