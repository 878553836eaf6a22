import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  type Announcement,
  announcementFile,
  announcesTurn,
  clearPending,
  dropAnnouncement,
  markedRecordings,
  markPending,
  pendingThreads,
  putAnnouncement,
  readAnnouncements,
  threadsWithAnnouncements,
} from '../../../src/delivery/store/inbox.js';
import { removeFolder } from '../../support/remove-folder.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const inbox = () => path.join(stateDir, 'inbox');
const put = (more: Partial<Announcement> = {}) =>
  putAnnouncement(stateDir, { threadId: 't', atMs: 5, ...more });
const read = (threadId = 't') =>
  readAnnouncements(stateDir, threadId).map(({ announcement }) => announcement);

describe('an announcement', () => {
  test('is kept whole until it is dropped', () => {
    const whole: Announcement = {
      threadId: 't',
      turnId: 'u',
      cwd: '/a',
      client: 'tui',
      run: { tags: { team: 'x' }, traceparent: '00-a-b-01' },
      place: 'p',
      atMs: 7,
      leaveOut: true,
      isSessionEnd: true,
      recording: '/r',
      promptDigest: 'p',
      answerDigest: 'q',
    };
    const file = put(whole);
    expect(readAnnouncements(stateDir, 't')).toStrictEqual([{ file, announcement: whole }]);
    dropAnnouncement(file);
    dropAnnouncement(file);
    expect(read()).toEqual([]);
  });

  test('that comes twice is one', () => {
    const same = (one: Partial<Announcement>, other: Partial<Announcement>) =>
      announcementFile(stateDir, { threadId: 't', atMs: 1, ...one }) ===
      announcementFile(stateDir, { threadId: 't', atMs: 2, ...other });
    expect(same({ turnId: 'u' }, { turnId: 'u', cwd: '/b' })).toBe(true);
    expect(same({ turnId: 'u' }, { turnId: 'v' })).toBe(false);
    expect(same({ isSessionEnd: true, turnId: 'u' }, { isSessionEnd: true })).toBe(true);
    // Up to 0.80 every turn's id is 0, and some have none.
    for (const turnId of ['0', undefined]) {
      const more = turnId === undefined ? {} : { turnId };
      expect(same(more, more)).toBe(false);
      expect(same({ ...more, atMs: 3, promptDigest: 'p' }, { ...more, atMs: 3, promptDigest: 'p' })).toBe(
        true,
      );
      expect(same({ ...more, atMs: 3, promptDigest: 'p' }, { ...more, atMs: 3, promptDigest: 'q' })).toBe(
        false,
      );
      expect(same({ ...more, atMs: 3, answerDigest: 'p' }, { ...more, atMs: 3, answerDigest: 'q' })).toBe(
        false,
      );
    }
  });

  test('is read of one thread, oldest first', () => {
    put({ turnId: 'late', atMs: 9 });
    put({ turnId: 'early', atMs: 1 });
    put({ threadId: 'tt', turnId: 'other' });
    markPending(stateDir, 't');
    writeFileSync(path.join(inbox(), 't.123.json.5.tmp'), '{"threadId": "t", "turnId": "half", "atMs": 0}');
    expect(read()).toStrictEqual([
      { threadId: 't', turnId: 'early', atMs: 1 },
      { threadId: 't', turnId: 'late', atMs: 9 },
    ]);
    expect(threadsWithAnnouncements(stateDir).sort()).toEqual(['t', 'tt']);
  });

  test('that is damaged is taken away', () => {
    for (const text of ['{', '[]', '{}', '{"threadId": 5}']) {
      const file = put({ turnId: 'u' });
      writeFileSync(file, text);
      expect(read()).toEqual([]);
      expect(existsSync(file)).toBe(false);
    }
    writeFileSync(
      put({ turnId: 'u' }),
      '{"threadId": "t", "leaveOut": "no", "isSessionEnd": 1, "atMs": "x"}',
    );
    expect(read()).toStrictEqual([{ threadId: 't', atMs: 0 }]);
  });

  test('that cannot be read now stays', () => {
    mkdirSync(path.join(inbox(), 't.folder.json'), { recursive: true });
    expect(read()).toStrictEqual([]);
    expect(readdirSync(inbox())).toEqual(['t.folder.json']);
  });

  test.each<[string, Partial<Announcement>, string]>([
    ['its id', { turnId: 'u' }, '0bfe935e70c321c7'],
    ['the end of a session', { turnId: 'u', isSessionEnd: true }, '8dcb12289dfda4af'],
    [
      'prompt, answer and time, where its id is no one turn’s',
      { turnId: '0', promptDigest: 'p', answerDigest: 'q' },
      '4a37162493813e7d',
    ],
  ])('has a file named by a digest of %s, in all versions', (_, more, digest) => {
    // Of SHA-256 over 'u', 'session-end' and 'pq5'.
    const file = announcementFile(stateDir, { threadId: 't', atMs: 5, ...more });
    expect(path.relative(inbox(), file)).toBe(`t.${digest}.json`);
  });

  test('of a turn that is to be left out, or of a session’s end, asks for none', () => {
    const asks = (more: Partial<Announcement>) => announcesTurn({ threadId: 't', atMs: 1, ...more });
    expect([asks({}), asks({ leaveOut: true }), asks({ isSessionEnd: true })]).toEqual([true, false, false]);
  });

  test('is nowhere where there is no inbox', () => {
    expect([read(), threadsWithAnnouncements(stateDir), pendingThreads(stateDir)]).toEqual([[], [], []]);
  });
});

