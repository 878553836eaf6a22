import { statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readDeliverySummary } from '../../src/delivery/overview/delivery-summary.js';
import { putAnnouncement } from '../../src/delivery/store/inbox.js';
import { appendLog } from '../../src/delivery/store/journal.js';
import { home } from '../support/test-home.js';

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
    expect(await summary()).toMatchObject({ pending: [], rejected: [], lost: [], unreadable: [], newer: [] });
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
