import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { RunningTurn } from '../../../src/codex/reading/running-turn.js';
import { LIVE_PACE } from '../../../src/delivery/live/live-pace.js';
import {
  type DueTurn,
  isClear,
  linkTo,
  sendLive,
  whyStopped,
} from '../../../src/delivery/live/live-request.js';
import { LiveTurn } from '../../../src/delivery/live/live-turn.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { type LiveRecord, liveRecordOf, saveLiveRecord } from '../../../src/delivery/store/live-records.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { heldUntil } from '../../../src/delivery/store/throttle.js';
import type { ExportOutcome } from '../../../src/otlp/export-outcome.js';
import { LiveThread } from '../../support/live-thread.js';
import { removeFolder } from '../../support/remove-folder.js';
import { routeTo, ScriptedSender } from '../../support/route-under-test.js';

const pending = (reason: string, more: object = {}) =>
  ({ kind: 'pending', reason, blocked: false, ...more }) as ExportOutcome & { kind: 'pending' };
const rejected = { kind: 'rejected', status: 400, message: '' } as const;

test.each<[ExportOutcome, boolean]>([
  [{ kind: 'sent' }, true],
  [rejected, true],
  ...[
    '401',
    '407',
    '429',
    '501',
    'redirect (301)',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ENETUNREACH',
  ].map((reason): [ExportOutcome, boolean] => [pending(reason), true]),
  ...['400', '408', '500', '503', 'timeout', 'ECONNRESET', 'not HTTP'].map(
    (reason): [ExportOutcome, boolean] => [pending(reason), false],
  ),
])('after %j it is known what the server has: %s', (outcome, expected) => {
  expect(isClear(outcome)).toBe(expected);
});

test.each<[ExportOutcome & { kind: 'pending' | 'rejected' }, boolean, string]>([
  [rejected, true, '400'],
  [pending('429'), false, '429'],
  [pending('timeout'), true, 'timeout, the whole turn is sent twice'],
  [pending('timeout'), false, 'timeout; taken late, it would hide the end'],
])('why a turn is shown no more after %j, counted once: %s, is told: %s', (outcome, countsOnce, told) => {
  expect(whyStopped(outcome, countsOnce)).toBe(told);
});

test('a trace has an address in MLflow’s page, and nowhere else', () => {
  const at = { trackingUri: 'http://a', experimentId: '7' };
  const address = 'http://a/#/experiments/7/traces?selectedEvaluationId=tr-';
  expect(linkTo({ ...at, server: 'mlflow' }, 'abc')).toBe(`${address}abc`);
  expect(linkTo({ ...at, server: 'mlflow' })).toBe(address);
  for (const server of ['collector', 'databricks'] as const)
    expect(linkTo({ ...at, server }, 'abc')).toBeUndefined();
});

