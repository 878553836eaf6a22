import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../scripts/lab/otlp-receiver.mjs';
import { announceLiveTurns, repeatWholeTurns } from '../../../src/delivery/live/after-live.js';
import { catchUpAfterLive } from '../../../src/delivery/live/catch-up-after-live.js';
import { LIVE_PACE } from '../../../src/delivery/live/live-pace.js';
import { LiveWatch } from '../../../src/delivery/live/live-watch.js';
import { readAnnouncements, threadsWithAnnouncements } from '../../../src/delivery/store/inbox.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import {
  type LiveRecord,
  liveRecords,
  saveLiveRecord,
  UNSEEN_MS,
} from '../../../src/delivery/store/live-records.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { saveThreadState } from '../../../src/delivery/store/state-file.js';
import { holdServer } from '../../../src/delivery/store/throttle.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { LiveThread } from '../../support/live-thread.js';

let home: DeliveryHome;
beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(() => home.close());

const HOUR_MS = 3_600_000;
const outcomes = () =>
  home.receiver.spans().flatMap(({ attributes }) => attributes['codex.turn.outcome'] ?? []);

/** Shows a turn once, as a watcher does that is killed afterwards. */
async function show(thread: LiveThread, version: string, answer: Answer = {}): Promise<string> {
  home.receiver.answerWith((request) => (request.url === '/version' ? { body: version } : answer));
  const turn = thread.begin();
  thread.call(turn);
  const pace = { ...LIVE_PACE, firstMs: 0, requestMs: 300 };
  const watch = new LiveWatch({ run: home.run().options, pace, isWanted: () => true });
  await watch.pass();
  home.receiver.answerWith({});
  return turn;
}

/** Lets time go by for what was noted down. */
function age(ms: number): void {
  for (const record of liveRecords(home.stateDir)) {
    const { whole } = record;
    const aged: LiveRecord = {
      ...record,
      seenMs: record.seenMs - ms,
      ...(whole && { whole: { ...whole, atMs: whole.atMs - ms } }),
    };
    saveLiveRecord(home.stateDir, aged);
  }
}

async function laterHook(): Promise<void> {
  const run = home.run({ abandonedMs: 0 });
  await catchUpAfterLive(run, '');
  run.close();
}

describe('a turn whose Codex and watcher were killed', () => {
  test('is left to its watcher for two minutes, then the next hook sends it', async () => {
    const thread = LiveThread.begun(home.codexHome);
    await show(thread, '3.17.2');
    await laterHook();
    expect(outcomes()).toEqual(['running']);
    age(UNSEEN_MS);
    await laterHook();
    expect(outcomes()).toEqual(['running', 'incomplete']);
    expect(liveRecords(home.stateDir)).toEqual([]);
  });

  test('goes on where it was not killed at all, and is sent once it is over', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.17.2');
    age(UNSEEN_MS);
    const run = home.run();
    await catchUpAfterLive(run, '');
    expect(outcomes()).toEqual(['running']);
    thread.end(turn, 'complete');
    await catchUpAfterLive(run, '');
    run.close();
    expect(outcomes()).toEqual(['running', 'completed']);
  });

  test('is announced once, and not again where its thread’s state knows of it', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.17.2');
    announceLiveTurns(home.stateDir, Date.now(), 0);
    expect(threadsWithAnnouncements(home.stateDir)).toEqual([thread.threadId]);
    thread.end(turn, 'complete');
    home.answer(503);
    await laterHook();
    announceLiveTurns(home.stateDir, Date.now(), 0);
    expect(threadsWithAnnouncements(home.stateDir)).toEqual([]);
    expect(liveRecords(home.stateDir)).toHaveLength(1);
  });
});

describe('after a live request without a clear answer', () => {
  test('the whole turn is sent once more, a minute later, with what its announcement told', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.17.2', { instead: 'hang' });
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn, { client: 'codex_desktop' }));
    await laterHook();
    expect(outcomes()).toEqual(['completed']);
    age(HOUR_MS / 60);
    await laterHook();
    await laterHook();
    const [first, second, ...more] = home.receiver.requests
      .filter(({ method }) => method === 'POST')
      .slice(1);
    expect(second?.spans).toEqual(first?.spans);
    expect(second?.spans.some(({ attributes }) => attributes['codex.client'] === 'codex_desktop')).toBe(true);
    expect(more).toEqual([]);
    expect(home.state(thread.threadId).delivered).toBe(1);
    const once = readLog(home.stateDir).findLast(({ outcome }) => outcome === 'live');
    expect(once?.detail).toBe('once more: whole, because a live request had no clear answer');
  });

  test('it is sent no second time to a server that would count it twice', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.14.0', { instead: 'hang' });
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn));
    age(HOUR_MS);
    await laterHook();
    expect(outcomes()).toEqual(['completed']);
    expect(liveRecords(home.stateDir)).toEqual([]);
  });

  test('a watcher that was killed while it waited for the answer has had none', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.17.2');
    const [record] = liveRecords(home.stateDir) as [LiveRecord];
    expect(record.unclearMs).toBeUndefined();
    saveLiveRecord(home.stateDir, { ...record, unclearMs: Date.now() });
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn));
    age(HOUR_MS);
    await laterHook();
    expect(outcomes()).toEqual(['running', 'completed', 'completed']);
  });

  test('a server that is away is asked again by the next hook, for a day', async () => {
    const thread = LiveThread.begun(home.codexHome);
    const turn = await show(thread, '3.17.2', { instead: 'hang' });
    thread.end(turn, 'complete');
    await home.hook(thread.payload(turn));
    age(HOUR_MS);
    home.answer(503);
    const run = home.run();
    await repeatWholeTurns(run);
    run.close();
    expect(liveRecords(home.stateDir)).toHaveLength(1);
    age(25 * HOUR_MS);
    const last = home.run();
    await repeatWholeTurns(last);
    last.close();
    expect(liveRecords(home.stateDir)).toEqual([]);
  });
});

