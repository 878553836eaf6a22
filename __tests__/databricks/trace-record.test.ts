import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { type TraceRecord, TraceRecords } from '../../src/databricks/trace/trace-record.js';
import { removeFolder } from '../support/remove-folder.js';

let folder: string;
beforeEach(async () => {
  folder = path.join(await makeTemporaryFolder(), 'traces');
});
afterEach(() => removeFolder(path.dirname(folder)));

const WHOLE: TraceRecord = {
  spanIds: ['a', 'b'],
  late: ['c'],
  info: 'd',
  root: { attributes: { 'codex.client': 'tui' }, links: [{ traceId: 't', spanId: 's' }] },
  threads: ['e'],
};
const put = (value: unknown) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'k.json'), typeof value === 'string' ? value : JSON.stringify(value));
};

test('a record is there for the next process, by its key alone', () => {
  new TraceRecords(folder).write('k', WHOLE);
  expect(new TraceRecords(folder).read('k')).toEqual(WHOLE);
  expect(new TraceRecords(folder).read('other')).toEqual({ spanIds: [] });
  expect(readdirSync(folder)).toEqual(['k.json']);
});

test('of a damaged one what is whole counts', () => {
  for (const text of ['{', '[]', '7', '{}']) {
    put(text);
    expect(new TraceRecords(folder).read('k')).toEqual({ spanIds: [] });
  }
  put({ spanIds: ['a', 5], late: 'no', info: 5, root: [], threads: { a: 1 } });
  expect(new TraceRecords(folder).read('k')).toEqual({ spanIds: ['a'] });
  put({
    root: {
      attributes: { a: 'b', c: 5 },
      links: [{ traceId: 't' }, { spanId: 's' }, 7, { traceId: 't', spanId: 's' }],
    },
  });
  expect(new TraceRecords(folder).read('k').root).toEqual({
    attributes: { a: 'b' },
    links: [{ traceId: 't', spanId: 's' }],
  });
  put({ root: {} });
  expect(new TraceRecords(folder).read('k').root).toEqual({ attributes: {}, links: [] });
});

test('what cannot be written is remembered by this run', () => {
  writeFileSync(folder, 'a file in the folder’s place');
  const records = new TraceRecords(folder);
  records.write('k', WHOLE);
  expect(records.read('k')).toEqual(WHOLE);
  expect(new TraceRecords(folder).read('k')).toEqual({ spanIds: [] });
  rmSync(folder);
  records.write('k', { spanIds: ['z'] });
  put({ spanIds: ['y'] });
  expect(records.read('k')).toEqual({ spanIds: ['y'] });
  expect(readFileSync(path.join(folder, 'k.json'), 'utf8')).toContain('y');
});

test('a record is kept for a month', () => {
  const records = new TraceRecords(folder);
  records.dropOld(Date.now());
  const dayMs = 86_400_000;
  const nowMs = Date.UTC(2026, 10, 28);
  for (const [name, days] of [
    ['old', 31],
    ['month', 30],
    ['young', 29],
  ] as const) {
    records.write(name, WHOLE);
    const seconds = (nowMs - days * dayMs) / 1000;
    utimesSync(path.join(folder, `${name}.json`), seconds, seconds);
  }
  records.dropOld(nowMs);
  expect(readdirSync(folder).sort()).toEqual(['month.json', 'young.json']);
});
