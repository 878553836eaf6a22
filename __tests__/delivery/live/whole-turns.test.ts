import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { announceLiveTurn } from '../../../src/delivery/live/after-live.js';
import type { LiveTurn } from '../../../src/delivery/live/live-turn.js';
import { WholeTurns } from '../../../src/delivery/live/whole-turns.js';
import { TurnDelivery } from '../../../src/delivery/pass/turn-delivery.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import { putAnnouncement, readAnnouncements } from '../../../src/delivery/store/inbox.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import {
  type LiveRecord,
  liveRecordOf,
  liveRecords,
  saveLiveRecord,
  UNSEEN_MS,
} from '../../../src/delivery/store/live-records.js';
import { saveThreadState } from '../../../src/delivery/store/state-file.js';
import type { TurnStatus } from '../../../src/delivery/store/thread-state.js';
import { DeliveryHome } from '../../support/delivery-home.js';
import type { ThreadFile } from '../../support/delivery-thread.js';

let home: DeliveryHome;
let thread: ThreadFile;
let turnId: string;
beforeEach(async () => {
  home = await DeliveryHome.make();
  thread = home.thread();
  turnId = thread.turn();
});
afterEach(() => home.close());

const SETTLE_MS = 5000;
const whole = (more: Partial<RunOptions> = {}) =>
  new WholeTurns({ ...home.run().options, ...more }, SETTLE_MS);
const seconds = (n: number) => Date.now() - n * 1000;

/** What a watcher knows of the turn. */
const live = (more: Partial<LiveTurn> = {}) =>
  ({ threadId: thread.threadId, turnId, overMs: undefined, tries: 0, requests: 1, ...more }) as LiveTurn;
/** Where the turn begins: after the file's first line. */
const turnStart = () => readFileSync(thread.path).indexOf('\n') + 1;
/** What it has noted down. */
function note(more: Partial<LiveRecord> = {}): LiveRecord {
  const { threadId } = thread;
  const start = { file: threadId, start: turnStart(), cwd: home.codexHome };
  const record = {
    threadId,
    turnId,
    ...start,
    seenMs: Date.now(),
    requests: 1,
    spans: 2,
    countsOnce: true,
    ...more,
  };
  saveLiveRecord(home.stateDir, record);
  return record;
}
const noted = () => liveRecordOf(home.stateDir, { threadId: thread.threadId, turnId });

describe('a turn that goes on', () => {
  test('is said to be looked after, once a minute', async () => {
    const old = note({ seenMs: Date.now() - UNSEEN_MS / 2 - 1000 }).seenMs;
    expect(await whole().complete(live())).toBe(false);
    expect(noted()?.seenMs).toBeGreaterThan(old);
    const { seenMs } = note({ seenMs: Date.now() - UNSEEN_MS / 2 + 15_000 });
    await whole().complete(live());
    expect(noted()?.seenMs).toBe(seenMs);
  });

  test('of which nothing was shown is nobody’s business', async () => {
    const { seenMs } = note({ seenMs: 5 });
    expect(await whole().complete(live({ requests: 0 }))).toBe(false);
    expect(noted()?.seenMs).toBe(seenMs);
    expect(home.receiver.requests).toEqual([]);
  });
});

describe('a turn that is over', () => {
  test('is done with where nothing was noted of it, or it was sent whole', async () => {
    expect(await whole().complete(live({ overMs: 1 }))).toBe(true);
    note({ whole: { atMs: 5 } });
    expect(await whole().complete(live({ overMs: 1 }))).toBe(true);
    expect(home.receiver.requests).toEqual([]);
  });

  test('is left to its hook for a while, then sent whole', async () => {
    note();
    const young = live({ overMs: seconds(2) });
    expect([await whole().complete(young), young.tries]).toEqual([false, 0]);
    expect(home.receiver.requests).toEqual([]);
    const old = live({ overMs: seconds(6) });
    expect([await whole().complete(old), old.tries]).toEqual([false, 1]);
    expect(home.arrived()).toEqual([turnId]);
    expect(readLog(home.stateDir)).toMatchObject([{ turn: turnId, outcome: 'sent', detail: 'watch' }]);
    expect(await whole().complete(old)).toBe(true);
  });

  test.each([
    [1, 15, 31],
    [2, 35, 61],
    [4, 215, 241],
    [9, 575, 601],
  ])(
    'is tried again after twice the time each time, %i tries: not after %i s, after %i s',
    async (tries, less, more) => {
      home.answer(503);
      note();
      await whole().complete(live({ tries, overMs: seconds(less) }));
      expect(home.receiver.requests).toEqual([]);
      const again = live({ tries, overMs: seconds(more) });
      await whole().complete(again);
      expect(home.receiver.requests).toHaveLength(1);
      expect([again.tries, (again.overMs ?? 0) > seconds(5)]).toEqual([tries + 1, true]);
    },
  );
});

/** What a hook writes down before it does anything else. */
const announce = () =>
  putAnnouncement(home.stateDir, {
    ...{ threadId: thread.threadId, turnId, cwd: home.codexHome, atMs: Date.now() },
  });

