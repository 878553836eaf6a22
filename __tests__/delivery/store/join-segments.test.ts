import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { joinSegmentStates } from '../../../src/delivery/store/join-segments.js';
import type { ThreadState } from '../../../src/delivery/store/thread-state.js';
import { removeFolder } from '../../support/remove-folder.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
  mkdirSync(path.join(stateDir, 'threads'));
});
afterEach(() => removeFolder(stateDir));

const thread = '01a21080-0000-7000-8000-000000000001';
const first = '01a21081-0000-7000-8000-000000000002';
const second = '01a21082-0000-7000-8000-000000000003';
const KEYS = [thread, first, second] as const;
const waiting = (reason: string) => ({ since: '2026-11-28T00:00:00.000Z', reason, blocked: false });

/** A state of version 1 under a segment's own id. */
function put(key: string, cursor: number, more: object = {}): void {
  const state = { version: 1, threadId: key, origin: 0, cursor, sent: 2, ...more };
  writeFileSync(path.join(stateDir, 'threads', `${key}.json`), JSON.stringify(state));
}
const own = (more: Partial<ThreadState> = {}): ThreadState => ({
  version: 2,
  threadId: thread,
  origin: { file: thread, start: 5 },
  files: { [thread]: { cursor: 70 } },
  delivered: 3,
  turns: [],
  ...more,
});
const joined = (state?: ThreadState, keys: readonly string[] = KEYS) =>
  joinSegmentStates(stateDir, thread, keys, state);

test('a thread whose segments have no states keeps its own', () => {
  const state = own();
  expect(joined(state)).toStrictEqual({ state, joined: [] });
  expect(joined()).toStrictEqual({ state: undefined, joined: [] });
});

test('what the states of segments say was sent is added to the thread’s', () => {
  put(first, 20, { announced: [{ start: 9, turnId: 'u' }] });
  put(second, 30);
  const entry = { file: thread, start: 1, status: 'delivered' } as const;
  expect(joined(own({ turns: [entry] }))).toStrictEqual({
    state: own({
      files: { [thread]: { cursor: 70 }, [first]: { cursor: 20 }, [second]: { cursor: 30 } },
      delivered: 7,
      turns: [entry, { file: first, start: 9, turnId: 'u', status: 'enqueued' }],
    }),
    joined: [first, second],
  });
});

test('a segment’s state of our version is taken as well, unless it begins in another file', () => {
  const write = (key: string, state: object) =>
    writeFileSync(path.join(stateDir, 'threads', `${key}.json`), JSON.stringify(state));
  write(first, own({ origin: { file: first, start: 1 }, files: {}, delivered: 4 }));
  write(second, own({ origin: { file: thread, start: 1 }, files: { [second]: { cursor: 9 } } }));
  expect(joined(own())).toStrictEqual({ state: own({ delivered: 7 }), joined: [first] });
});

test('the first of them is the thread’s where it has none', () => {
  put(second, 30);
  expect(joined()).toStrictEqual({
    state: {
      version: 2,
      threadId: thread,
      origin: { file: second, start: 0 },
      files: { [second]: { cursor: 30 } },
      delivered: 2,
      turns: [],
    },
    joined: [second],
  });
});

test('the thread begins where the earliest of them does', () => {
  put(first, 20, { origin: 4 });
  const later = own({ origin: { file: second, start: 8 } });
  expect(joined(later).state?.origin).toStrictEqual({ file: first, start: 4 });
  expect(joined(own()).state?.origin).toStrictEqual({ file: thread, start: 5 });
});

test('a state that was added before is not added again, and can go', () => {
  put(first, 20);
  const state = own({ files: { [thread]: { cursor: 70 }, [first]: { cursor: 50 } } });
  expect(joined(state)).toStrictEqual({ state, joined: [first] });
});

test('what nobody can read, and the thread’s own, is left alone', () => {
  put(thread, 20);
  put(first, 20, { version: 9 });
  writeFileSync(path.join(stateDir, 'threads', `${second}.json`), '{');
  expect(joined(own())).toStrictEqual({ state: own(), joined: [] });
});

test('why the thread waits counts before why a segment does', () => {
  put(first, 20, { waiting: waiting('401') });
  expect(joined(own()).state?.waiting).toStrictEqual(waiting('401'));
  expect(joined(own({ waiting: waiting('503') })).state?.waiting).toStrictEqual(waiting('503'));
});
