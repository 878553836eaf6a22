import { utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { findUnknownThreads, YOUNG_MS } from '../../../src/delivery/overview/unknown-threads.js';
import { putAnnouncement } from '../../../src/delivery/store/inbox.js';
import { appendLog } from '../../../src/delivery/store/journal.js';
import { saveThreadState } from '../../../src/delivery/store/state-file.js';
import { newState } from '../../../src/delivery/store/thread-state.js';
import { ThreadFile } from '../../support/delivery-thread.js';
import { removeFolder } from '../../support/remove-folder.js';

/** Threads that no hook was ever told of. */

let codexHome: string;
let stateDir: string;
beforeEach(async () => {
  [codexHome, stateDir] = [await makeTemporaryFolder(), await makeTemporaryFolder()];
});
afterEach(() => {
  removeFolder(codexHome);
  removeFolder(stateDir);
});

/** Makes a thread whose file was written to at a time. @param source its first line's */
function thread(modifiedMs: number, source?: object): ThreadFile {
  const made = new ThreadFile(codexHome);
  if (source)
    writeFileSync(made.path, made.text().replace('"source":"exec"', `"source":${JSON.stringify(source)}`));
  utimesSync(made.path, modifiedMs / 1000, modifiedMs / 1000);
  return made;
}
const find = (sinceMs = 0, maxFiles?: number) => findUnknownThreads(codexHome, stateDir, sinceMs, maxFiles);
const ids = async (...asked: Parameters<typeof find>) =>
  (await find(...asked)).map(({ threadId }) => threadId);

test('are told by their ids, when they were written to, their folder and their parent, newest first', async () => {
  const [one, two] = [
    thread(5000),
    thread(4000, { subagent: { thread_spawn: { parent_thread_id: 'p', depth: 1 } } }),
  ];
  expect(await find()).toEqual([
    { threadId: two?.threadId, modifiedMs: 4000, cwd: codexHome, parentThreadId: 'p' },
    { threadId: one?.threadId, modifiedMs: 5000, cwd: codexHome },
  ]);
});

test('are those that were written to since a time, of so many files', async () => {
  const [old, young, newest] = [thread(4999), thread(5000), thread(6000)];
  expect(await ids(5000)).toEqual([newest?.threadId, young?.threadId]);
  expect(await ids(0, 2)).toEqual([newest?.threadId, young?.threadId]);
  expect(await ids(0, 3)).toEqual([newest?.threadId, young?.threadId, old?.threadId]);
});

describe('are none', () => {
  test('that have a state, or whose segment had one (state version 1), or that were announced', async () => {
    const [known, segment, announced, unknown] = [thread(5000), thread(5000), thread(5000), thread(5000)];
    const key = segment?.rewind() ?? '';
    for (const threadId of [known?.threadId ?? '', key])
      saveThreadState(stateDir, newState(threadId, { file: threadId, start: 0 }));
    putAnnouncement(stateDir, { threadId: announced?.threadId ?? '', turnId: 'x', atMs: 1 });
    // The segment's thread has another file, of which nothing is known.
    expect((await ids()).sort()).toEqual([segment?.threadId, unknown?.threadId].sort());
  });

  test('that Codex started for itself and for no thread', async () => {
    thread(5000, { subagent: { other: 'memory' } });
    expect(await find()).toEqual([]);
  });

  test.each([
    ['disabled', undefined, false],
    ['untraced', 'excluded', false],
    ['untraced', 'no-config', true],
    ['pending', 'excluded', true],
  ] as const)('that the log calls %s (%s): told is %s', async (outcome, detail, isTold) => {
    const { threadId } = thread(5000);
    const entry = { time: '2026-01-01T00:00:00.000Z', outcome, ms: 1, ...(detail && { detail }) };
    appendLog(stateDir, { ...entry, thread: threadId });
    appendLog(stateDir, entry);
    expect(await ids()).toEqual(isTold ? [threadId] : []);
  });
});

test('a thread of several files was written to when the last of them was', async () => {
  for (const [first, second, last] of [
    [7000, 5000, 7000],
    [5000, 7000, 7000],
    [5000, 5000, 5000],
  ] as const) {
    const made = thread(first);
    utimesSync(made.path, first / 1000, first / 1000);
    made.rewind();
    utimesSync(made.path, second / 1000, second / 1000);
    const found = await find();
    expect(found.filter(({ threadId }) => threadId === made.threadId)).toEqual([
      { threadId: made.threadId, modifiedMs: last, cwd: codexHome },
    ]);
  }
});

test('a thread whose first line cannot be read is one all the same', async () => {
  const made = thread(5000);
  writeFileSync(made.path, 'not a line of Codex’s\n');
  utimesSync(made.path, 5, 5);
  expect(await find()).toEqual([{ threadId: made.threadId, modifiedMs: 5000 }]);
});

test('threads are young for three days', () => {
  expect(YOUNG_MS).toBe(259_200_000);
});
