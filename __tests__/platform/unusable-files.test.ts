import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { accessRemedy, unusableFiles, unusableRemedy } from '../../src/platform/files/unusable-files.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => rmSync(base, { recursive: true }));

describe('our folder', () => {
  test('is usable where it is, and where it can be made', () => {
    mkdirSync(path.join(base, 'a/b'), { recursive: true });
    writeFileSync(path.join(base, 'a/b/file'), '');
    symlinkSync('nowhere', path.join(base, 'a/link'));
    expect(unusableFiles(base)).toEqual([]);
    expect(unusableFiles(path.join(base, 'not/yet/there'))).toEqual([]);
  });

  test('is not where a file stands in its place', () => {
    const file = path.join(base, 'state');
    writeFileSync(file, '');
    expect(unusableFiles(file)).toEqual([{ file, code: 'ENOTDIR', remedy: `Move ${file} away` }]);
  });
});

describe('a remedy', () => {
  test('is a command for a file that is this user’s own, in quotes where a shell needs them', () => {
    const file = path.join(base, 'a b');
    writeFileSync(file, '');
    expect(accessRemedy(base)).toBe(`chmod -R u+rwX ${base}`);
    expect(accessRemedy(file)).toBe(`chmod -R u+rwX ${JSON.stringify(file)}`);
    expect(accessRemedy(file, base)).toBe(`chmod -R u+rwX ${base}`);
  });

  test('names the nearest folder that is there', () => {
    expect(accessRemedy(path.join(base, 'none/below'))).toBe(`chmod -R u+rwX ${base}`);
  });

  test.each(['EACCES', 'EPERM', 'spawn EACCES'])('of %s is that command', (why) => {
    expect(unusableRemedy(base, why)).toBe(`chmod -R u+rwX ${base}`);
  });

  test.each([
    ['ENOTDIR', 'Move /f away'],
    ['EISDIR', 'Move /f away'],
    ['EIO', 'Look at /f: it should be whole and readable'],
  ])('of %s is: %s', (why, remedy) => {
    expect(unusableRemedy('/f', why)).toBe(remedy);
  });
});
