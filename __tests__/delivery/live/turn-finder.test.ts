import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { TurnFinder } from '../../../src/delivery/live/turn-finder.js';
import { LiveThread } from '../../support/live-thread.js';
import { removeFolder } from '../../support/remove-folder.js';

let home: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
});
afterEach(() => removeFolder(home));

const DAY_MS = 86_400_000;
/** A thread begun so many days ago, in which a turn goes on. */
function running(daysAgo = 0) {
  const thread = LiveThread.begun(home, daysAgo * DAY_MS + 20_000);
  return { thread, turnId: thread.begin() };
}
const look = async (finder: TurnFinder, nowMs = Date.now(), followed: string[] = []) =>
  (await finder.look(nowMs, new Set(followed))).map(({ turnId }) => turnId).sort();

test('turns that go on are found, once, and again when their files have grown', async () => {
  const [one, two] = [running(), running()];
  const finder = new TurnFinder(home, Date.now());
  expect(await look(finder)).toEqual([one.turnId, two.turnId].sort());
  expect(await look(finder)).toEqual([]);
  one.thread.call(one.turnId);
  expect(await look(finder)).toEqual([one.turnId]);
});

test('files that are followed, compressed, or no recordings are not looked into', async () => {
  const { thread, turnId } = running();
  const other = running();
  writeFileSync(`${other.thread.path}.zst`, other.thread.text());
  writeFileSync(other.thread.path.replace('rollout-', 'notes-'), other.thread.text());
  expect(await look(new TurnFinder(home, Date.now()), Date.now(), [thread.path])).toEqual([other.turnId]);
  expect(turnId).not.toBe(other.turnId);
});

test('a turn that has been silent for an hour is found once it writes again', async () => {
  const { thread, turnId } = running();
  const then = Date.now() / 1000 - 2 * 3600;
  utimesSync(thread.path, then, then);
  const finder = new TurnFinder(home, Date.now());
  expect(await look(finder)).toEqual([]);
  appendFileSync(thread.path, '\n');
  expect(await look(finder)).toEqual([turnId]);
});

test('old folders are looked through once a minute, those of the last days each time', async () => {
  for (const days of [0, 1]) running(days);
  const finder = new TurnFinder(home, Date.now());
  const nowMs = Date.now();
  expect(await look(finder, nowMs)).toHaveLength(2);
  const [young, old] = [running(1), running(40)];
  expect(await look(finder, nowMs + 1000)).toEqual([young.turnId]);
  expect(await look(finder, nowMs + 30_000)).toEqual([]);
  expect(await look(finder, nowMs + 3_600_000)).toEqual([old.turnId]);
  expect(await look(finder, nowMs + 7_200_000)).toEqual([]);
});

test('the newest day comes first, and of one day the thread that was begun first', async () => {
  const [old, first, second] = [running(3), running(), running()];
  const found = await new TurnFinder(home, Date.now()).look(Date.now(), new Set());
  expect(found.map(({ turnId }) => turnId)).toStrictEqual([first.turnId, second.turnId, old.turnId]);
});

test('a file without a turn that goes on, one that is gone, and a folder of such a name hold none', async () => {
  const { thread, turnId } = running();
  thread.end(turnId, 'complete');
  const { path } = LiveThread.begun(home);
  symlinkSync('gone', path.replace('T00-', 'T01-'));
  mkdirSync(path.replace('T00-', 'T02-'));
  expect(await new TurnFinder(home, Date.now()).look(Date.now(), new Set())).toStrictEqual([]);
});

describe('with a clock of whole seconds', () => {
  /** In an hour, so that no look seems to take time. */
  const nowMs = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000;
  /** A turn that goes on, of a thread begun so many days ago, whose file was written to at this time. */
  function writtenAt(ms: number, daysAgo = 0) {
    const { thread, turnId } = running(daysAgo);
    const touch = (toMs: number) => utimesSync(thread.path, toMs / 1000, toMs / 1000);
    touch(ms);
    return { turnId, touch };
  }

  test('the first look is for files of the last hour, to the second', async () => {
    writtenAt(nowMs - 3_601_000);
    const { turnId } = writtenAt(nowMs - 3_600_000);
    expect(await look(new TurnFinder(home, nowMs), nowMs)).toStrictEqual([turnId]);
  });

  test('later looks are for files of the minute before the last look at all of them', async () => {
    const finder = new TurnFinder(home, nowMs);
    expect(await look(finder, nowMs)).toStrictEqual([]);
    writtenAt(nowMs - 61_000);
    const { turnId } = writtenAt(nowMs - 60_000);
    expect(await look(finder, nowMs + 1000)).toStrictEqual([turnId]);
  });

  test('all folders are looked through again after a minute, however often one looks between', async () => {
    for (const days of [0, 1]) running(days);
    const finder = new TurnFinder(home, nowMs);
    await look(finder, nowMs);
    const { turnId } = writtenAt(nowMs, 40);
    expect(await look(finder, nowMs + 59_999)).toStrictEqual([]);
    expect(await look(finder, nowMs + 60_000)).toStrictEqual([turnId]);
  });

  test('a look through many folders that takes long is made a hundred times as seldom', async () => {
    for (const days of [0, 1]) running(days);
    const beganMs = Date.now() - 10_000;
    const finder = new TurnFinder(home, beganMs);
    await look(finder, beganMs);
    const { turnId } = writtenAt(nowMs, 40);
    expect(await look(finder, beganMs + 999_000)).toStrictEqual([]);
    expect(await look(finder, beganMs + 1_900_000)).toStrictEqual([turnId]);
  });

  test('a file that has been silent is forgotten: what becomes of it is new again', async () => {
    const [silent, busy] = [writtenAt(nowMs - 61_000), writtenAt(nowMs - 60_000)];
    const finder = new TurnFinder(home, nowMs);
    expect(await look(finder, nowMs)).toHaveLength(2);
    for (const { touch } of [silent, busy]) touch(nowMs);
    expect(await look(finder, nowMs + 1000)).toStrictEqual([silent.turnId]);
  });

  test('the first look is at all folders, also where the clock begins in 1970', async () => {
    for (const days of [0, 1]) running(days);
    const { turnId } = writtenAt(0, 40);
    expect(await look(new TurnFinder(home, 0), 0)).toContain(turnId);
  });
});