describe('of turns that go on', () => {
  let home: string;
  beforeEach(async () => {
    home = await makeTemporaryFolder();
  });
  afterEach(() => removeFolder(home));

  /** A turn with so many commands that are over, and one under way. */
  async function due(sender: ScriptedSender, calls = 1, countsOnce = true) {
    const thread = LiveThread.begun(home);
    const turnId = thread.begin();
    for (let i = 0; i < calls; i++) thread.answer(turnId, thread.call(turnId));
    thread.call(turnId);
    const running = await RunningTurn.find(thread.path);
    if (!running) throw new Error('no turn goes on');
    const live = new LiveTurn(running);
    const root = { threadId: thread.threadId, turnKey: turnId };
    const settings = { userId: 'grace' };
    const route = { ...routeTo(sender, settings), placement: { root }, cwd: '/work', countsOnce };
    return { thread, turnId, live, route };
  }
  const send = (turns: readonly DueTurn[], more: Partial<typeof LIVE_PACE> = {}) =>
    sendLive(turns, home, { ...LIVE_PACE, ...more });
  const recordOf = ({ live: { threadId, turnId } }: DueTurn) => liveRecordOf(home, { threadId, turnId });
  const isFree = async ({ live }: DueTurn) => {
    const lock = await tryLock(home, live.threadId);
    await lock?.release();
    return lock !== undefined;
  };

  test('all that is new goes in one request, once, and it is noted what the server has', async () => {
    const sender = new ScriptedSender();
    const turn = await due(sender);
    const before = Date.now();
    expect(await send([turn])).toStrictEqual([turn.live]);
    const [{ specs, serviceVersion, options } = { specs: [], serviceVersion: '', options: {} }] =
      sender.asked;
    expect([serviceVersion, options]).toStrictEqual(['0.169.0', { timeoutMs: 3000, once: true }]);
    expect(specs[0]?.attributes).toMatchObject({ 'user.id': 'grace' });
    const { live } = turn;
    expect([live.requests, live.spans, live.stopped]).toStrictEqual([1, specs.length, undefined]);
    expect(live.link).toBe(
      `http://127.0.0.1:5000/#/experiments/0/traces?selectedEvaluationId=tr-${specs[0]?.traceId}`,
    );
    const record = recordOf(turn) as LiveRecord;
    expect(record).toStrictEqual({
      threadId: live.threadId,
      turnId: turn.turnId,
      ...live.at,
      cwd: '/work',
      seenMs: expect.any(Number),
      requests: 1,
      spans: specs.length,
      countsOnce: true,
    });
    expect(record.seenMs).toBeGreaterThanOrEqual(before);
    expect(live.sent.size).toBeGreaterThan(0);
    expect(await isFree(turn)).toBe(true);
    turn.thread.call(turn.turnId);
    await send([turn]);
    const sent = sender.asked.reduce((sum, request) => sum + request.specs.length, 0);
    expect(recordOf(turn)).toMatchObject({ requests: 2, spans: sent });
    expect([live.requests, live.spans]).toStrictEqual([2, sent]);
    live.log(home);
    expect(readLog(home)[0]?.ms).toBeLessThan(60_000);
  });

  test('it is noted before the answer that there is none, and since when', async () => {
    const sender = new ScriptedSender();
    const turn = await due(sender);
    const noted: unknown[] = [];
    sender.compresses = () => false;
    const original = sender.send.bind(sender);
    sender.send = async (...request) => {
      noted.push(recordOf(turn)?.unclearMs);
      return original(...request);
    };
    await send([turn]);
    expect(noted).toStrictEqual([expect.any(Number)]);
    expect(recordOf(turn)).not.toHaveProperty('unclearMs');
    saveLiveRecord(home, { ...(recordOf(turn) as LiveRecord), unclearMs: 7 });
    turn.thread.call(turn.turnId);
    await send([turn]);
    expect(noted[1]).toBe(7);
    expect(recordOf(turn)?.unclearMs).toBe(7);
  });

  test.each<[string, object, string, boolean, boolean]>([
    ['503', {}, '503, the whole turn is sent twice', true, false],
    ['429', { retryAfterMs: 5000 }, '429', false, true],
  ])('after %s %j a turn is shown no more: %s', async (reason, more, stopped, isUnclear, isHeld) => {
    const sender = new ScriptedSender([pending(reason, more)]);
    const turn = await due(sender);
    expect(await send([turn])).toStrictEqual([turn.live]);
    const { live, route } = turn;
    expect([live.stopped, live.requests, live.sent.size]).toStrictEqual([stopped, 1, 0]);
    expect(recordOf(turn)?.unclearMs !== undefined).toBe(isUnclear);
    expect(heldUntil(home, route.destination, Date.now()) > 0).toBe(isHeld);
    expect(existsSync(path.join(home, 'holds.json'))).toBe(isHeld);
    expect(await isFree(turn)).toBe(true);
  });

  test('as many closed spans go in a request as there is room for, of all turns together', async () => {
    const sender = new ScriptedSender();
    const [first, second] = [await due(sender, 2), await due(sender, 2)];
    const closedIn = ({ live }: DueTurn) => live.sent.size;
    expect(await send([first, second], { spansPerRequest: 5 })).toStrictEqual([first.live, second.live]);
    expect(closedIn(first) + closedIn(second)).toBe(5);
    expect([first.live.hasMore, second.live.hasMore]).toContain(true);
    expect(sender.asked).toHaveLength(1);
    const [third, fourth] = [await due(sender, 2), await due(sender, 2)];
    await send([third, fourth], { spansPerRequest: 1 });
    expect([closedIn(third), closedIn(fourth)]).toStrictEqual([1, 0]);
    const [over, fifth, sixth] = [await due(sender, 2), await due(sender, 2), await due(sender, 2)];
    over.thread.end(over.turnId, 'complete');
    await send([fifth, sixth], { spansPerRequest: 100 });
    expect(closedIn(fifth)).toBeGreaterThan(1);
    expect(closedIn(sixth)).toBe(closedIn(fifth));
    const seventh = await due(sender, 2);
    await send([over, seventh], { spansPerRequest: closedIn(fifth) });
    expect(closedIn(seventh)).toBe(closedIn(fifth));
  });

  test('nothing goes of one that is over by now, or in another process’s hands', async () => {
    const sender = new ScriptedSender();
    const [over, held] = [await due(sender), await due(sender)];
    over.thread.end(over.turnId, 'complete');
    const lock = await tryLock(home, held.live.threadId);
    expect(await send([over, held])).toStrictEqual([]);
    await lock?.release();
    expect(sender.asked).toEqual([]);
    expect([recordOf(over), recordOf(held)]).toStrictEqual([undefined, undefined]);
    expect([await isFree(over), await isFree(held)]).toStrictEqual([true, true]);
  });

  test('tokens are told only to a server that counts them once', async () => {
    const usage = async (countsOnce: boolean) => {
      const sender = new ScriptedSender();
      await send([await due(sender, 1, countsOnce)]);
      return sender.asked[0]?.specs.filter(({ attributes }) => attributes['mlflow.chat.tokenUsage']).length;
    };
    expect([(await usage(true)) ?? 0, await usage(false)]).toStrictEqual([3, 0]);
  });
});
