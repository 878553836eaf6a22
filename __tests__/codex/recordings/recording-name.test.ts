import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { allDayFolders, foldersOfThread, namesIn } from '../../../src/codex/recordings/recording-folders.js';
import { compareKeys, parseRecordingName } from '../../../src/codex/recordings/recording-name.js';

const id = '01a21080-0000-7000-8000-000000000001';
const time = '2026-11-25T00-00-00';

test.each([
  [`rollout-${time}-${id}.jsonl`, { threadId: id, key: id }],
  [`/a/b/rollout-${time}-${id}.jsonl.zst`, { threadId: id, key: id }],
  [`rollout-${time}-${id}_01a2-x.jsonl`, { threadId: id, key: '01a2-x' }],
  [`rollout-${id}.jsonl`, { threadId: id, key: id }],
  [`rollout-${time}-${id}.json`, undefined],
  [`rollout-${time}-${id}_.jsonl`, undefined],
  [`x-rollout-${time}-${id}.jsonl`, undefined],
  [`rollout-${time}-${id}.jsonl.tmp`, undefined],
  ['history.jsonl', undefined],
])('the name %s says %j', (file, name) => {
  expect(parseRecordingName(file)).toEqual(name);
});

test('a thread’s first file comes before its segments, which come by their ids', () => {
  const keys = ['c', 'thread', 'b', 'a', 'b'];
  expect(keys.sort((a, b) => compareKeys('thread', a, b))).toEqual(['thread', 'a', 'b', 'b', 'c']);
  expect([compareKeys('t', 't', 't'), compareKeys('t', 'a', 't'), compareKeys('t', 't', 'a')]).toEqual([
    0, 1, -1,
  ]);
});

describe('the folders of a thread', () => {
  /** The time in the thread's id. */
  const begunMs = 0x01a210800000;
  const dayMs = 86_400_000;
  const home = '/h';
  const days = (...names: string[]) => [
    ...names.map((name) => `/h/sessions/${name}`),
    '/h/archived_sessions',
  ];
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/');

  test('are the days from the one before it began to the one after now, and the archive', () => {
    const list = [-1, 0, 1, 2, 3].map((by) => day(begunMs + by * dayMs));
    expect(foldersOfThread(home, id, begunMs + 2 * dayMs)).toEqual(days(...list));
    // A clock was put back.
    const early = [-3, -2, -1, 0, 1].map((by) => day(begunMs + by * dayMs));
    expect(foldersOfThread(home, id, begunMs - 2 * dayMs)).toEqual(days(...early));
  });

  test('are 41 that are tried, and of a longer time those that are there', async () => {
    const base = await makeTemporaryFolder();
    try {
      const there = ['2026/11/23', '2026/11/24', '2026/12/01', '2027/01/09', '2027/01/10', '2027/01/30'];
      for (const name of there) mkdirSync(path.join(base, 'sessions', name), { recursive: true });
      mkdirSync(path.join(base, 'sessions/2026/other'));
      const full = (...names: string[]) => names.map((name) => path.join(base, 'sessions', name));
      const archive = path.join(base, 'archived_sessions');
      expect(allDayFolders(base)).toEqual(full(...[...there].reverse()));
      expect(foldersOfThread(base, id, begunMs + 38 * dayMs)).toHaveLength(42);
      const first = day(begunMs - dayMs);
      const last = day(begunMs + 40 * dayMs);
      const between = [...there].reverse().filter((name) => name >= first && name <= last);
      expect(between.length).toBeLessThan(there.length);
      expect(foldersOfThread(base, id, begunMs + 39 * dayMs)).toEqual([...full(...between), archive]);
      expect(foldersOfThread(base, 'no-uuid', begunMs)).toEqual([...full(...[...there].reverse()), archive]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  test('that cannot be read are told, and those that are not there are none', async () => {
    const base = await makeTemporaryFolder();
    try {
      const file = path.join(base, 'sessions');
      writeFileSync(file, '');
      const told: unknown[] = [];
      expect(allDayFolders(base, (folder) => told.push(folder))).toEqual([]);
      expect(namesIn(path.join(base, 'none'), (folder) => told.push(folder))).toEqual([]);
      expect(namesIn(base)).toEqual(['sessions']);
      expect(told).toEqual([{ file, code: 'ENOTDIR' }]);
      expect(allDayFolders(base)).toEqual([]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
});
