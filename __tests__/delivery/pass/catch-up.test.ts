import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { catchUp } from '../../../src/delivery/pass/catch-up.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import { markPending, putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { saveThreadState, threadFile } from '../../../src/delivery/store/state-file.js';
import { newState, type ThreadState, type TurnEntry } from '../../../src/delivery/store/thread-state.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

/** Which threads a hook looks after beside its own, and in which order. */

const MINUTE = 60_000;

async function catchUpWith(run: Partial<RunOptions> = {}, own = 'own'): Promise<void> {
  const delivery = home.run(run);
  try {
    await catchUp(delivery, own);
  } finally {
    delivery.close();
  }
}

/** All that lies in our folder: a thread that is taken in hand has a lock and a mark there. */
const inOurFolder = () => readdirSync(home.stateDir, { recursive: true }).sort();

/** Makes a recording look as if it was last written to so long ago; before 0, in the future. */
function makeQuiet({ path: file }: ThreadFile, ms: number): void {
  const then = (Date.now() - ms) / 1000;
  utimesSync(file, then, then);
}

/** A thread whose one turn is on the list. */
function listed(since?: string, entry: Partial<TurnEntry> = {}, more: Partial<ThreadState> = {}) {
  const thread = home.thread();
  const { threadId } = thread;
  const start = statSync(thread.path).size;
  const turnId = thread.turn();
  saveThreadState(home.stateDir, {
    ...newState(threadId, { file: threadId, start }),
    files: { [threadId]: { cursor: statSync(thread.path).size } },
    turns: [{ file: threadId, start, turnId, status: 'retry', ...entry }],
    ...(since !== undefined && { waiting: { since, reason: '503', blocked: false } }),
    ...more,
  });
  return { thread, threadId, turnId };
}

/** A thread of which everything was sent, and which has gone on since by a turn that nobody announced. */
function grown(quietMs = MINUTE) {
  const thread = home.thread();
  const { threadId } = thread;
  thread.turn();
  const cursor = statSync(thread.path).size;
  saveThreadState(home.stateDir, {
    ...newState(threadId, { file: threadId, start: 0 }),
    files: { [threadId]: { cursor } },
  });
  const turnId = thread.turn('aborted');
  makeQuiet(thread, quietMs);
  return { thread, threadId, turnId };
}

const day = (n: number) => `2026-01-0${n}T00:00:00.000Z`;

