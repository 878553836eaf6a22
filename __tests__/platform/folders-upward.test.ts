import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { foldersAround, foldersUpward, realFolder } from '../../src/platform/files/folders-upward.js';

let base: string;
beforeEach(async () => {
  base = realpathSync(await makeTemporaryFolder());
  mkdirSync(path.join(base, 'real/app'), { recursive: true });
  symlinkSync(path.join(base, 'real'), path.join(base, 'link'));
});
afterEach(() => rmSync(base, { recursive: true }));

describe('the folders above a folder', () => {
  test('are all of them, from the inside out', () => {
    expect([...foldersUpward('/home/ada/app')]).toEqual(['/home/ada/app', '/home/ada', '/home', '/']);
    expect([...foldersUpward('/')]).toEqual(['/']);
  });

  test('are 256 at most, whatever the path', () => {
    expect([...foldersUpward('/a'.repeat(2000))]).toHaveLength(256);
    expect([...foldersUpward('/a'.repeat(255))].at(-1)).toBe('/');
    expect([...foldersUpward('/a'.repeat(256))].at(-1)).toBe('/a');
  });

  test('are none of a path that is too long to be real', () => {
    expect([...foldersUpward(`/${'a/'.repeat(60_000)}`)]).toEqual([]);
    expect([...foldersUpward(`/${'é'.repeat(2048)}`)]).toEqual([]);
    expect([...foldersUpward(`/${'a'.repeat(4095)}`)]).toEqual([`/${'a'.repeat(4095)}`, '/']);
  });
});

describe('a folder that a link leads to', () => {
  test('lies in those of its own name, and then in the real ones', () => {
    const [named, real] = [path.join(base, 'link/app'), path.join(base, 'real/app')];
    expect([...foldersAround(named)]).toEqual([...foldersUpward(named), ...foldersUpward(real)]);
  });

  test('is looked at once where its name is its real one', () => {
    const real = path.join(base, 'real/app');
    expect([...foldersAround(`${real}/`)]).toEqual([...foldersUpward(real)]);
  });

  test('has a real path, and what is gone below it keeps its names in their order', () => {
    expect(realFolder(path.join(base, 'link/app'))).toBe(path.join(base, 'real/app'));
    expect(realFolder(path.join(base, 'link/gone/deeper'))).toBe(path.join(base, 'real/gone/deeper'));
  });

  test('has its name where it is too long to be looked for', () => {
    const long = `/${'a'.repeat(5000)}`;
    expect(realFolder(`${long}/`)).toBe(long);
  });
});
