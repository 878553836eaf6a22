import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  childrenOf,
  drainApart,
  drainFamily,
  drainThread,
  type ThreadOptions,
} from '../../../src/delivery/pass/drain-thread.js';
import type { RunOptions } from '../../../src/delivery/run/delivery-run.js';
import type { Drained, ThreadOutcome } from '../../../src/delivery/run/thread-outcome.js';
import {
  type Announcement,
  markedRecordings,
  markPending,
  pendingThreads,
  putAnnouncement,
  readAnnouncements,
} from '../../../src/delivery/store/inbox.js';
import { tryLock } from '../../../src/delivery/store/lock/lock.js';
import { saveThreadState, threadFile } from '../../../src/delivery/store/state-file.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { MemoryStore } from '../../../src/delivery/store/thread-store.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { drainedThread } from '../../support/drained-thread.js';
import { paperThread } from '../../support/paper-thread.js';
import { home } from '../../support/test-home.js';

/** One thread, taken in hand: what is done, what is told, what is left in the inbox. */

const DAY = 24 * 3_600_000;

async function drain(
  { threadId }: { threadId: string },
  options: ThreadOptions = {},
  run: Partial<RunOptions> = {},
): Promise<ThreadOutcome> {
  const delivery = home.run(run);
  try {
    return await drainThread(delivery, threadId, options);
  } finally {
    delivery.close();
  }
}

async function family({ threadId }: ThreadFile, run: Partial<RunOptions> = {}): Promise<ThreadOutcome> {
  const delivery = home.run(run);
  try {
    return await drainFamily(delivery, threadId);
  } finally {
    delivery.close();
  }
}

const announce = ({ threadId }: { threadId: string }, turnId: string, more: Partial<Announcement> = {}) =>
  putAnnouncement(home.stateDir, { threadId, turnId, atMs: Date.now(), ...more });
