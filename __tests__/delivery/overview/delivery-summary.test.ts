import { mkdirSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readDeliverySummary } from '../../../src/delivery/overview/delivery-summary.js';
import { markPending, putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { appendLog } from '../../../src/delivery/store/journal.js';
import { saveThreadState } from '../../../src/delivery/store/state-file.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { home } from '../../support/test-home.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const summary = (
  whyUntraced: (folder: string) => string | undefined = () => undefined,
  nowMs: number = Date.now(),
) => readDeliverySummary(home.stateDir, home.codexHome, nowMs, async (folder) => whyUntraced(folder));

/** Makes a recording look as if nobody had written to it for so long. */
function makeQuiet(file: string, ms: number): void {
  const then = new Date(Date.now() - ms);
  utimesSync(file, then, then);
}

/** A thread one of whose turns was sent. */
async function knownThread() {
  const thread = home.thread();
  await home.hook(thread.payload(thread.turn()));
  return thread;
}

describe('what is pending', () => {
  test('is nothing where everything was sent', async () => {
    await knownThread();
    const { lastRuns, ...told } = await summary();
    const nothing = { pending: [], rejected: [], lost: [], unreadable: [], newer: [] };
    expect(told).toStrictEqual({ ...nothing, reduced: [], unknownThreads: [] });
  });

  test('is a turn that a server did not take, since when and why', async () => {
    home.answer(401);
    const thread = await knownThread();
    const { pending } = await summary();
    const since = home.state(thread.threadId).waiting?.since;
    expect(pending).toEqual([{ threadId: thread.threadId, turns: 1, since, reason: '401', blocked: true }]);
  });

  test('is a turn that nobody announced, once its file has been quiet for a moment', async () => {
    const thread = await knownThread();
    thread.turn();
    const { mtimeMs } = statSync(thread.path);
    expect((await summary(undefined, mtimeMs + 1999)).pending).toEqual([]);
    expect((await summary(undefined, mtimeMs + 2000)).pending).toEqual([
      { threadId: thread.threadId, turns: 1, blocked: false },
    ]);
  });

  test('is a turn that was announced and is in no recording yet', async () => {
    const thread = await knownThread();
    putAnnouncement(home.stateDir, { threadId: thread.threadId, turnId: 'to come', atMs: Date.now() });
    const reason = 'announced, and not in the recording yet';
    expect((await summary()).pending).toEqual([
      { threadId: thread.threadId, turns: 1, reason, blocked: false },
    ]);
  });

  test('is a thread that was announced and that no hook has taken up', async () => {
    const thread = home.thread();
    putAnnouncement(home.stateDir, { threadId: thread.threadId, turnId: thread.turn(), atMs: Date.now() });
    const reason = 'announced, not taken up yet';
    const { pending, unknownThreads } = await summary();
    expect(pending).toEqual([{ threadId: thread.threadId, turns: 1, blocked: false, reason }]);
    expect(unknownThreads).toEqual([]);
  });
});

test('what was refused for good and what is lost are named with their threads', async () => {
  home.answer(400, {}, '{"message":"no"}');
  const refused = await knownThread();
  for (let i = 0; i < 5; i++) await home.hook(refused.payload(refused.turn()));
  const { rejected, lost } = await summary();
  expect(rejected.length).toBeGreaterThan(0);
  expect(
    rejected.every(({ threadId, status }) => threadId === refused.threadId && status === 'rejected'),
  ).toBe(true);
  expect(lost).toEqual([]);
});

test('states that cannot be read or are newer are named, and their threads count for nothing', async () => {
  const [broken, newer] = [await knownThread(), await knownThread()];
  const file = (threadId: string) => path.join(home.stateDir, 'threads', `${threadId}.json`);
  writeFileSync(file(broken.threadId), '{');
  writeFileSync(file(newer.threadId), JSON.stringify({ version: 99, threadId: newer.threadId }));
  writeFileSync(path.join(home.stateDir, 'threads', 'x.json.unreadable-1'), '');
  const told = await summary();
  expect(told.unreadable.map((name) => path.basename(name))).toEqual([
    'x.json.unreadable-1',
    `${broken.threadId}.json`,
  ]);
  expect(told.newer).toEqual([file(newer.threadId)]);
  expect(told.pending).toEqual([]);
});

test('the log’s last ten entries are told, and all that were sent without something', async () => {
  const entry = (ms: number, more: object = {}) =>
    appendLog(home.stateDir, { time: '2026-11-25T00:00:00.000Z', outcome: 'sent', ms, ...more });
  entry(0, { isReduced: true });
  for (let ms = 1; ms <= 10; ms++) entry(ms);
  const { lastRuns, reduced } = await summary();
  expect(lastRuns.map(({ ms }) => ms)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(reduced.map(({ ms }) => ms)).toEqual([0]);
});

describe('a thread that no hook was told of', () => {
  test('is told for three days, with the reason where it will not be sent', async () => {
    const young = home.thread();
    const old = home.thread();
    makeQuiet(young.path, 3 * DAY - MINUTE);
    makeQuiet(old.path, 3 * DAY + MINUTE);
    const modifiedMs = expect.any(Number);
    const { threadId } = young;
    const cwd = home.codexHome;
    expect((await summary()).unknownThreads).toEqual([{ threadId, modifiedMs, cwd }]);
    const untraced = `not ${cwd}`;
    expect((await summary((folder) => `not ${folder}`)).unknownThreads).toEqual([
      { threadId, modifiedMs, cwd, untraced },
    ]);
  });

  test('is not told where it belongs to another thread, or is known', async () => {
    await knownThread();
    const child = home.thread();
    writeFileSync(
      child.path,
      child
        .text()
        .replace(
          '"source":"exec"',
          '"source":{"subagent":{"thread_spawn":{"parent_thread_id":"p","depth":1}}}',
        ),
    );
    expect((await summary()).unknownThreads).toEqual([]);
  });
});

describe('of a thread of which something waits', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const waiting = { since, reason: '503', blocked: false };
  const GONE = 'the recording of this thread is gone';
  const told = async (isElsewhere?: (thread: ThreadState) => Promise<boolean>) =>
    (await readDeliverySummary(home.stateDir, home.codexHome, Date.now(), async () => undefined, isElsewhere))
      .pending;

  /** A thread with a turn behind its cursor and one to come, and a state that is written down. */
  function withState(more: Partial<ThreadState>, turns = ['listed']) {
    const thread = home.thread();
    const { threadId } = thread;
    thread.turn();
    const cursor = statSync(thread.path).size;
    saveThreadState(home.stateDir, {
      ...newState(threadId, { file: threadId, start: 0 }),
      files: { [threadId]: { cursor } },
      turns: turns.map((turnId, start) => ({ file: threadId, start, turnId, status: 'retry' })),
      ...more,
    });
    return thread;
  }
  const announce = (threadId: string, more: object = {}) =>
    putAnnouncement(home.stateDir, { threadId, turnId: 'to come', atMs: 1, ...more });

  test('the server’s reason is told, with all its turns: listed, announced, and still to be read', async () => {
    const thread = withState({ waiting });
    const { threadId } = thread;
    expect(await told()).toEqual([{ threadId, turns: 1, ...waiting }]);
    announce(threadId);
    expect(await told()).toEqual([{ threadId, turns: 2, ...waiting }]);
    // What waits is not on its way, however young its file is.
    thread.turn();
    expect(await told()).toEqual([{ threadId, turns: 3, ...waiting }]);
  });

  test('no turn is counted that is to be passed by, nor the end of a session', async () => {
    const { threadId } = withState({}, []);
    announce(threadId, { leaveOut: true });
    announce(threadId, { isSessionEnd: true });
    expect(await told()).toEqual([]);
  });

  test('it is said where its turns were had in another environment', async () => {
    const { threadId } = withState({ waiting });
    const listed = withState({});
    const seen: string[] = [];
    const isElsewhere = async (thread: ThreadState) => seen.push(thread.threadId) > 0;
    const other = 'had with other MLFLOW_… variables than here';
    expect(await told(isElsewhere)).toEqual([
      { threadId, turns: 1, ...waiting, reason: `503; ${other}` },
      { threadId: listed.threadId, turns: 1, blocked: false, reason: other },
    ]);
    expect(seen).toEqual([threadId, listed.threadId]);
  });

  test('it is said where its recording is gone, and what is still to be read of it is one turn', async () => {
    const gone = (more: Partial<ThreadState>, turns?: string[]) => {
      const thread = withState(more, turns);
      rmSync(thread.path);
      return thread.threadId;
    };
    const [listed, unread] = [gone({ waiting }, ['a', 'b']), gone({ waiting }, [])];
    const missing = gone({}, []);
    gone({}, []);
    announce(missing);
    expect(await told()).toEqual([
      { threadId: listed, turns: 2, since, reason: GONE, blocked: true },
      { threadId: unread, turns: 1, since, reason: GONE, blocked: true },
      { threadId: missing, turns: 1, reason: 'announced, and not in the recording yet', blocked: false },
    ]);
  });

  test('its recording may lie where its mark says', async () => {
    const thread = withState({ waiting }, []);
    const elsewhere = path.join(home.codexHome, path.basename(thread.path));
    thread.turn();
    renameSync(thread.path, elsewhere);
    markPending(home.stateDir, thread.threadId, [{ key: thread.threadId, path: elsewhere }]);
    expect(await told()).toEqual([{ threadId: thread.threadId, turns: 1, ...waiting }]);
  });

  test('no more than 256 MiB are read to count them: one turn more stands for all', async () => {
    const thread = withState({ waiting }, ['a', 'b']);
    const behind = statSync(thread.path).size;
    truncateSync(thread.path, behind + 256 * 1024 * 1024 + 1);
    expect(await told()).toEqual([{ threadId: thread.threadId, turns: 3, ...waiting }]);
  });

  test('a file that lies before its first turn does not count, nor one that is shorter than it was', async () => {
    const thread = home.thread();
    thread.turn();
    const key = thread.rewind();
    thread.turn();
    const { threadId } = thread;
    const cursor = statSync(thread.path).size;
    const state = { ...newState(threadId, { file: key, start: 0 }), waiting };
    saveThreadState(home.stateDir, { ...state, files: { [key]: { cursor } } });
    expect(await told()).toEqual([]);
    saveThreadState(home.stateDir, { ...state, files: { [key]: { cursor: cursor + 9 } } });
    expect(await told()).toEqual([]);
  });

  test('a compressed file has nothing to be read: Codex compresses what nobody goes on with', async () => {
    const thread = withState({ waiting }, ['a']);
    rmSync(thread.path);
    writeFileSync(`${thread.path}.zst`, 'x'.repeat(100_000));
    expect(await told()).toEqual([{ threadId: thread.threadId, turns: 1, ...waiting }]);
  });

  test('a turn that has ended is counted, and one that may go on is not', async () => {
    const thread = withState({ waiting }, []);
    thread.setClock(Date.now());
    thread.begin();
    expect(await told()).toEqual([]);
    thread.begin();
    expect(await told()).toEqual([{ threadId: thread.threadId, turns: 1, ...waiting }]);
  });

  test('what was given up is told with it, word for word', async () => {
    const entries = (['rejected', 'lost', 'skipped', 'retry'] as const).map((status, start) => ({
      file: 'f',
      start,
      status,
      message: `why ${status}`,
    }));
    const { threadId } = withState({ turns: entries });
    const { rejected, lost } = await summary();
    expect(rejected).toEqual([{ ...entries[0], threadId }]);
    expect(lost).toEqual([{ ...entries[1], threadId }]);
  });
});

test('nothing at all is told where there is no folder of ours', async () => {
  expect(await summary()).toEqual({
    pending: [],
    rejected: [],
    lost: [],
    unreadable: [],
    newer: [],
    lastRuns: [],
    reduced: [],
    unknownThreads: [],
  });
});

test('no folder is asked about where a thread names none', async () => {
  const thread = home.thread();
  writeFileSync(thread.path, thread.text().replace(/"cwd":"[^"]*",/, ''));
  const modifiedMs = expect.any(Number);
  expect((await summary(() => 'untraced')).unknownThreads).toEqual([
    { threadId: thread.threadId, modifiedMs },
  ]);
});

describe('of several threads', () => {
  const threadsDir = () => path.join(home.stateDir, 'threads');
  /** Ids of threads that lie in no recording, in their order. */
  const ids = ['1', '2'].map((digit) => `01a21000-0000-7000-8000-00000000000${digit}`);

  test('states that cannot be read are named in their order, and so are those that are newer', async () => {
    mkdirSync(threadsDir(), { recursive: true });
    const [first, second] = ids.map((id) => path.join(threadsDir(), `${id}.json`)) as [string, string];
    // A folder in their place.
    mkdirSync(first);
    mkdirSync(second);
    expect((await summary()).unreadable).toEqual([first, second]);
    rmSync(first, { recursive: true });
    rmSync(second, { recursive: true });
    for (const [index, file] of [first, second].entries())
      writeFileSync(file, JSON.stringify({ version: 99, threadId: ids[index] }));
    expect(await summary()).toMatchObject({ unreadable: [], newer: [first, second] });
  });

  test('what was given up, what waits and what was announced is told in their order', async () => {
    const given = (file: string) => ({ file, start: 0, status: 'rejected' as const });
    const waits = (file: string) => ({ file, start: 1, status: 'retry' as const });
    for (const threadId of ids)
      saveThreadState(home.stateDir, {
        ...newState(threadId, { file: threadId, start: 0 }),
        files: { [threadId]: { cursor: 2 } },
        turns: [given(threadId), waits(threadId)],
      });
    const announced = ['3', '4'].map((digit) => `01a21000-0000-7000-8000-00000000000${digit}`);
    for (const threadId of announced) putAnnouncement(home.stateDir, { threadId, turnId: 'x', atMs: 1 });
    const { pending, rejected } = await summary();
    expect(pending.map(({ threadId }) => threadId)).toEqual([...ids, ...announced]);
    expect(rejected).toEqual(ids.map((threadId) => ({ ...given(threadId), threadId })));
  });

  test('no more than fifty recordings are looked into for those that no hook was told of', async () => {
    for (let i = 0; i < 51; i++) home.thread();
    expect((await summary()).unknownThreads).toHaveLength(50);
  });
});

// Elsewhere only half an hour of silence tells that nobody writes a recording any more.
const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('an open turn counts once its recording has been silent for five minutes', async () => {
  const pending = async (silentMs: number) => {
    const thread = home.thread();
    const state = newState(thread.threadId, { file: thread.threadId, start: 0 });
    const waiting = { since: '2026-01-01T00:00:00.000Z', reason: '503', blocked: false };
    thread.setClock(Date.now() - silentMs - 1000);
    thread.begin();
    saveThreadState(home.stateDir, { ...state, files: { [thread.threadId]: { cursor: 0 } }, waiting });
    const told = (await summary()).pending.filter(({ threadId }) => threadId === thread.threadId);
    return told.map(({ turns }) => turns);
  };
  expect(await pending(5 * MINUTE - 30_000)).toEqual([]);
  expect(await pending(5 * MINUTE + 2000)).toEqual([1]);
});
