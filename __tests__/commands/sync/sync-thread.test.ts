import { renameSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ZERO_COUNTS } from '../../../src/commands/sync/sync-counts.js';
import { countOutcome, syncThread } from '../../../src/commands/sync/sync-thread.js';
import type { Drained, ThreadOutcome } from '../../../src/delivery/run/thread-outcome.js';
import { markPending, putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { home } from '../../support/test-home.js';

const THREAD = '01a2106f-04b1-75d3-abf7-1a312e155fb5';
const counted = (outcome: ThreadOutcome, threadId = THREAD) =>
  countOutcome(home.run(), { threadId, whole: false }, outcome);

/** A state in which each of these is said of a turn, besides ten that were sent. */
function state(threadId = THREAD, more: Partial<ThreadState> = {}): ThreadState {
  const turns = (['rejected', 'lost', 'lost', 'skipped'] as const).map((status, start) => ({
    file: threadId,
    start,
    status,
  }));
  return { ...newState(threadId, { file: threadId, start: 0 }), delivered: 10, turns, ...more };
}

/** A pass that sent nothing and left nothing. */
function drained(more: Partial<Drained> = {}): Drained {
  return {
    ...{ kind: 'drained', state: state(), sent: 0, rejected: 0, lost: 0, imported: 0, isLive: false },
    ...{ agents: [], sinceMs: Number.POSITIVE_INFINITY, located: new Map() },
    ...more,
  };
}

describe('of a thread that is no thread to send, sync says', () => {
  const one = { ...ZERO_COUNTS, pending: 1 };
  it.each<[string, ThreadOutcome, object]>([
    [
      'the thread it is a part of, which comes next',
      { kind: 'segment', threadId: 'whole' },
      { counts: ZERO_COUNTS, next: [{ threadId: 'whole', whole: false }] },
    ],
    [
      'that its folder is not traced',
      { kind: 'skipped', why: 'untraced', reason: 'no-config', hasPending: false },
      { counts: { ...ZERO_COUNTS, untraced: 1 }, why: 'no-config', next: [] },
    ],
    [
      'that its folder is not traced any more, with a turn that was announced before',
      { kind: 'skipped', why: 'untraced', reason: 'no-config', hasPending: true },
      { counts: { ...ZERO_COUNTS, untraced: 1, pending: 1 }, why: 'no-config', next: [] },
    ],
    [
      'that somebody has switched tracing off, who wants nothing of it sent',
      { kind: 'skipped', why: 'disabled', reason: 'environment', hasPending: true },
      { counts: { ...ZERO_COUNTS, untraced: 1 }, why: 'environment', next: [] },
    ],
    [
      'that another process is at it',
      { kind: 'busy' },
      { counts: one, why: 'another process has the thread in hand', next: [] },
    ],
    [
      'that it is left to another environment',
      { kind: 'elsewhere', hasPending: true },
      { counts: one, why: 'another process has the thread in hand', next: [] },
    ],
    [
      'that nothing can be kept of it',
      { kind: 'not saved', reason: 'the folder takes no files' },
      { counts: one, why: 'the folder takes no files', next: [] },
    ],
    [
      'what is wrong, and with which file',
      { kind: 'failed', reason: 'damaged compression', file: '/f' },
      {
        counts: one,
        why: 'damaged compression',
        next: [],
        unusable: {
          file: '/f',
          reason: 'damaged compression',
          remedy: 'Look at /f: it should be whole and readable',
        },
      },
    ],
    [
      'what is wrong where no file is to blame',
      { kind: 'failed', reason: 'TypeError' },
      { counts: one, why: 'TypeError', next: [] },
    ],
    ['nothing, where nothing announces it', { kind: 'unannounced' }, { counts: ZERO_COUNTS, next: [] }],
    ['nothing, where nothing is known of it', { kind: 'no recording' }, { counts: ZERO_COUNTS, next: [] }],
    [
      'which turns were given up with its recording',
      { kind: 'no recording', state: state() },
      { counts: { ...ZERO_COUNTS, rejected: 1, lost: 2 }, next: [] },
    ],
    [
      'that its recording is gone',
      { kind: 'no recording', state: state(), pending: 'gone' },
      { counts: { ...ZERO_COUNTS, rejected: 1, lost: 2, pending: 1 }, why: 'gone', next: [] },
    ],
  ])('%s', async (_, outcome, told) => {
    expect(await counted(outcome)).toStrictEqual(told);
  });
});

describe('a thread that was gone over', () => {
  it('has what was sent in this run, and what was there before', async () => {
    expect(
      await counted(drained({ sent: 4, rejected: 1, lost: 2, imported: 3, isLive: true })),
    ).toStrictEqual({
      counts: {
        ...{ sent: 4, reduced: 0, alreadyThere: 6, pending: 0, rejected: 1, lost: 2 },
        ...{ givenUpNow: 3, goingOn: 1, imported: 3, untraced: 0 },
      },
      next: [],
    });
  });

  it('has what its recording still holds, and not the turn that goes on', async () => {
    const thread = home.thread(Date.now() - 4000);
    thread.turn();
    thread.turn('failed');
    thread.begin();
    const pass = drained({
      state: newState(thread.threadId, { file: thread.threadId, start: 0 }),
      pending: '503',
    });
    expect(await counted(pass, thread.threadId)).toStrictEqual({
      counts: { ...ZERO_COUNTS, pending: 2, goingOn: 1 },
      why: '503',
      next: [],
    });
  });

  it('has no turn that goes on where that one has ended since', async () => {
    const thread = home.thread();
    thread.turn();
    const pass = drained({
      state: newState(thread.threadId, { file: thread.threadId, start: 0 }),
      pending: '503',
      isLive: true,
    });
    expect((await counted(pass, thread.threadId)).counts).toEqual({ ...ZERO_COUNTS, pending: 1 });
  });

  it('is counted by files that lie elsewhere: those that were named, else those that are remembered', async () => {
    const thread = home.thread();
    thread.turn();
    const { threadId } = thread;
    const moved = path.join(home.codexHome, 'elsewhere.jsonl');
    renameSync(thread.path, moved);
    const recordings = [{ key: threadId, path: moved }];
    const pass = drained({ state: newState(threadId, { file: threadId, start: 0 }), pending: '503' });
    const pending = async (named?: typeof recordings) => {
      const chosen = { threadId, whole: false, ...(named && { recordings: named }) };
      return (await countOutcome(home.run(), chosen, pass)).counts.pending;
    };
    expect(await pending()).toBe(0);
    expect(await pending(recordings)).toBe(1);
    markPending(home.stateDir, threadId, recordings);
    expect(await pending()).toBe(1);
    expect(await pending([])).toBe(0);
  });

  it('has a turn that was announced and is not in its recording', async () => {
    const announce = (more: object) => putAnnouncement(home.stateDir, { threadId: THREAD, atMs: 1, ...more });
    announce({ turnId: 'left-out', leaveOut: true });
    announce({ isSessionEnd: true });
    expect(await counted(drained())).toMatchObject({ counts: { pending: 0 } });
    announce({ turnId: 'first' });
    announce({ atMs: 2, promptDigest: 'p' });
    const why = `a turn was announced that is not in its recording: turn first, of no id of thread ${THREAD}`;
    expect(await counted({ kind: 'unannounced' })).toStrictEqual({
      counts: { ...ZERO_COUNTS, pending: 2 },
      why,
      next: [],
    });
    expect(await counted(drained())).toMatchObject({ counts: { pending: 2 }, why });
    expect(await counted(drained({ pending: '503' }))).toMatchObject({ counts: { pending: 2 }, why: '503' });
  });

  it('is followed by the threads of its agents, whole, which go where it goes', async () => {
    const agent = { agentThreadId: 'agent' } as Drained['agents'][number];
    const pass = drained({ sent: 1, agents: [agent] });
    expect((await counted(pass)).next).toStrictEqual([{ threadId: 'agent', whole: true }]);
    const there = { ...pass, state: state(THREAD, { cwd: '/project' }) };
    expect((await counted(there)).next).toStrictEqual([{ threadId: 'agent', whole: true, cwd: '/project' }]);
  });
});

describe('a thread that another process has in hand', () => {
  it('is waited for', async () => {
    const thread = home.thread();
    thread.turn();
    const lock = await tryLock(home.stateDir, thread.threadId);
    const synced = syncThread(home.run(), { threadId: thread.threadId, whole: true });
    setTimeout(() => void lock?.release(), 50);
    expect((await synced).counts).toEqual({ ...ZERO_COUNTS, sent: 1 });
  });

  it('is not waited for any longer once sync is to stop', async () => {
    const stop = new AbortController();
    const lock = await tryLock(home.stateDir, THREAD);
    const run = home.run({ signal: stop.signal });
    const synced = syncThread(run, { threadId: THREAD, whole: true });
    stop.abort();
    expect(await synced).toMatchObject({ why: 'another process has the thread in hand' });
    await lock?.release();
  });
});