const inbox = () => {
  const folder = path.join(home.stateDir, 'inbox');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const announced = ({ threadId }: { threadId: string }) =>
  readAnnouncements(home.stateDir, threadId).map(({ announcement: { turnId } }) => turnId);

describe('a thread that is drained', () => {
  test('tells what was done, where its announced turns begin, and leaves an empty inbox', async () => {
    const thread = home.thread();
    const turns = [thread.turn(), thread.turn('aborted')];
    const mail = announce(thread, turns[0] ?? '');
    const outcome = await drain(thread);
    const { threadId } = thread;
    expect(outcome).toEqual({
      kind: 'drained',
      state: home.state(threadId),
      sent: 2,
      rejected: 0,
      lost: 0,
      imported: 0,
      isLive: false,
      agents: [],
      sinceMs: expect.any(Number),
      located: new Map([[mail, { file: threadId, start: expect.any(Number) }]]),
    });
    expect(home.arrived()).toEqual(turns);
    expect(inbox()).toEqual([]);
  });

  test('takes over what other hooks announce meanwhile', async () => {
    const thread = home.thread();
    const [first, second] = [thread.turn(), thread.turn()];
    const mail = [announce(thread, second)];
    let left = 1;
    home.receiver.answerWith(() => {
      if (left-- > 0) mail.push(announce(thread, first));
      return {};
    });
    const outcome = await drain(thread);
    expect(outcome).toMatchObject({ kind: 'drained', sent: 2 });
    expect([...(outcome as Drained).located.keys()]).toEqual(mail);
    expect(home.arrived()).toEqual([second, first]);
    expect(inbox()).toEqual([]);
  });

  test('does not look again and again at an announcement that it does not find', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    const missing = '01a21080-0000-7000-8000-00000000000f';
    announce(thread, missing, { atMs: Date.now() - 60_000 });
    expect(await drain(thread)).toMatchObject({ kind: 'drained', sent: 1, lost: 0 });
    expect(announced(thread)).toEqual([missing]);
  });

  test('has a mark while something of it is pending', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    home.answer(401);
    expect(await drain(thread)).toMatchObject({ sent: 0, pending: '401' });
    expect(pendingThreads(home.stateDir)).toEqual([thread.threadId]);
    home.receiver.answerWith({});
    expect(await drain(thread)).toMatchObject({ sent: 1 });
    expect(inbox()).toEqual([]);
  });

  test('has one while a turn of it is announced that goes on', async () => {
    const thread = home.thread(Date.now());
    announce(thread, thread.begin());
    expect(await drain(thread)).toMatchObject({ sent: 0, isLive: true });
    expect(pendingThreads(home.stateDir)).toEqual([thread.threadId]);
    expect(announced(thread)).toEqual([]);
  });

  test('has where it is recorded in its mark, if that is elsewhere', async () => {
    const thread = home.thread();
    thread.turn();
    const { threadId } = thread;
    const elsewhere = { key: threadId, path: `${home.codexHome}-elsewhere-${path.basename(thread.path)}` };
    renameSync(thread.path, elsewhere.path);
    home.answer(401);
    await drain(thread, { whole: true, recordings: [elsewhere] });
    expect(markedRecordings(home.stateDir, threadId)).toEqual([elsewhere]);
    home.receiver.answerWith({});
    // The mark alone tells where it lies.
    expect(await drain(thread)).toMatchObject({ kind: 'drained', sent: 1 });
    rmSync(elsewhere.path);
    const own = home.thread();
    own.turn();
    home.answer(401);
    await drain(own, { whole: true, recordings: [{ key: own.threadId, path: own.path }] });
    expect(pendingThreads(home.stateDir)).toEqual([own.threadId]);
    expect(markedRecordings(home.stateDir, own.threadId)).toEqual([]);
  });

  test('has an announcement of a day ago that is in no recording given up', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    const missing = '01a21080-0000-7000-8000-00000000000f';
    announce(thread, missing, { atMs: Date.now() - 2 * DAY });
    const outcome = await drain(thread);
    expect(outcome).toMatchObject({ kind: 'drained', sent: 1, lost: 1 });
    expect((outcome as Drained).state).toEqual(home.state(thread.threadId));
    expect(home.turns(thread.threadId, 'lost')).toMatchObject([{ turnId: missing }]);
    expect(inbox()).toEqual([]);
  });

  test('keeps its damaged state for whoever wants to look', async () => {
    const thread = home.thread();
    const file = threadFile(home.stateDir, thread.threadId);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{');
    announce(thread, thread.turn());
    expect(await drain(thread)).toMatchObject({ kind: 'drained', sent: 1 });
    const kept = readdirSync(path.dirname(file)).filter((name) => name.includes('.unreadable-'));
    expect(kept).toHaveLength(1);
    expect(home.state(thread.threadId).delivered).toBe(1);
  });
});

describe('a thread whose settings are broken', () => {
  const broken = () => {
    const cwd = path.join(home.codexHome, 'project');
    mkdirSync(path.join(cwd, '.codex'), { recursive: true });
    writeFileSync(path.join(cwd, '.codex', 'mlflow-tracing.json'), '{');
    return cwd;
  };

  test('waits for somebody, its announced turn on the list', async () => {
    const thread = home.thread();
    const turnId = thread.turn();
    announce(thread, turnId, { cwd: broken() });
    const outcome = await drain(thread);
    expect(outcome).toMatchObject({
      kind: 'drained',
      sent: 0,
      pending: expect.stringContaining('mlflow-tracing'),
    });
    expect(home.state(thread.threadId)).toMatchObject({
      turns: [{ turnId, status: 'enqueued' }],
      waiting: { reason: (outcome as Drained).pending, blocked: true },
    });
    expect([announced(thread), pendingThreads(home.stateDir)]).toEqual([[], [thread.threadId]]);
  });

  test('waits for the server alone where that is all that is wrong', async () => {
    home.sendTo('http://127.0.0.1:9', { experimentName: 'mine' });
    const thread = home.thread();
    announce(thread, thread.turn());
    await drain(thread);
    expect(home.state(thread.threadId).waiting).toMatchObject({ blocked: false });
  });
});