test('a turn is sent with one request of half a minute, and all of it in a minute', async () => {
  const runs: RunOptions[] = [];
  const watcher = whole({
    deliveryOf: (run, state) => {
      runs.push(run.options);
      return new TurnDelivery(run, state);
    },
  });
  announce();
  const beforeMs = Date.now();
  await watcher.takeOver(thread.threadId);
  expect(home.arrived()).toEqual([turnId]);
  const [run] = runs;
  expect([run?.maxRequests, run?.requestTimeoutMs]).toStrictEqual([1, 30_000]);
  const timeMs = (run?.deadlineMs ?? 0) - beforeMs;
  expect(timeMs).toBeGreaterThanOrEqual(60_000);
  expect(timeMs).toBeLessThan(80_000);
});

describe('what a hook left', () => {
  test('is not looked for where no hook has announced anything', async () => {
    home.answer(503);
    await home.hook(thread.payload(turnId), { maxRequests: 1 });
    home.answer(200);
    const before = home.receiver.requests.length;
    await whole().takeOver(thread.threadId);
    expect(home.receiver.requests).toHaveLength(before);
  });

  test('because the thread was in our hands is sent', async () => {
    await whole().takeOver(thread.threadId);
    expect(home.receiver.requests).toEqual([]);
    putAnnouncement(home.stateDir, {
      threadId: thread.threadId,
      turnId,
      cwd: home.codexHome,
      atMs: Date.now(),
    });
    await whole().takeOver(thread.threadId);
    expect(home.arrived()).toEqual([turnId]);
  });
});

describe('turns of a watcher that is gone', () => {
  test('are found at the next look, where there were none at the last', async () => {
    const nowMs = Date.now();
    const watcher = whole();
    await watcher.seeToOthers(nowMs);
    note({ seenMs: nowMs - UNSEEN_MS });
    await watcher.seeToOthers(nowMs);
    expect(home.arrived()).toEqual([turnId]);
  });

  test.each<[string, (nowMs: number) => Partial<LiveRecord>]>([
    ['whose watcher is there', (nowMs) => ({ seenMs: nowMs - UNSEEN_MS + 1 })],
    ['that were sent whole just now', (nowMs) => ({ seenMs: 0, whole: { atMs: nowMs } })],
  ])('are not those %s, also where their hook has announced them', async (_, more) => {
    const nowMs = Date.now();
    note(more(nowMs));
    announce();
    await whole().seeToOthers(nowMs);
    expect(home.receiver.requests).toEqual([]);
  });

  test('are sent when nobody has looked after them for two minutes', async () => {
    const watcher = whole();
    const nowMs = Date.now();
    await watcher.seeToOthers(nowMs);
    note({ seenMs: nowMs - UNSEEN_MS + 1000 });
    await watcher.seeToOthers(nowMs);
    expect(home.receiver.requests).toEqual([]);
    note({ seenMs: nowMs - UNSEEN_MS });
    await watcher.seeToOthers(nowMs + UNSEEN_MS / 4 - 1);
    expect(home.receiver.requests).toEqual([]);
    await watcher.seeToOthers(nowMs + UNSEEN_MS / 4);
    expect(home.arrived()).toEqual([turnId]);
    expect(liveRecords(home.stateDir)).toEqual([]);
  });

  test('that were sent whole without a clear answer are sent once more', async () => {
    note({ unclearMs: 5, whole: { atMs: seconds(61) }, seenMs: 0 });
    await whole().seeToOthers(Date.now());
    expect(home.arrived()).toEqual([turnId]);
    expect(existsSync(path.join(home.stateDir, 'live'))).toBe(false);
  });
});

describe('a turn that was shown is announced', () => {
  const announcedAs = (status: TurnStatus | undefined, origin = 0) => {
    const { threadId } = thread;
    const turns = status === undefined ? [] : [{ file: threadId, start: turnStart(), status }];
    saveThreadState(home.stateDir, {
      version: 2,
      threadId,
      origin: { file: threadId, start: origin },
      files: { [threadId]: { cursor: status === 'delivered' ? 9999 : 0 } },
      delivered: 0,
      turns,
    });
    announceLiveTurn(home.stateDir, note(), Date.now());
    return [readAnnouncements(home.stateDir, threadId).length, noted() !== undefined];
  };

  test.each<[TurnStatus | undefined, number, boolean]>([
    [undefined, 1, true],
    ['enqueued', 0, true],
    ['retry', 0, true],
    ['delivered', 0, false],
    ['rejected', 0, false],
    ['lost', 0, false],
    ['skipped', 0, false],
  ])('where its thread’s state says of it %s: %i times, its record stays: %s', (status, times, stays) => {
    expect(announcedAs(status)).toEqual([times, stays]);
  });

  test('where it was there before we were', () => {
    expect(announcedAs(undefined, 9999)).toEqual([1, true]);
  });

  test('unless its hook has done so, which knows more', () => {
    const announcement = { threadId: thread.threadId, turnId, cwd: '/own', atMs: 1 };
    putAnnouncement(home.stateDir, announcement);
    announceLiveTurn(home.stateDir, note(), Date.now());
    expect(readAnnouncements(home.stateDir, thread.threadId)).toMatchObject([
      { announcement: { cwd: '/own' } },
    ]);
  });
});
