import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
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
  writeFileSync(`${thread.path}.zst`, '');
  writeFileSync(thread.path.replace('rollout-', 'notes-'), 'x');
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