describe('a thread that is not drained', () => {
  test('because it is in another’s hands is busy', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    const lock = await tryLock(home.stateDir, thread.threadId);
    expect(await drain(thread)).toEqual({ kind: 'busy' });
    await lock?.release();
    expect(await drain(thread)).toMatchObject({ kind: 'drained', sent: 1 });
  });

  test('because its state cannot be written keeps its announcement', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    writeFileSync(path.join(home.stateDir, 'threads'), '');
    expect(await drain(thread)).toEqual({
      kind: 'not saved',
      reason: 'the state folder cannot be written',
    });
    expect(announced(thread)).toHaveLength(1);
    expect(home.arrived()).toEqual([]);
  });

  test.each<[string, object, RunOptions['env'], string, number]>([
    ['its state is newer than we are', { version: 99 }, {}, 'failed', 1],
    [
      'its turns are another environment’s',
      {},
      { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' },
      'elsewhere',
      1,
    ],
    ['its folder is not traced', {}, { MLFLOW_CODEX_DISABLED: '1' }, 'skipped', 0],
  ])('because %s keeps old announcements only for who has it in hand', async (_, more, env, kind, left) => {
    const thread = home.thread();
    const { threadId } = thread;
    const place = home.run().environment;
    const state = { ...newState(threadId, { file: threadId, start: 0 }), place, ...more };
    saveThreadState(home.stateDir, state as ThreadState);
    announce(thread, '01a21080-0000-7000-8000-00000000000f', { atMs: Date.now() - 2 * DAY, place });
    expect(await drain(thread, {}, { env })).toMatchObject({ kind });
    expect(announced(thread)).toHaveLength(left);
  });

  test('because its recording is gone tells what waits, and since when', async () => {
    const thread = home.thread();
    thread.turn();
    rmSync(thread.path);
    const { threadId } = thread;
    expect(await drain(thread)).toEqual({ kind: 'no recording' });
    const known = newState(threadId, { file: threadId, start: 0 });
    saveThreadState(home.stateDir, known);
    expect(await drain(thread)).toEqual({ kind: 'no recording', state: known });
    const turns = [{ file: threadId, start: 0, status: 'retry' as const }];
    saveThreadState(home.stateDir, { ...known, turns });
    markPending(home.stateDir, threadId);
    const GONE = 'the recording of this thread is gone';
    const outcome = await drain(thread);
    expect(outcome).toEqual({ kind: 'no recording', state: home.state(threadId), pending: GONE });
    expect(home.state(threadId).waiting).toMatchObject({ reason: GONE, blocked: true });
    const waiting = { since: '2020-01-01T00:00:00.000Z', reason: GONE, blocked: true };
    saveThreadState(home.stateDir, { ...known, turns, waiting });
    expect(await drain(thread)).toEqual({ kind: 'no recording', state: home.state(threadId) });
    expect(home.turns(threadId, 'lost')).toHaveLength(1);
    expect(inbox()).toEqual([]);
  });

  test('because a line cannot be read says so, and what was announced is kept', async () => {
    const thread = home.thread();
    announce(thread, thread.turn());
    rmSync(thread.path);
    mkdirSync(thread.path);
    expect(await drain(thread)).toMatchObject({
      kind: 'failed',
      reason: 'the recording cannot be read (EISDIR)',
    });
    expect(announced(thread)).toHaveLength(1);
  });
});

