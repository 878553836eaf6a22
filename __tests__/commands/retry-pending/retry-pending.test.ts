import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  leaveRetryProcess,
  retryLock,
  takeWish,
} from '../../../src/commands/retry-pending/leave-retry-process.js';
import { pauseMs, RETRY_MS, runRetryPending } from '../../../src/commands/retry-pending/retry-pending.js';
import { putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { placeInEnvironment } from '../../../src/settings/place-of-turns.js';
import { home } from '../../support/test-home.js';

const OWN_PLACE = placeInEnvironment({});

/** The process that is left behind, in this one, with short pauses; as a process: e2e/retry-process. */
const OPTIONS = { pauses: { firstMs: 20, longestMs: 320 }, requestTimeoutMs: 15_000, lifeMs: 60_000 };

const retry = (options = {}, env = {}) =>
  runRetryPending(
    { CODEX_HOME: home.codexHome, ...env },
    { homeDir: home.codexHome, ...OPTIONS, ...options },
  );

/** A turn that an overloaded server has not taken. */
async function pendingTurn(): Promise<string> {
  home.answer(503);
  const thread = home.thread();
  const turn = thread.turn();
  await home.hook(thread.payload(turn));
  home.receiver.requests.length = 0;
  return turn;
}

describe('the process left behind', () => {
  test('asks an overloaded server once a round, and sends the turn in the end', async () => {
    const turn = await pendingTurn();
    home.receiver.answerWith((_, n) => (n < 5 ? { status: 503 } : {}));
    await retry();
    expect(home.arrived()).toEqual([turn]);
    expect(home.receiver.requests).toHaveLength(6);
  });

  test('makes pauses that grow, up to a minute, and are drawn', () => {
    const middle = [0, 1, 2, 3, 4, 5, 20].map((round) => pauseMs(round, 0.5));
    expect(middle).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    expect([pauseMs(0, 0), pauseMs(0, 1)]).toEqual([4000, 6000]);
  });

  test('lives for ten minutes at most', () => {
    expect(RETRY_MS).toBe(10 * 60_000);
  });

  test('rests between two rounds', async () => {
    await pendingTurn();
    await retry({ pauses: { firstMs: 100, longestMs: 100 }, lifeMs: 1000 });
    // Drawn from 80 to 120 ms.
    expect(home.receiver.requests.length).toBeLessThanOrEqual(12);
  });

  test('has a line in the log for what it sent, and none for each try', async () => {
    await pendingTurn();
    home.receiver.answerWith((_, n) => (n < 2 ? { status: 503 } : {}));
    await retry();
    const lines = readLog(home.stateDir).map(({ outcome, detail }) => `${outcome} ${detail}`);
    expect(lines).toEqual(['sent tried again']);
  });

  test('ends when its time is over, and leaves the turn to the next hook', async () => {
    const turn = await pendingTurn();
    await retry({ lifeMs: 300 });
    expect(home.arrived()).toEqual([]);
    home.answer(200);
    const next = home.thread();
    const own = next.turn();
    await home.hook(next.payload(own));
    expect(home.arrived().sort()).toEqual([turn, own].sort());
  });

  test('waits for as long as the server asks, and ends at once where that is longer than it lives', async () => {
    await pendingTurn();
    home.answer(429, { 'retry-after': '60' });
    await retry({ lifeMs: 5000 });
    expect(home.receiver.requests).toHaveLength(1);
  });

  test('ends after one round where nothing is pending, or where a person must mend something', async () => {
    await retry();
    expect(home.receiver.requests).toEqual([]);
    await pendingTurn();
    home.answer(401);
    await retry();
    expect(home.receiver.requests).toHaveLength(1);
  });

  test('goes on for a hook that has come in its last moment, and found it still at work', async () => {
    const turn = await pendingTurn();
    let later = '';
    home.receiver.answerWith((_, n) => {
      if (n > 0) return {};
      const thread = home.thread();
      later = thread.turn();
      // What such a hook leaves: its announcement, and its wish, since it finds the lock taken.
      putAnnouncement(home.stateDir, {
        threadId: thread.threadId,
        turnId: later,
        cwd: '/',
        atMs: Date.now(),
      });
      void leaveRetryProcess('/no/such/program.js', home.stateDir, OWN_PLACE);
      return { delayMs: 300 };
    });
    await retry();
    expect(home.arrived()).toEqual([turn, later]);
  });

  test('does its work beside one of another environment, which leaves these turns alone', async () => {
    const turn = await pendingTurn();
    home.answer(200);
    const place = placeInEnvironment({ MLFLOW_TRACKING_URI: 'http://other' });
    const other = await tryLock(home.stateDir, retryLock(place));
    await retry();
    await other?.release();
    expect(home.arrived()).toEqual([turn]);
  });

  test('does nothing where another one is at it, or where everything is switched off', async () => {
    await pendingTurn();
    home.answer(200);
    const other = await tryLock(home.stateDir, retryLock(OWN_PLACE));
    await retry();
    await other?.release();
    await retry({}, { MLFLOW_CODEX_DISABLED: '1' });
    expect(home.receiver.requests).toEqual([]);
  });
});

describe('a hook that leaves a process behind', () => {
  const wishes = () => readdirSync(home.stateDir).filter((name) => name.startsWith('retry-wanted-'));

  test('asks one that is at work for one more round, with an empty file that is this user’s alone', async () => {
    const lock = await tryLock(home.stateDir, retryLock(OWN_PLACE));
    await leaveRetryProcess('/no/such/program.js', home.stateDir, OWN_PLACE);
    await lock?.release();
    const [wish = '', ...more] = wishes();
    expect(more).toEqual([]);
    expect(wish).not.toContain(' ');
    const { mode, size } = statSync(path.join(home.stateDir, wish));
    expect([mode & 0o777, size]).toEqual([0o600, 0]);
    expect(takeWish(home.stateDir, OWN_PLACE)).toBe(true);
    expect(takeWish(home.stateDir, OWN_PLACE)).toBe(false);
    expect(wishes()).toEqual([]);
  });

  test('asks for nothing where none is at work', async () => {
    putAnnouncement(home.stateDir, { threadId: 't', turnId: 'u', atMs: 1 });
    await leaveRetryProcess('/no/such/program.js', home.stateDir, OWN_PLACE);
    expect(wishes()).toEqual([]);
  });
});
