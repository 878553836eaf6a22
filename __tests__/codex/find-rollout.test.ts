import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  findRecordings,
  findRollout,
  listRollouts,
  recordingFinder,
  threadIdOfFile,
  threadOfSegment,
  threadsBeginningWith,
} from '../../src/codex/recordings/find-rollout.js';
import { foldersOfThread } from '../../src/codex/recordings/recording-folders.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mlflow-codex-find-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A thread id as Codex makes them (UUIDv7), of this time. */
function threadOf(iso: string, tail = '9abcdef01234'): string {
  const ms = Date.parse(iso).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-${tail}`;
}

function put(day: string, thread: string, ending = '.jsonl'): string {
  const folder = path.join(home, ...day.split('/'));
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `rollout-2026-01-01T00-00-00-${thread}${ending}`);
  writeFileSync(file, '{}\n');
  return file;
}

test('a finder of many threads finds what is found of each by itself', () => {
  const day = threadOf('2026-07-04T12:00:00Z');
  const elsewhere = threadOf('2026-07-05T12:00:00Z');
  const none = threadOf('2026-07-06T12:00:00Z');
  put('sessions/2026/07/04', day);
  put('sessions/2026/07/05', `${day}_01a2106f-04b1-75d3-abf7-1a312e155fb5`);
  put('sessions/2025/01/31', elsewhere, '.jsonl.zst');
  put('archived_sessions', elsewhere);
  const recordingsOf = recordingFinder(home);
  for (const thread of [day, elsewhere, none, day, elsewhere])
    expect(recordingsOf(thread)).toEqual(findRecordings(home, thread));
  expect(recordingsOf(day)).toHaveLength(2);
});

describe('the recording of a thread', () => {
  test.each([
    ['in the day of its id', '2026/07/04'],
    ['a day earlier, west of Greenwich', '2026/07/03'],
    ['a day later, east of it', '2026/07/05'],
    ['in another day altogether: the clock was wrong', '2025/01/31'],
  ])('is found %s', async (_, day) => {
    const thread = threadOf('2026-07-04T12:00:00Z');
    const file = put(`sessions/${day}`, thread);
    expect(findRollout(home, thread)).toBe(file);
  });

  test('is found in the day of its id and the days around it, today as well', async () => {
    const now = Date.now();
    for (const days of [-1, 0, 1]) {
      const thread = threadOf(new Date(now).toISOString());
      const day = new Date(now + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
      const file = put(`sessions/${day}`, thread);
      expect(await foldersOfThread(home, thread, now)).toContain(path.dirname(file));
    }
  });

  test('that goes on after months lies in one of the days since the day before it began', () => {
    const thread = threadOf('2026-02-01T12:00:00Z');
    for (const day of ['2026/01/30', '2026/01/31', '2026/04/05', '2026/07/05', '2026/07/06'])
      put(`sessions/${day}`, threadOf('2026-02-01T12:00:00Z', '111111111111'));
    const folders = foldersOfThread(home, thread, Date.parse('2026-07-04T12:00:00Z'));
    expect(folders.map((folder) => path.relative(home, folder))).toEqual([
      'sessions/2026/07/05',
      'sessions/2026/04/05',
      'sessions/2026/01/31',
      'archived_sessions',
    ]);
  });

  test('up to forty days old may lie in each of them, whether it is there or not', () => {
    const [nowMs, dayMs] = [Date.parse('2026-07-04T12:00:00Z'), 86_400_000];
    const days = (ago: number) =>
      foldersOfThread(home, threadOf(new Date(nowMs - ago * dayMs).toISOString()), nowMs).length;
    expect([days(0), days(38), days(39)]).toEqual([4, 42, 1]);
    // The clock was put back.
    expect(days(-2)).toBe(6);
  });

  test.each([
    ['2026-12-31T23:59:59.999Z', '2027/01/01'],
    ['2027-01-01T00:00:00.000Z', '2026/12/31'],
    ['2028-02-29T23:30:00.000Z', '2028/03/01'],
  ])('of %s is found over the edge of month and year, in %s', async (began, day) => {
    const thread = threadOf(began);
    const file = put(`sessions/${day}`, thread);
    expect(findRollout(home, thread)).toBe(file);
  });

  test('is found where it was archived', async () => {
    const thread = threadOf('2026-07-04T12:00:00Z');
    const file = put('archived_sessions', thread);
    expect(findRollout(home, thread)).toBe(file);
  });

  test('resumed later lies in the day it began', async () => {
    const thread = threadOf('2026-01-05T08:00:00Z');
    const file = put('sessions/2026/01/05', thread);
    put('sessions/2026/07/04', threadOf('2026-07-04T08:00:00Z'));
    expect(findRollout(home, thread)).toBe(file);
  });

  test('is found compressed, and plain where it is both', async () => {
    const thread = threadOf('2026-07-04T12:00:00Z');
    const compressed = put('sessions/2026/07/04', thread, '.jsonl.zst');
    expect(findRollout(home, thread)).toBe(compressed);
    const plain = put('sessions/2026/07/04', thread);
    expect(findRollout(home, thread)).toBe(plain);
  });

  test('with an id that tells no time is looked for everywhere', async () => {
    const thread = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const file = put('sessions/2025/11/02', thread);
    expect(findRollout(home, thread)).toBe(file);
  });

  test('is not that of a thread whose id ends alike', async () => {
    const thread = threadOf('2026-07-04T12:00:00Z');
    put('sessions/2026/07/04', `x${thread}`);
    put('sessions/2026/07/04', `${thread}.backup`);
    expect(findRollout(home, thread)).toBeUndefined();
  });

  test('that was never made is none, and no folder at all is no error', async () => {
    expect(findRollout(home, threadOf('2026-07-04T12:00:00Z'))).toBeUndefined();
    expect(findRollout(path.join(home, 'nowhere'), 'a')).toBeUndefined();
  });
});

describe('a part of an id', () => {
  const [one, two] = [
    threadOf('2026-07-04T12:00:00Z', '111111111111'),
    threadOf('2026-07-05T12:00:00Z', '222222222222'),
  ];
  const segment = '01a2106f-04b1-75d3-abf7-1a312e155fb5';

  test('names the threads that begin with it, or whose segments do, each once', () => {
    put('archived_sessions', two);
    put('sessions/2026/07/04', one);
    put('sessions/2026/07/05', `${one}_${segment}`);
    expect(threadsBeginningWith(home, one.slice(0, 4))).toEqual([one, two]);
    expect(threadsBeginningWith(home, two)).toEqual([two]);
    expect(threadsBeginningWith(home, segment.slice(0, 9))).toEqual([one]);
    expect(threadsBeginningWith(home, one.slice(1))).toEqual([]);
  });

  test('names the thread that goes on in a segment of this id', () => {
    const day = new Date(Number.parseInt(segment.slice(0, 13).replace('-', ''), 16)).toISOString();
    put(`sessions/${day.slice(0, 10).replaceAll('-', '/')}`, `${one}_${segment}`);
    put('sessions/2026/07/04', one);
    expect([threadOfSegment(home, segment), threadOfSegment(home, one)]).toEqual([one, undefined]);
  });
});

describe('all recordings', () => {
  test('come newest day first, archived ones last, each once, nothing else', async () => {
    const [old, young, cold, archived] = ['1', '2', '3', '4'].map((n) =>
      threadOf('2026-07-04T12:00:00Z', n.repeat(12)),
    ) as [string, string, string, string];
    put('archived_sessions', archived);
    put('sessions/2026/07/03', old);
    put('sessions/2026/07/04', young);
    put('sessions/2026/07/04', young, '.jsonl.zst');
    put('sessions/2025/12/31', cold, '.jsonl.zst');
    writeFileSync(path.join(home, 'sessions', '2026', '07', '04', 'notes.jsonl'), '');
    mkdirSync(path.join(home, 'sessions', '2026', '07', '04', `rollout-x-${old}.jsonl`));
    const found = [];
    for await (const { threadId, size } of listRollouts(home)) found.push([threadId, size]);
    expect(found).toEqual([
      [young, 3],
      [old, 3],
      [cold, 3],
      [archived, 3],
    ]);
  });
});

test.each([
  [
    'rollout-2026-11-25T02-00-42-01a2106f-0ca9-7672-8bee-dc6937c9b9b9.jsonl',
    '01a2106f-0ca9-7672-8bee-dc6937c9b9b9',
  ],
  [
    '/a/b/rollout-2026-11-25T02-00-42-01a2106f-0ca9-7672-8bee-dc6937c9b9b9.jsonl.zst',
    '01a2106f-0ca9-7672-8bee-dc6937c9b9b9',
  ],
  ['rollout-2026-11-25.jsonl', undefined],
  ['01a2106f-0ca9-7672-8bee-dc6937c9b9b9.jsonl', undefined],
])('the file %s is of thread %s', (file, thread) => {
  expect(threadIdOfFile(file)).toBe(thread);
});
