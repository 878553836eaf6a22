import { chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  /** As the system answers somebody who is not root. */
  const refusing =
    (...names: string[]) =>
    (file: string) =>
      names.includes(path.relative(base, file)) ? 'EACCES' : undefined;
  const mend = (file: string) => `chmod -R u+rwX ${file}`;

  test('is told of alone where it is refused itself, or the folder that it would be made in', () => {
    const told = [{ file: base, code: 'EACCES', remedy: mend(base) }];
    writeFileSync(path.join(base, 'file'), '');
    expect(unusableFiles(base, refusing('', 'file'))).toEqual(told);
    expect(unusableFiles(path.join(base, 'not/yet'), refusing(''))).toEqual(told);
  });

  test('is searched two levels deep for what is refused, which one command mends', () => {
    const files = ['a', 'b', 'c', 'c/d', 'c/e', 'c/e/f'];
    for (const folder of ['a', 'c/e']) mkdirSync(path.join(base, folder), { recursive: true });
    for (const file of ['a/x', 'b', 'c/d', 'c/e/f']) writeFileSync(path.join(base, file), '');
    symlinkSync('b', path.join(base, 'link'));
    const found = unusableFiles(base, refusing('a', 'a/x', 'b', 'c/d', 'c/e/f', 'link'));
    expect(found.map(({ file }) => file).sort()).toEqual(
      ['a', 'b', 'c/d'].map((name) => path.join(base, name)),
    );
    for (const { code, remedy } of found) expect([code, remedy]).toEqual(['EACCES', mend(base)]);
    expect(unusableFiles(base, refusing(...files.slice(2))).map(({ file }) => file)).toEqual([
      path.join(base, 'c'),
    ]);
  });

  test('is told of in the order in which its files lie there', () => {
    mkdirSync(path.join(base, 'a'));
    for (const file of ['a/x', 'b']) writeFileSync(path.join(base, file), '');
    const found = unusableFiles(base, refusing('a/x', 'b')).map(({ file }) => path.relative(base, file));
    const listed = readdirSync(base).map((name) => (name === 'a' ? 'a/x' : name));
    expect(found).toEqual(listed);
  });

  test('may lose a file while it is looked at', () => {
    writeFileSync(path.join(base, 'gone'), '');
    expect(unusableFiles(base, (file) => (file === base ? undefined : 'ENOENT'))).toEqual([]);
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

  test('is one for root where the file is somebody else’s', () => {
    const own = process.getuid?.();
    const file = own === 0 ? path.join(base, 'foreign') : '/etc/passwd';
    if (own === 0) {
      writeFileSync(file, '');
      chownSync(file, 12_345, 12_345);
    }
    expect(accessRemedy(file)).toBe(`sudo chown -R "$(id -un)" ${file}`);
    expect(accessRemedy(file, '/a b')).toBe('sudo chown -R "$(id -un)" "/a b"');
  });

  test('is in words where the system has no users by number, as Windows', () => {
    expect(accessRemedy(base, base, { own: undefined })).toBe(`Let your user read and write ${base}`);
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