describe('a thread over a store of the caller’s', () => {
  const mail = [{ file: 'm', announcement: { threadId: 't', turnId: 'x', atMs: 1 } }];

  test('is not opened where nothing of it is announced in its recording', async () => {
    const ports = { recording: paperThread({ t: ['a'] }), store: new MemoryStore(), mail };
    expect(await drainApart(home.run(), ports)).toEqual({ kind: 'unannounced' });
    expect(home.hasStateDir()).toBe(false);
  });

  test('fails as others do', async () => {
    const locate = async () => {
      throw Object.assign(new Error('read'), { code: 'EIO' });
    };
    const recording = { ...paperThread({ t: ['a'] }), locate };
    expect(await drainApart(home.run(), { recording, store: new MemoryStore(), mail })).toEqual({
      kind: 'failed',
      reason: 'the recording cannot be read (EIO)',
    });
  });
});

describe('the threads that belong to sent turns', () => {
  /** Makes a thread an agent's of another. */
  function agentOf(parent: ThreadFile): { agent: ThreadFile; turn: string } {
    const agent = home.thread();
    const turn = agent.turnIn('/elsewhere');
    const source = { subagent: { thread_spawn: { parent_thread_id: parent.threadId, depth: 1 } } };
    const told = `"parent_thread_id":"${parent.threadId}","source":${JSON.stringify(source)}`;
    writeFileSync(agent.path, agent.text().replace('"source":"exec"', told));
    return { agent, turn };
  }

  test('are the agents that the turns name, and those that name the thread, each once', async () => {
    const parent = home.thread();
    const { agent } = agentOf(parent);
    const agents = ['named', agent.threadId].map((agentThreadId) => ({
      callId: 'c',
      agentThreadId,
      timeMs: 1,
    }));
    const children = (more?: Partial<Drained>) =>
      childrenOf(home.run(), parent.threadId, drainedThread(more));
    expect(await children()).toEqual([agent.threadId]);
    expect(await children({ agents })).toEqual(['named', agent.threadId]);
    expect(await children({ agents, sent: 0 })).toEqual([]);
    expect(await children({ sinceMs: Date.now() + DAY })).toEqual([]);
  });

  test('are sent after them, whole and in the folder of the root, and theirs too', async () => {
    const parent = home.thread();
    const root = parent.turn();
    const child = agentOf(parent);
    const grandchild = agentOf(child.agent);
    announce(parent, root, { cwd: home.codexHome });
    expect(await family(parent)).toMatchObject({ kind: 'drained', sent: 1 });
    expect(home.arrived()).toEqual([root, child.turn, grandchild.turn]);
    for (const { agent } of [child, grandchild]) expect(home.state(agent.threadId).cwd).toBe(home.codexHome);
  });

  test('are sent once, also where they name each other', async () => {
    const [one, two] = [home.thread(), home.thread()];
    const turns = [one.turn(), two.turn()];
    const belongsTo = (child: ThreadFile, { threadId }: ThreadFile) =>
      writeFileSync(
        child.path,
        child.text().replace('"source":"exec"', `"parent_thread_id":"${threadId}","source":"exec"`),
      );
    belongsTo(one, two);
    belongsTo(two, one);
    announce(one, turns[0] ?? '');
    await family(one);
    expect(home.arrived()).toEqual(turns);
  });

  test('are left where there is no time, or nothing was sent', async () => {
    const parent = home.thread();
    const child = agentOf(parent);
    announce(parent, parent.turn());
    await family(parent, { deadlineMs: Date.now() });
    home.answer(401);
    await family(parent);
    expect(home.hasState(child.agent.threadId)).toBe(false);
  });

  test('of a segment are those of its thread', async () => {
    const thread = home.thread();
    const segment = thread.rewind();
    announce(thread, thread.turn());
    const run = home.run();
    expect(await drainFamily(run, segment)).toMatchObject({ kind: 'drained', sent: 1 });
    expect(await drainFamily(run, segment, {}, new Set([thread.threadId]))).toEqual({
      kind: 'segment',
      threadId: thread.threadId,
    });
    run.close();
  });
});
