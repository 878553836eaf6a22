import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  dropLiveRecord,
  hasLiveRecords,
  type LiveRecord,
  liveRecordOf,
  liveRecords,
  noteWholeTurn,
  saveLiveRecord,
  UNSEEN_MS,
} from '../../../src/delivery/store/live-records.js';
import { removeFolder } from '../../support/remove-folder.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const run = { tags: { team: 'x' }, traceparent: '00-a-b-01' };
const record = (more: Partial<LiveRecord> = {}): LiveRecord => ({
  threadId: 't',
  turnId: 'u',
  file: 'f',
  start: 70,
  cwd: '/a',
  seenMs: 5,
  requests: 2,
  spans: 9,
  countsOnce: true,
  ...more,
});
const live = () => path.join(stateDir, 'live');
// Of SHA-256 over 'u'.
const NAME = 't.0bfe935e70c321c7.json';
const write = (value: unknown, name = NAME) => {
  mkdirSync(live(), { recursive: true });
  writeFileSync(path.join(live(), name), typeof value === 'string' ? value : JSON.stringify(value));
};
const read = () => liveRecordOf(stateDir, { threadId: 't', turnId: 'u' });

test('a watcher’s turn is left to it for two minutes without a sign of it', () => {
  expect(UNSEEN_MS).toBe(120_000);
});

describe('a record', () => {
  test.each<[string, LiveRecord]>([
    ['of a turn that goes on', record()],
    ['of a request without an answer', record({ unclearMs: 7, countsOnce: false })],
    ['of a whole turn', record({ whole: { atMs: 8, client: 'tui', run } })],
    ['of a whole turn that says little', record({ whole: { atMs: 0 } })],
  ])('%s is what was written, in a file named by its turn', (_, written) => {
    saveLiveRecord(stateDir, written);
    expect(read()).toStrictEqual(written);
    expect(liveRecords(stateDir)).toStrictEqual([written]);
    expect(readdirSync(live())).toEqual([NAME]);
  });

  test('that says little is of no requests, and nobody has looked after it', () => {
    write({ threadId: 't', turnId: 'u', file: 'f' });
    const nothing = { start: 0, cwd: '', seenMs: 0, requests: 0, spans: 0, countsOnce: false };
    expect(read()).toStrictEqual({ threadId: 't', turnId: 'u', file: 'f', ...nothing });
    for (const whole of [5, {}, { client: 'tui' }, { atMs: 'x' }]) {
      write({ threadId: 't', turnId: 'u', file: 'f', countsOnce: 'yes', whole });
      expect(read()).toStrictEqual({ threadId: 't', turnId: 'u', file: 'f', ...nothing });
    }
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['without its thread', { ...record(), threadId: undefined }],
    ['without its turn', { ...record(), turnId: '' }],
    ['without its file', { ...record(), file: 5 }],
  ])('is none where it is %s', (_, text) => {
    write(text);
    expect([read(), liveRecords(stateDir)]).toStrictEqual([undefined, []]);
  });
});

describe('the folder of records', () => {
  test('is not there where nothing is shown', () => {
    expect([hasLiveRecords(stateDir), liveRecords(stateDir), read()]).toStrictEqual([false, [], undefined]);
    noteWholeTurn(stateDir, { threadId: 't', turnId: 'u' }, { atMs: 1 });
    dropLiveRecord(stateDir, record());
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('holds records, and files that are none', () => {
    saveLiveRecord(stateDir, record());
    saveLiveRecord(stateDir, record({ turnId: 'v' }));
    saveLiveRecord(stateDir, record({ threadId: 's' }));
    write(record({ turnId: 'half' }), 't.half.json.5.tmp');
    const found = liveRecords(stateDir).map(({ threadId, turnId }) => `${threadId} ${turnId}`);
    expect(found.sort()).toEqual(['s u', 't u', 't v']);
  });

  test('goes with the last record', () => {
    saveLiveRecord(stateDir, record());
    saveLiveRecord(stateDir, record({ turnId: 'v' }));
    dropLiveRecord(stateDir, record());
    expect([hasLiveRecords(stateDir), read()]).toStrictEqual([true, undefined]);
    dropLiveRecord(stateDir, record({ turnId: 'v' }));
    dropLiveRecord(stateDir, record({ turnId: 'v' }));
    expect(hasLiveRecords(stateDir)).toBe(false);
  });
});

describe('once the whole turn was sent', () => {
  const whole = { atMs: 9, client: 'tui' };
  const note = (turn: { threadId: string; turnId?: string } = { threadId: 't', turnId: 'u' }) => {
    noteWholeTurn(stateDir, turn, whole);
    return read();
  };

  test('its record goes, where every request had its answer', () => {
    saveLiveRecord(stateDir, record());
    expect(note()).toBeUndefined();
    expect(hasLiveRecords(stateDir)).toBe(false);
  });

  test('and where it would count twice', () => {
    saveLiveRecord(stateDir, record({ unclearMs: 7, countsOnce: false }));
    expect(note()).toBeUndefined();
  });

  test('its record says so where a request may be taken late', () => {
    saveLiveRecord(stateDir, record({ unclearMs: 7 }));
    expect(note()).toStrictEqual(record({ unclearMs: 7, whole }));
  });

  test('for the second time its record says when it was first', () => {
    const first = record({ unclearMs: 7, whole: { atMs: 1 } });
    saveLiveRecord(stateDir, first);
    expect(note()).toStrictEqual(first);
  });

  test('nothing is noted of other turns, and of those without an id', () => {
    saveLiveRecord(stateDir, record());
    for (const turn of [{ threadId: 't' }, { threadId: 't', turnId: 'v' }, { threadId: 's', turnId: 'u' }])
      expect(note(turn)).toStrictEqual(record());
    expect(readFileSync(path.join(live(), NAME), 'utf8')).toBe(JSON.stringify(record()));
  });
});