describe('a thread with work begun', () => {
  test('is known until its work is done', () => {
    put({ threadId: 'announced', turnId: 'u' });
    markPending(stateDir, 't');
    expect(pendingThreads(stateDir)).toEqual(['t']);
    expect(threadsWithAnnouncements(stateDir)).toEqual(['announced']);
    clearPending(stateDir, 't');
    clearPending(stateDir, 't');
    expect(pendingThreads(stateDir)).toEqual([]);
  });

  test('was marked in another folder before', () => {
    const old = path.join(stateDir, 'pending');
    mkdirSync(old);
    writeFileSync(path.join(old, 'old'), '');
    expect(pendingThreads(stateDir)).toEqual(['old']);
    expect(existsSync(old)).toBe(false);
    expect(readdirSync(inbox())).toEqual(['old.pending.json']);
  });

  test('may have files that lie elsewhere, as long as they are there', () => {
    const there = path.join(stateDir, 'there.jsonl');
    writeFileSync(there, '');
    expect(markedRecordings(stateDir, 't')).toEqual([]);
    markPending(stateDir, 't', [
      { key: 'a', path: there },
      { key: 'b', path: path.join(stateDir, 'gone.jsonl') },
    ]);
    expect(markedRecordings(stateDir, 't')).toEqual([{ key: 'a', path: there }]);
    markPending(stateDir, 't');
    expect(readFileSync(path.join(inbox(), 't.pending.json'), 'utf8')).not.toContain('recordings');
    markPending(stateDir, 't', [{ key: 'a', path: there }]);
    const mark = JSON.parse(readFileSync(path.join(inbox(), 't.pending.json'), 'utf8'));
    expect(mark).toStrictEqual({
      threadId: 't',
      atMs: expect.any(Number),
      recordings: [{ key: 'a', path: there }],
    });
    const recordings = [{ key: 'a' }, { key: 'a', path: 5 }, { path: there }, { key: 'b', path: there }, 5];
    writeFileSync(path.join(inbox(), 't.pending.json'), JSON.stringify({ recordings }));
    expect(markedRecordings(stateDir, 't')).toStrictEqual([{ key: 'b', path: there }]);
  });

  test('cannot be marked in a folder that takes no files, which is no error', () => {
    writeFileSync(inbox(), 'a file in its place');
    markPending(stateDir, 't');
    expect(pendingThreads(stateDir)).toEqual([]);
    expect(() => put({ turnId: 'u' })).toThrow();
  });
});
