import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RunningTurn } from '../../../src/codex/reading/running-turn.js';
import { LIVE_PACE, type LivePace } from '../../../src/delivery/live/live-pace.js';
import { LiveTurn } from '../../../src/delivery/live/live-turn.js';
import { LiveView } from '../../../src/delivery/live/live-view.js';
import { holdServer } from '../../../src/delivery/store/throttle.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import { LiveThread } from '../../support/live-thread.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
  answer();
});
afterEach(() => home.close());

/** In an hour: every turn is due then, however often it has been shown. */
const NOW_MS = Date.now() + 3_600_000;
const MINUTE_MS = 60_000;

/** The server is MLflow 3.17.2, and answers spans so. */
function answer(status = 200): void {
  home.receiver.answerWith(({ url }) => (url === '/version' ? { body: '3.17.2' } : { status }));
}
const posts = () => home.receiver.requests.filter(({ method }) => method === 'POST');

function viewAt(pace: Partial<LivePace> = {}, isWanted = true): LiveView {
  return new LiveView({
    run: home.run().options,
    pace: { ...LIVE_PACE, requestsPerMinute: 1000, heartbeatMs: 0, ...pace },
    isWanted: () => isWanted,
  });
}

/** A turn that goes on, in a thread whose first line says more than others. */
async function running(firstLine: object = {}, isRead = true): Promise<LiveTurn> {
  const thread = LiveThread.begun(home.codexHome);
  thread.call(thread.begin());
  const [first = '', ...lines] = thread.text().split('\n');
  const { payload, ...rest } = JSON.parse(first);
  const changed = JSON.stringify({ ...rest, payload: { ...payload, ...firstLine } });
  writeFileSync(thread.path, [changed, ...lines].join('\n'));
  const found = await RunningTurn.find(thread.path);
  if (!found) throw new Error('no turn goes on');
  if (isRead) await found.readOn();
  return new LiveTurn(found);
}

/** The turns that it says were shown, or must not be. */
async function show(view: LiveView, turns: readonly LiveTurn[], nowMs = NOW_MS): Promise<LiveTurn[]> {
  const shown: LiveTurn[] = [];
  for await (const live of view.show(turns, nowMs)) shown.push(live);
  return shown;
}

describe('of turns that go on', () => {
  test('those of one server and one Codex go in one request, others in their own', async () => {
    const [first, second] = [await running(), await running()];
    const other = await running({ cli_version: '0.170.0' });
    expect(await show(viewAt(), [first, other, second])).toStrictEqual([first, second, other]);
    expect(
      posts().map(({ spans }) => spans.filter(({ name }) => name === 'invoke_agent codex').length),
    ).toEqual([2, 1]);
    expect(
      [first, second, other].map(({ isRouted, notShown, requests }) => [isRouted, notShown, requests]),
    ).toEqual([
      [true, undefined, 1],
      [true, undefined, 1],
      [true, undefined, 1],
    ]);
  });

  test('an agent’s is shown at once with the one that it belongs to, also where it was found first', async () => {
    const user = await running();
    const agent = await running({ parent_thread_id: user.threadId });
    agent.placement = {
      root: { threadId: user.threadId, turnKey: user.turnId },
      parentSpanId: 'abcdabcdabcdabcd',
    };
    expect(await show(viewAt(), [agent, user])).toStrictEqual([user, agent]);
    expect(posts()).toHaveLength(1);
  });

  test('nothing is sent where none is due', async () => {
    const [young, stopped] = [await running(), await running()];
    stopped.stopped = '503';
    expect(await show(viewAt(), [stopped])).toStrictEqual([]);
    expect(await show(viewAt({ firstMs: 7_200_000 }), [young])).toStrictEqual([]);
    expect(await show(viewAt(), [])).toStrictEqual([]);
    expect(home.receiver.requests).toStrictEqual([]);
    expect(await show(viewAt(), [stopped, young])).toStrictEqual([young]);
    expect([stopped.isRouted, stopped.requests]).toStrictEqual([false, 0]);
  });

  test('one of which no line has been read yet keeps no other back', async () => {
    const [unread, read] = [await running({}, false), await running()];
    expect(await show(viewAt(), [unread, read])).toStrictEqual([read]);
    expect([unread.isRouted, unread.notShown, unread.requests]).toStrictEqual([false, undefined, 0]);
  });

  test('one that settings do not want is told with the reason, until they do', async () => {
    const live = await running();
    expect(await show(viewAt({}, false), [live])).toStrictEqual([live]);
    expect([live.isRouted, live.notShown, live.requests]).toStrictEqual([false, 'live is switched off', 0]);
    expect(posts()).toStrictEqual([]);
    expect(await show(viewAt(), [live])).toStrictEqual([live]);
    expect([live.isRouted, live.notShown, live.requests]).toStrictEqual([true, undefined, 1]);
  });

  test('no more are sent than requests are allowed in a minute', async () => {
    const [first, other] = [await running(), await running({ cli_version: '0.170.0' })];
    expect(await show(viewAt({ requestsPerMinute: 1 }), [first, other])).toStrictEqual([first]);
    expect([posts().length, other.requests]).toStrictEqual([1, 0]);
  });
});

describe('a server', () => {
  test('that asked to be left alone gets nothing, though the turn is to be shown there', async () => {
    const live = await running();
    const run = home.run();
    const route = await run.route('/home/dev/project');
    run.close();
    if (route.kind !== 'deliver') throw new Error(route.kind);
    holdServer(home.stateDir, route.destination, { retryAfterMs: 3_600_000, nowMs: Date.now() });
    expect(await show(viewAt(), [live])).toStrictEqual([]);
    expect([live.isRouted, live.notShown, posts()]).toStrictEqual([true, undefined, []]);
  });

  test('that has failed once is asked again a minute later', async () => {
    const [first, second] = [await running(), await running()];
    const view = viewAt();
    answer(503);
    expect(await show(view, [first])).toStrictEqual([first]);
    answer();
    expect(await show(view, [second])).toStrictEqual([]);
    expect(await show(view, [second], NOW_MS + MINUTE_MS)).toStrictEqual([second]);
    expect(posts()).toHaveLength(2);
    view.close();
  });
});

describe('settings that have changed', () => {
  const exclude = () => home.sendTo(home.receiver.url, { experimentId: '0', exclude: ['/home/dev/*'] });

  test('count after a minute, and not before', async () => {
    const live = await running();
    const view = viewAt();
    await show(view, [live]);
    exclude();
    await show(view, [live], NOW_MS + MINUTE_MS - 1);
    expect([live.notShown, posts().length]).toStrictEqual([undefined, 2]);
    await show(view, [live], NOW_MS + MINUTE_MS);
    expect([live.isRouted, typeof live.notShown, posts().length]).toStrictEqual([false, 'string', 2]);
    view.close();
  });

  test('count at once for a view that was closed', async () => {
    const live = await running();
    const view = viewAt();
    await show(view, [live]);
    view.close();
    exclude();
    await show(view, [live]);
    expect([live.isRouted, posts().length]).toStrictEqual([false, 1]);
    view.close();
  });
});
