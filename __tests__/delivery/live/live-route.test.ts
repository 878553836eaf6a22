import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RunningTurn } from '../../../src/codex/reading/running-turn.js';
import { liveRoute, type RouteContext } from '../../../src/delivery/live/live-route.js';
import { LiveServers } from '../../../src/delivery/live/live-server.js';
import { LiveTurn } from '../../../src/delivery/live/live-turn.js';
import { saveThreadState } from '../../../src/delivery/store/state-file.js';
import { newState } from '../../../src/delivery/store/thread-state.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import { LiveThread } from '../../support/live-thread.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
  home.receiver.answerWith({ body: '3.17.2' });
});
afterEach(() => home.close());

/** A turn that goes on in a thread of the user's. */
async function running(cwd?: string) {
  const thread = LiveThread.begun(home.codexHome);
  const turnId = thread.begin(0, cwd);
  thread.call(turnId);
  const found = await RunningTurn.find(thread.path);
  if (!found) throw new Error('no turn goes on');
  await found.readOn();
  return { thread, turnId, live: new LiveTurn(found) };
}

/** Where it goes, or why nowhere. */
async function routeOf(live: LiveTurn, more: Partial<RouteContext> = {}) {
  const turn = live.assemble()?.turn;
  if (!turn) throw new Error('nothing is written');
  const run = home.run();
  try {
    return await liveRoute(live, turn, {
      run,
      servers: new LiveServers(),
      turns: [live],
      isWanted: () => true,
      ...more,
    });
  } finally {
    run.close();
  }
}

describe('a turn that goes on', () => {
  test('is shown where the whole turn will go, in its own place', async () => {
    const { live, thread, turnId } = await running();
    expect(await routeOf(live)).toMatchObject({
      kind: 'deliver',
      destination: { url: `${home.receiver.url}/v1/traces` },
      cwd: '/home/dev/project',
      countsOnce: true,
      placement: { root: { threadId: thread.threadId, turnKey: turnId } },
    });
    expect(live.placement).toStrictEqual({ root: { threadId: thread.threadId, turnKey: turnId } });
  });

  test('keeps the place that it has', async () => {
    const { live } = await running();
    const placement = { root: { threadId: 'r', turnKey: 'k' } };
    live.placement = placement;
    expect(await routeOf(live)).toMatchObject({ kind: 'deliver', placement });
  });

  test('is not shown where nobody wants that', async () => {
    const { live } = await running();
    expect(await routeOf(live, { isWanted: () => false })).toStrictEqual({
      kind: 'none',
      reason: 'live is switched off',
    });
  });

  test('is not shown where its trace is not of the share that is sent', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', sampleRatio: 0 });
    const { live } = await running();
    expect(await routeOf(live)).toStrictEqual({
      kind: 'none',
      reason: 'not of the share of traces that is sent (sampleRatio)',
    });
    expect(home.receiver.requests).toEqual([]);
  });

  test('is not shown where tracing is switched off, for the reason that a hook would give', async () => {
    home.sendTo(home.receiver.url, { experimentId: '0', enabled: false });
    const { live } = await running();
    const route = await routeOf(live);
    expect(route).toStrictEqual({ kind: 'none', reason: expect.any(String) });
    expect(home.receiver.requests).toEqual([]);
  });

  test('is shown by the shell that its thread’s turns were sent from, and by no other', async () => {
    const { live, thread } = await running();
    const state = newState(thread.threadId, { file: thread.threadId, start: 0 });
    saveThreadState(home.stateDir, { ...state, place: 'of another shell' });
    expect(await routeOf(live)).toStrictEqual({
      kind: 'none',
      reason: 'it is of a shell whose MLFLOW_… variables are other than the watcher’s',
    });
    saveThreadState(home.stateDir, state);
    expect(await routeOf(live)).toMatchObject({ kind: 'deliver' });
  });

  /** The same turn as one of an agent, which belongs to another. */
  function asAgents(
    live: LiveTurn,
    root: { threadId: string; turnKey: string },
    kind: object = { parentThreadId: 'p', subagent: 'thread_spawn' },
  ): LiveTurn {
    const meta = { ...live.running.meta, ...kind };
    const { path, turnId, start, segment } = live.running;
    const agent = new LiveTurn({ path, turnId, start, segment, meta } as unknown as RunningTurn);
    agent.assemble = () => live.assemble();
    agent.placement = { root, parentSpanId: 'ab' };
    return agent;
  }

  test('of an agent goes where the turn goes that it belongs to, once that is shown', async () => {
    const [user, other] = [await running('/of/the/user'), await running('/of/the/agent')];
    const root = { threadId: user.thread.threadId, turnKey: user.turnId };
    const waits = { kind: 'none', reason: 'the turn that it belongs to is not shown' };
    const agent = asAgents(other.live, root);
    const among = (turns: LiveTurn[], of = agent) => routeOf(of, { turns });
    expect(await among([agent])).toStrictEqual(waits);
    expect(await among([user.live, agent])).toStrictEqual(waits);
    user.live.isRouted = true;
    expect(await among([agent, user.live])).toMatchObject({ kind: 'deliver', cwd: '/of/the/user' });
    for (const kind of [{ parentThreadId: 'p' }, { subagent: 'review' }])
      expect(await among([user.live], asAgents(other.live, root, kind))).toMatchObject({
        cwd: '/of/the/user',
      });
    for (const strange of [
      { ...root, turnKey: 'x' },
      { ...root, threadId: 'x' },
    ])
      expect(await among([user.live], asAgents(other.live, strange))).toStrictEqual(waits);
    const rootless = asAgents(other.live, root);
    rootless.placement = { root };
    expect(await among([user.live], rootless)).toStrictEqual(waits);
  });

  test('is not shown by a server that is too old', async () => {
    home.receiver.answerWith({ body: '3.9.0' });
    const { live } = await running();
    expect(await routeOf(live)).toStrictEqual({ kind: 'none', reason: 'MLflow 3.9.0 is older than 3.10' });
  });
});
