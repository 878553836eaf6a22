import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  appendThreadState,
  dropSegmentState,
  keepDamagedState,
  knownThreads,
  loadThreadState,
  saveThreadState,
  threadFile,
  withoutText,
} from '../../../src/delivery/store/state-file.js';
import { newState } from '../../../src/delivery/store/thread-state.js';
import { FileStore } from '../../../src/delivery/store/thread-store.js';
import { removeFolder } from '../../support/remove-folder.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const state = { ...newState('t', { file: 't', start: 5 }), delivered: 3 };
const text = JSON.stringify(state);
const folder = () => path.join(stateDir, 'threads');
const file = (name = 't') => path.join(folder(), `${name}.json`);
const write = (content: string, name?: string) => {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(file(name), content);
};

describe('a thread’s state', () => {
  test('is one piece of JSON in a file of the thread’s name', () => {
    saveThreadState(stateDir, state);
    expect(threadFile(stateDir, 't')).toBe(file());
    expect(readFileSync(file(), 'utf8')).toBe(text);
    expect(loadThreadState(stateDir, 't')).toStrictEqual({ kind: 'state', state });
  });

  test('is not there where there is no file, or no folder', () => {
    expect(loadThreadState(stateDir, 't')).toStrictEqual({ kind: 'none' });
    writeFileSync(folder(), '');
    expect(loadThreadState(stateDir, 't')).toStrictEqual({ kind: 'none' });
  });

  test('is damaged where its file is none, or holds none', () => {
    mkdirSync(file(), { recursive: true });
    expect(loadThreadState(stateDir, 't')).toStrictEqual({ kind: 'damaged' });
    write('{', 'u');
    expect(loadThreadState(stateDir, 'u')).toStrictEqual({ kind: 'damaged' });
  });

  test.each([
    ['ENOENT', { kind: 'none' }],
    ['ENOTDIR', { kind: 'none' }],
    ['EACCES', { kind: 'unreadable', code: 'EACCES' }],
    ['EPERM', { kind: 'unreadable', code: 'EPERM' }],
    ['EISDIR', { kind: 'damaged' }],
    ['EIO', { kind: 'damaged' }],
    [undefined, { kind: 'damaged' }],
  ])('that cannot be read because of %s is %j', (code, expected) => {
    expect(withoutText(code)).toStrictEqual(expected);
  });

  test('may lie in the file of a segment', () => {
    write(JSON.stringify({ version: 1, threadId: 's', origin: 1, cursor: 9 }), 's');
    expect(loadThreadState(stateDir, 't', 's')).toMatchObject({ kind: 'state', state: { threadId: 't' } });
    dropSegmentState(stateDir, 's');
    dropSegmentState(stateDir, 's');
    expect(readdirSync(folder())).toEqual([]);
  });
});

test('threads are known by their files', () => {
  expect(knownThreads(stateDir)).toStrictEqual([]);
  write(text);
  write(text, 'u');
  writeFileSync(path.join(folder(), 't.json.unreadable-5'), '');
  expect(knownThreads(stateDir).sort()).toStrictEqual(['t', 'u']);
});

describe('a state that is added', () => {
  test('is a line more of its file', () => {
    write('{"first": 1}');
    expect(appendThreadState(stateDir, state)).toBe(text.length + 1);
    expect(readFileSync(file(), 'utf8')).toBe(`{"first": 1}\n${text}`);
  });

  test('makes no file, and follows no link', () => {
    mkdirSync(folder());
    expect(() => appendThreadState(stateDir, state)).toThrow(/ENOENT/);
    expect(readdirSync(folder())).toEqual([]);
    const victim = path.join(stateDir, 'victim');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, file());
    expect(() => appendThreadState(stateDir, state)).toThrow(/ELOOP/);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
  });
});

describe('a damaged state', () => {
  const kept = () => readdirSync(folder()).filter((name) => /^t\.json\.unreadable-\d{13}$/.test(name));

  test('is kept under another name, and stays until another is written', () => {
    write('half');
    keepDamagedState(stateDir, 't');
    const [name = ''] = kept();
    expect(readFileSync(path.join(folder(), name), 'utf8')).toBe('half');
    expect(readFileSync(file(), 'utf8')).toBe('half');
  });

  test('that is a folder is taken out of the way', () => {
    mkdirSync(file(), { recursive: true });
    keepDamagedState(stateDir, 't');
    expect(readdirSync(folder())).toStrictEqual(kept());
    expect(kept()).toHaveLength(1);
  });

  test('that is gone is nobody’s trouble', () => {
    mkdirSync(folder());
    keepDamagedState(stateDir, 't');
    expect(readdirSync(folder())).toEqual([]);
  });
});