/** A thread with one whole turn, and what a watcher noted of it that has shown it. */
function noted(more: Partial<LiveRecord> = {}): { thread: ThreadFile; record: LiveRecord } {
  const thread = home.thread();
  const start = readFileSync(thread.path).length;
  const record = {
    ...{ threadId: thread.threadId, turnId: thread.turn(), file: thread.threadId, start },
    ...{ cwd: home.codexHome, seenMs: 0, requests: 1, spans: 2, countsOnce: true, unclearMs: 5, ...more },
  };
  saveLiveRecord(home.stateDir, record);
  return { thread, record };
}

describe('a turn that was shown', () => {
  const NOW_MS = 1_700_000_000_000;

  test.each([
    ['as long as nobody must have', -1000, true],
    ['for less', -999, false],
    ['since a time that is as far ahead, the clock was put back', 1000, true],
    ['since a time that is less far ahead', 999, false],
  ])('is announced where nobody has looked after it %s', (_, seenMs, isAnnounced) => {
    const { record } = noted({ seenMs: NOW_MS + seenMs });
    announceLiveTurns(home.stateDir, NOW_MS, 1000);
    const { threadId, turnId, cwd } = record;
    expect(readAnnouncements(home.stateDir, threadId).map(({ announcement }) => announcement)).toStrictEqual(
      isAnnounced ? [{ threadId, turnId, cwd, atMs: NOW_MS }] : [],
    );
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
  });

  test('is not announced once it was sent whole', () => {
    const { record } = noted({ whole: { atMs: 5 } });
    announceLiveTurns(home.stateDir, NOW_MS, 0);
    expect(threadsWithAnnouncements(home.stateDir)).toStrictEqual([]);
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
  });

  test('and has been delivered since counts as sent whole from now on', () => {
    const { record } = noted();
    const { threadId } = record;
    saveThreadState(home.stateDir, {
      version: 2,
      threadId,
      origin: { file: threadId, start: 0 },
      files: { [threadId]: { cursor: 99_999 } },
      delivered: 1,
      turns: [],
    });
    announceLiveTurns(home.stateDir, NOW_MS, 0);
    expect(liveRecords(home.stateDir)).toStrictEqual([{ ...record, whole: { atMs: NOW_MS } }]);
  });

  test('stays noted where the folder takes no announcement', () => {
    const { record } = noted();
    writeFileSync(path.join(home.stateDir, 'inbox'), '');
    announceLiveTurns(home.stateDir, NOW_MS, 0);
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
  });
});

