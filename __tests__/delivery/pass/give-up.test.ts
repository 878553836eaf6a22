import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { dropStale, giveUpGone } from '../../../src/delivery/pass/give-up.js';
import {
  type Announcement,
  markPending,
  pendingThreads,
  putAnnouncement,
  readAnnouncements,
} from '../../../src/delivery/store/inbox.js';
import { readLog } from '../../../src/delivery/store/journal.js';
import { loadThreadState, saveThreadState } from '../../../src/delivery/store/state-file.js';
import { newState, RECORDING_GONE, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { removeFolder } from '../../support/remove-folder.js';

/** What is given up, when, and what is kept of it. */

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-05-05T12:00:00Z');

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const stored = () => {
  const loaded = loadThreadState(stateDir, 't');
  return loaded.kind === 'state' ? loaded.state : undefined;
};

describe('an announcement whose turn no recording has', () => {
  const announce = (more: Partial<Announcement> = {}) => {
    putAnnouncement(stateDir, { threadId: 't', turnId: 'a', atMs: NOW_MS, ...more });
    return readAnnouncements(stateDir, 't');
  };

  test.each([
    ['stays for a day', DAY_MS - 1, 0],
    ['is lost after a day', DAY_MS, 1],
    ['is lost a day before its time: a clock was put back', -DAY_MS, 1],
  ])('%s', (_, age, lost) => {
    const mail = announce();
    expect(dropStale(stateDir, mail, NOW_MS + age)).toBe(lost);
    expect(readAnnouncements(stateDir, 't')).toHaveLength(1 - lost);
  });

  test('has a line of the log, and an entry in the state of a thread that is known', () => {
    const known = { file: 't', start: 0, status: 'rejected' } as const;
    saveThreadState(stateDir, { ...newState('t', { file: 't', start: 0 }), turns: [known] });
    dropStale(stateDir, announce(), NOW_MS + DAY_MS);
    dropStale(stateDir, announce({ turnId: 'b' }), NOW_MS + DAY_MS);
    const line = { time: expect.any(String), thread: 't', outcome: 'lost', ms: 0 };
    const detail = 'no recording has this turn';
    expect(readLog(stateDir)).toEqual([
      { ...line, turn: 'a', detail },
      { ...line, turn: 'b', detail },
    ]);
    const at = new Date(NOW_MS + DAY_MS).toISOString();
    const message = 'it was announced, and no recording has it';
    // Each at a place of its own, which no turn of a file has.
    expect(stored()?.turns).toEqual([
      known,
      { file: 'none', start: 0, turnId: 'a', status: 'lost', at, message },
      { file: 'none', start: 1, turnId: 'b', status: 'lost', at, message },
    ]);
  });

  test('makes no state where the thread has none', () => {
    dropStale(stateDir, announce(), NOW_MS + DAY_MS);
    expect(stored()).toBeUndefined();
  });

  test.each([
    ['a session’s end, at once', { isSessionEnd: true as const }, 0],
    ['a turn that was to be passed by, after a day', { leaveOut: true }, DAY_MS],
  ])('is nothing that is lost where it tells of %s', (_, more, age) => {
    expect(dropStale(stateDir, announce(more), NOW_MS + age)).toBe(0);
    expect(readAnnouncements(stateDir, 't')).toEqual([]);
    expect(readLog(stateDir)).toEqual([]);
  });
});

describe('a thread whose recording is gone', () => {
  const retry = { file: 't', start: 7, turnId: 'a', status: 'retry', failures: 2 } as const;
  const state = (more: Partial<ThreadState> = {}): ThreadState => ({
    ...newState('t', { file: 't', start: 0 }),
    turns: [retry],
    ...more,
  });
  const goneSince = (ms: number) => ({
    since: new Date(ms).toISOString(),
    reason: RECORDING_GONE,
    blocked: true,
  });

  test('is left alone where nothing of it is pending', () => {
    const quiet = state({ turns: [{ ...retry, status: 'rejected' }] });
    expect(giveUpGone(stateDir, quiet, NOW_MS)).toBe(quiet);
    expect(stored()).toBeUndefined();
  });

  test('is noted down as gone at first, whatever else it has waited for and however long', () => {
    const waiting = { since: '2026-01-01T00:00:00.000Z', reason: 'ECONNREFUSED', blocked: false };
    expect(giveUpGone(stateDir, state({ waiting }), NOW_MS)).toEqual(state({ waiting: goneSince(NOW_MS) }));
    expect(stored()).toEqual(state({ waiting: goneSince(NOW_MS) }));
    expect(giveUpGone(stateDir, state(), NOW_MS)).toEqual(state({ waiting: goneSince(NOW_MS) }));
  });

  test.each([
    ['less than a day', DAY_MS - 1, ['retry']],
    ['a day', DAY_MS, ['lost']],
  ])('has been gone for %s: %#', (_, age, statuses) => {
    const given = giveUpGone(stateDir, state({ waiting: goneSince(NOW_MS) }), NOW_MS + age);
    expect(given.turns.map(({ status }) => status)).toEqual(statuses);
  });

  test('keeps what is known of others, says why, and is no longer looked for', () => {
    const rejected = { ...retry, start: 1, status: 'rejected' } as const;
    markPending(stateDir, 't');
    const gone = state({ turns: [rejected, retry], waiting: goneSince(NOW_MS) });
    const given = giveUpGone(stateDir, gone, NOW_MS + DAY_MS);
    const at = new Date(NOW_MS + DAY_MS).toISOString();
    const lost = { file: 't', start: 7, turnId: 'a', status: 'lost', at, message: 'the recording is gone' };
    expect(given.turns).toEqual([rejected, lost]);
    expect(given.waiting).toBeUndefined();
    expect(stored()).toEqual(given);
    expect(pendingThreads(stateDir)).toEqual([]);
  });

  test('has one entry for all turns that were only to be read', () => {
    const unread = state({ turns: [], waiting: goneSince(NOW_MS) });
    expect(giveUpGone(stateDir, unread, NOW_MS + DAY_MS).turns).toMatchObject([
      { file: 'none', start: 0, status: 'lost' },
    ]);
  });

  test('is looked for again where that could not be written down', () => {
    markPending(stateDir, 't');
    const gone = state({ waiting: goneSince(NOW_MS) });
    saveThreadState(stateDir, gone);
    const folder = `${stateDir}/threads`;
    removeFolder(folder);
    // A file in the folder's place takes no states.
    writeFileSync(folder, '');
    giveUpGone(stateDir, gone, NOW_MS + DAY_MS);
    expect(pendingThreads(stateDir)).toEqual(['t']);
  });
});