describe('a store of states', () => {
  const saved = (delivered: number) => ({ ...state, delivered });
  const lines = () =>
    readFileSync(file(), 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line).delivered);

  test('writes whole twice, and adds from then on', () => {
    const store = new FileStore(stateDir);
    const seen: number[][] = [];
    for (const delivered of [1, 2, 3, 4]) {
      store.save(saved(delivered));
      seen.push(lines());
    }
    expect(seen).toStrictEqual([[1], [2], [2, 3], [2, 3, 4]]);
    store.finish(saved(4));
    expect(lines()).toStrictEqual([4]);
  });

  test('leaves a file alone in the end to which nothing was added', () => {
    const store = new FileStore(stateDir);
    store.save(saved(1));
    const { ino, mtimeNs } = statSync(file(), { bigint: true });
    store.finish(saved(1));
    expect(statSync(file(), { bigint: true })).toMatchObject({ ino, mtimeNs });
    for (const delivered of [2, 3]) store.save(saved(delivered));
    store.finish(saved(3));
    const whole = statSync(file(), { bigint: true });
    store.finish(saved(3));
    expect(statSync(file(), { bigint: true }).ino).toBe(whole.ino);
  });

  test('writes anew once 64 KiB were added', () => {
    const store = new FileStore(stateDir);
    const large = { ...state, cwd: `/${'x'.repeat(40_000)}` };
    const counts = [1, 2, 3, 4, 5, 6, 7].map((delivered) => {
      store.save({ ...large, delivered });
      return lines().length;
    });
    expect(counts).toStrictEqual([1, 1, 2, 3, 1, 2, 3]);
  });

  test('gives what is there: nothing, a state, a damaged one, a later version’s', () => {
    const load = () => new FileStore(stateDir).load('t', ['t']);
    expect(load()).toStrictEqual({ kind: 'none' });
    write(text);
    expect(load()).toStrictEqual({ kind: 'state', state });
    const store = new FileStore(stateDir);
    store.load('t', ['t', 's']);
    expect(store.mustSave('t')).toBe(false);
    write('{');
    expect(load()).toStrictEqual({ kind: 'damaged' });
    write('{"version": 3}');
    expect(load()).toStrictEqual({ kind: 'newer' });
  });

  test('takes segments’ states in, and has them go once that is saved', () => {
    write(text);
    write(JSON.stringify({ version: 1, threadId: 's', origin: 1, cursor: 9, sent: 2 }), 's');
    const store = new FileStore(stateDir);
    expect(store.mustSave('t')).toBe(false);
    const loaded = store.load('t', ['t', 's']);
    expect(loaded).toMatchObject({ kind: 'state', state: { delivered: 5, files: { s: { cursor: 9 } } } });
    expect([store.mustSave('t'), store.mustSave('u')]).toStrictEqual([true, false]);
    store.save({ ...state, threadId: 'u' });
    expect(readdirSync(folder()).sort()).toStrictEqual(['s.json', 't.json', 'u.json']);
    if (loaded.kind === 'state') store.save(loaded.state);
    expect(readdirSync(folder()).sort()).toStrictEqual(['t.json', 'u.json']);
    expect(store.mustSave('t')).toBe(false);
  });

  test('takes a segment’s state for the thread’s where that has none', () => {
    write(JSON.stringify({ version: 1, threadId: 's', origin: 1, cursor: 9, sent: 2 }), 's');
    expect(new FileStore(stateDir).load('t', ['t', 's'])).toStrictEqual({
      kind: 'state',
      state: { ...newState('t', { file: 's', start: 1 }), files: { s: { cursor: 9 } }, delivered: 2 },
    });
  });

  test('is ours unless something says otherwise, and saves nothing then', () => {
    expect(new FileStore(stateDir).isOurs()).toBe(true);
    const lost = new FileStore(stateDir, () => false);
    expect(() => lost.save(state)).toThrow('another process has the thread by now');
    expect(readdirSync(stateDir)).toEqual([]);
  });
});