describe('a whole turn that is to be sent once more', () => {
  /** It was sent whole so long ago. */
  const sentWhole = (agoMs: number, whole: object = {}) =>
    noted({ whole: { atMs: Date.now() - agoMs, ...whole } });
  async function repeatWith(options: Parameters<typeof home.run>[0] = {}): Promise<void> {
    const run = home.run(options);
    await repeatWholeTurns(run);
    run.close();
  }
  const details = () => readLog(home.stateDir).map(({ detail }) => detail);

  test.each([
    [50_000, false],
    [60_000, true],
    [-90_000, true],
    [24 * HOUR_MS, true],
  ])('is sent %i ms after it was: %s', async (agoMs, isSent) => {
    const { record } = sentWhole(agoMs);
    await repeatWith();
    expect(home.arrived()).toStrictEqual(isSent ? [record.turnId] : []);
    expect(liveRecords(home.stateDir)).toStrictEqual(isSent ? [] : [record]);
  });

  test('is told in the log in one line', async () => {
    const { record } = sentWhole(HOUR_MS);
    await repeatWith();
    expect(readLog(home.stateDir)).toStrictEqual([
      {
        time: expect.any(String),
        thread: record.threadId,
        turn: record.turnId,
        outcome: 'live',
        ms: expect.any(Number),
        detail: 'once more: whole, because a live request had no clear answer',
      },
    ]);
    expect(readLog(home.stateDir)[0]?.ms).toBeLessThan(60_000);
  });

  test.each<[string, number, object]>([
    ['the server refuses', 400, {}],
    ['is not of the share that is sent', 200, { sampleRatio: 0 }],
  ])('and that %s is done with, and the log says that it was not taken', async (_, status, more) => {
    sentWhole(HOUR_MS);
    home.sendTo(home.receiver.url, { experimentId: '0', ...more });
    home.answer(status);
    await repeatWith();
    expect(home.arrived()).toStrictEqual([]);
    expect(liveRecords(home.stateDir)).toStrictEqual([]);
    expect(details()).toStrictEqual(['once more: not taken, though a live request had no clear answer']);
  });

  test.each<[string, object, unknown, unknown]>([
    [
      'the client and the tags that were told with it',
      { client: 'ci', run: { tags: { job: '7' } } },
      'ci',
      '7',
    ],
    ['the client of its recording where none was told', {}, 'codex_exec', undefined],
  ])('goes with %s', async (_, whole, client, job) => {
    sentWhole(HOUR_MS, whole);
    await repeatWith();
    const agent = home.receiver.spans().find(({ name }) => name === 'invoke_agent codex');
    expect(agent?.attributes['codex.client']).toBe(client);
    expect(JSON.stringify(agent?.attributes).includes('"7"') ? '7' : undefined).toBe(job);
  });

  test.each([
    ['stays owed for a day', 24 * HOUR_MS - 60_000, true],
    ['is given up after a day', 24 * HOUR_MS + 1000, false],
  ])('to a server that is away %s; it is asked once', async (_, agoMs, stays) => {
    const { record } = sentWhole(agoMs);
    home.answer(503);
    await repeatWith();
    expect(home.receiver.requests).toHaveLength(1);
    expect(liveRecords(home.stateDir)).toStrictEqual(stays ? [record] : []);
    expect(details()).toStrictEqual([]);
  });

  test('waits where its folder is not traced any more, for a day', async () => {
    const { record } = sentWhole(HOUR_MS);
    home.sendTo(home.receiver.url, { experimentId: '0', exclude: ['/home/dev/*'] });
    await repeatWith();
    expect(home.receiver.requests).toStrictEqual([]);
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
    saveLiveRecord(home.stateDir, { ...record, whole: { atMs: Date.now() - 25 * HOUR_MS } });
    await repeatWith();
    expect(liveRecords(home.stateDir)).toStrictEqual([]);
  });

  test('waits where the server asked to be left alone', async () => {
    const { record } = sentWhole(HOUR_MS);
    const run = home.run();
    const route = await run.route(home.codexHome);
    if (route.kind !== 'deliver') throw new Error(route.kind);
    holdServer(home.stateDir, route.destination, { retryAfterMs: HOUR_MS, nowMs: Date.now() });
    await repeatWholeTurns(run);
    run.close();
    expect(home.receiver.requests).toStrictEqual([]);
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
  });

  test('is not given up by a run that has no time left', async () => {
    const { record } = sentWhole(25 * HOUR_MS);
    await repeatWith({ deadlineMs: Date.now() });
    expect(home.receiver.requests).toStrictEqual([]);
    expect(liveRecords(home.stateDir)).toStrictEqual([record]);
  });

  test('is left to the process that has its thread in hand, and the thread is free afterwards', async () => {
    const { record } = sentWhole(HOUR_MS);
    const lock = await tryLock(home.stateDir, record.threadId);
    await repeatWith();
    expect([home.arrived(), liveRecords(home.stateDir)]).toStrictEqual([[], [record]]);
    await lock?.release();
    await repeatWith();
    expect([home.arrived(), liveRecords(home.stateDir)]).toStrictEqual([[record.turnId], []]);
    const free = await tryLock(home.stateDir, record.threadId);
    expect(free).toBeDefined();
    await free?.release();
  });

  test.each<[string, (thread: ThreadFile, record: LiveRecord) => void]>([
    ['recording is gone', ({ path }) => rmSync(path)],
    ['place holds another turn', (_, record) => saveLiveRecord(home.stateDir, { ...record, start: 5 })],
  ])('and whose %s is done with; those after it are sent', async (_, lose) => {
    const { thread, record } = sentWhole(HOUR_MS);
    lose(thread, record);
    const other = sentWhole(HOUR_MS).record;
    await repeatWith();
    expect(liveRecords(home.stateDir)).toStrictEqual([]);
    expect(home.arrived()).toStrictEqual([other.turnId]);
    expect(details()).toHaveLength(1);
  });

  test.each([
    ['one that was not sent whole', {}],
    ['one that was sent whole just now', { whole: { atMs: Date.now() + 30_000 } }],
  ])('is found behind %s', async (_, more) => {
    const first = noted(more).record;
    const { record } = sentWhole(HOUR_MS);
    await repeatWith();
    expect(home.arrived()).toStrictEqual([record.turnId]);
    expect(liveRecords(home.stateDir)).toStrictEqual([first]);
  });
});
