import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { newState } from '../../../src/delivery/store/thread-state.js';
import { FileStore, MemoryStore } from '../../../src/delivery/store/thread-store.js';
import { stateDir } from '../../../src/platform/files/folders.js';

const begun = newState('t', { file: 't', start: 0 });

async function makeStore() {
  const folder = stateDir(await makeTemporaryFolder());
  const threads = path.join(folder, 'threads');
  mkdirSync(threads, { recursive: true });
  return { store: new FileStore(folder), threads, file: path.join(threads, 't.json') };
}

it('holds what was saved last, however often, in a file that stays small', async () => {
  const { store, file } = await makeStore();
  const sizes: number[] = [];
  for (let delivered = 0; delivered < 2000; delivered++) {
    store.save({ ...begun, delivered });
    expect(store.load('t', [])).toMatchObject({ kind: 'state', state: { delivered } });
    sizes.push(statSync(file).size);
  }
  expect(Math.max(...sizes)).toBeLessThan(66_000);
  store.finish({ ...begun, delivered: 1999 });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...begun, delivered: 1999 });
});

it('is read by an older program as long as a pass has one turn: its state is one piece of JSON', async () => {
  const { store, file } = await makeStore();
  for (const delivered of [0, 1]) {
    store.save({ ...begun, delivered });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ delivered });
  }
});

it('follows no link that was put in the place of its file or folder', async () => {
  const { store, threads, file } = await makeStore();
  for (const delivered of [0, 1, 2]) store.save({ ...begun, delivered });
  const elsewhere = path.join(threads, '..', 'elsewhere');
  renameSync(file, elsewhere);
  symlinkSync(elsewhere, file);
  const before = readFileSync(elsewhere, 'utf8');
  store.save({ ...begun, delivered: 3 });
  expect(readFileSync(elsewhere, 'utf8')).toBe(before);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ delivered: 3 });
  renameSync(threads, `${threads}-elsewhere`);
  symlinkSync(`${threads}-elsewhere`, threads);
  expect(() => store.save({ ...begun, delivered: 4 })).toThrow(/is a link/);
});

it('writes nothing once another process has the thread', async () => {
  const { file, threads } = await makeStore();
  let isOurs = true;
  const store = new FileStore(path.dirname(threads), () => isOurs);
  for (const delivered of [0, 1, 2]) store.save({ ...begun, delivered });
  const before = readFileSync(file, 'utf8');
  isOurs = false;
  expect(() => store.save({ ...begun, delivered: 3 })).toThrow(/another process/);
  store.finish({ ...begun, delivered: 3 });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

it('in memory alone holds what was saved, and leaves nothing behind', () => {
  const store = new MemoryStore();
  expect(store.load('t')).toEqual({ kind: 'none' });
  store.save({ ...begun, delivered: 3 });
  store.finish();
  expect(store.load('t')).toEqual({ kind: 'state', state: { ...begun, delivered: 3 } });
  expect(store.load('u')).toEqual({ kind: 'none' });
  expect([store.isOurs(), store.mustSave()]).toEqual([true, false]);
});