describe('a hook sends for other threads', () => {
  test('what was announced first, then what has waited longest, and last what a server failed over', async () => {
    const failing = listed(day(1), { failures: 3 });
    const threads = [3, 5, 2, 4].map((n) => listed(day(n)));
    const announced = home.thread();
    const turnId = announced.turn();
    putAnnouncement(home.stateDir, { threadId: announced.threadId, turnId, atMs: 1 });
    const unasked = listed();
    await catchUpWith();
    expect(home.arrived()).toEqual([
      turnId,
      unasked.turnId,
      threads[2]?.turnId,
      threads[0]?.turnId,
      threads[3]?.turnId,
      threads[1]?.turnId,
      failing.turnId,
    ]);
  });

  test('what failed often before and is settled by now does not come last', async () => {
    const [first, second] = [listed(day(2)), listed(day(1))];
    const { threadId } = second;
    const settled: TurnEntry = { file: threadId, start: 1, turnId: 'x', status: 'rejected', failures: 3 };
    const state = home.state(threadId);
    saveThreadState(home.stateDir, { ...state, turns: [...state.turns, settled] });
    await catchUpWith();
    expect(home.arrived()).toEqual([second.turnId, first.turnId]);
  });

  test('turns that wait though none is on the list, and those of a damaged state', async () => {
    const waiting = grown(0);
    saveThreadState(home.stateDir, {
      ...home.state(waiting.threadId),
      waiting: { since: day(1), reason: '503', blocked: false },
    });
    const damaged = home.thread();
    const turnId = damaged.turn();
    writeFileSync(threadFile(home.stateDir, damaged.threadId), '{');
    mkdirSync(path.join(home.stateDir, 'inbox'), { recursive: true });
    const time = day(1);
    const entry = { time, thread: damaged.threadId, turn: turnId, outcome: 'pending', ms: 1 };
    writeFileSync(path.join(home.stateDir, 'hook.log'), `${JSON.stringify(entry)}\n`);
    await catchUpWith();
    expect(home.arrived().sort()).toEqual([waiting.turnId, turnId].sort());
  });

  test.each<[string, number, boolean]>([
    ['has been quiet for a minute', MINUTE, true],
    ['was written to a second ago', 1000, false],
    ['is of the future', -MINUTE, true],
  ])('a turn that nobody announced, where its recording %s', async (_, quietMs, isSent) => {
    const { turnId } = grown(quietMs);
    await catchUpWith();
    expect(home.arrived()).toEqual(isSent ? [turnId] : []);
  });

  test('none of a file that lies before the thread’s first turn, nor of one without anything new', async () => {
    const { thread, threadId } = grown();
    const state = home.state(threadId);
    const cursor = statSync(thread.path).size;
    saveThreadState(home.stateDir, { ...state, files: { [threadId]: { cursor } } });
    const before = inOurFolder();
    await catchUpWith();
    const key = thread.rewind();
    saveThreadState(home.stateDir, { ...state, origin: { file: key, start: 0 }, files: {} });
    makeQuiet(thread, 0);
    await catchUpWith();
    expect(home.arrived()).toEqual([]);
    expect(inOurFolder()).toEqual(before);
  });

  test('none of its own thread, and none without time', async () => {
    const { threadId, turnId } = listed(day(1));
    const before = inOurFolder();
    await catchUpWith({}, threadId);
    await catchUpWith({ deadlineMs: Date.now() });
    expect(home.arrived()).toEqual([]);
    expect(inOurFolder()).toEqual(before);
    expect(home.state(threadId).waiting?.reason).toBe('503');
    await catchUpWith();
    expect(home.arrived()).toEqual([turnId]);
  });

  test('none that were had in another environment', async () => {
    const place = home.run({ env: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' } }).environment;
    const { threadId } = listed(day(1), {}, { place, cwd: home.codexHome });
    const before = inOurFolder();
    await catchUpWith();
    expect(home.arrived()).toEqual([]);
    expect(inOurFolder()).toEqual(before);
    expect(home.state(threadId).waiting?.reason).toBe('503');
  });

  test('none to a server that asked to be left alone: what is known of them stays as it is', async () => {
    const { threadId } = listed(day(1), {}, { cwd: home.codexHome });
    const elsewhere = listed(day(2));
    home.answer(429, { 'retry-after': '120' });
    await home.hook(elsewhere.thread.payload(elsewhere.thread.turn()));
    home.receiver.answerWith({});
    const requests = home.receiver.requests.length;
    await catchUpWith();
    expect(home.receiver.requests).toHaveLength(requests);
    expect(home.state(threadId).waiting).toEqual({ since: day(1), reason: '503', blocked: false });
  });
});

describe('of threads that nothing marks as pending', () => {
  /** States without anything to be done, last worked on so many minutes ago; their ids come last. */
  function others(count: number, minutes: number): void {
    for (let n = 0; n < count; n++) {
      const threadId = `f${n.toString(16).padStart(7, '0')}-0000-7000-8000-000000000000`;
      saveThreadState(home.stateDir, newState(threadId, { file: threadId, start: 0 }));
      age(threadId, minutes);
    }
  }
  function age(threadId: string, minutes: number): void {
    const then = (Date.now() - minutes * MINUTE) / 1000;
    utimesSync(threadFile(home.stateDir, threadId), then, then);
  }

  test('a hook looks at the forty that were last worked on', async () => {
    const { threadId, turnId } = grown();
    others(40, 1);
    age(threadId, 2);
    await catchUpWith();
    expect(home.arrived()).toEqual([]);
    age(threadId, 0);
    await catchUpWith();
    expect(home.arrived()).toEqual([turnId]);
  });

  test('it finds one that is marked wherever it stands', async () => {
    const { threadId, turnId } = grown();
    others(40, 1);
    age(threadId, 2);
    markPending(home.stateDir, threadId);
    await catchUpWith();
    expect(home.arrived()).toEqual([turnId]);
  });

  test('among the newest four hundred', async () => {
    const { turnId } = grown();
    others(400, 1);
    await catchUpWith();
    expect(home.arrived()).toEqual([]);
    const oldest = `f${(0).toString(16).padStart(7, '0')}-0000-7000-8000-000000000000`;
    rmSync(threadFile(home.stateDir, oldest));
    await catchUpWith();
    expect(home.arrived()).toEqual([turnId]);
  });
});
