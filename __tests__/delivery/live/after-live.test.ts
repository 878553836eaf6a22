import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../scripts/lab/otlp-receiver.mjs';
import { announceLiveTurns, repeatWholeTurns } from '../../../src/delivery/live/after-live.js';
import { catchUpAfterLive } from '../../../src/delivery/live/catch-up-after-live.js';
import { LIVE_PACE } from '../../../src/delivery/live/live-pace.js';
import { LiveWatch } from '../../../src/delivery/live/live-watch.js';
import { threadsWithAnnouncements } from '../../../src/delivery/store/inbox.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import {
  type LiveRecord,
  liveRecords,
  saveLiveRecord,
  UNSEEN_MS,
} from '../../../src/delivery/store/live-records.js';
import { DeliveryHome } from '../../support/delivery-home.js';
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
