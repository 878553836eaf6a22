import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import {
  findOnPath,
  pathFolders,
  withoutNpmPath,
  withShortPath,
} from '../../src/platform/files/find-on-path.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => rmSync(base, { recursive: true }));

function program(folder: string, mode = 0o755): string {
  const file = path.join(base, folder, 'tool');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, mode);
  return file;
}
const PATH = (...folders: string[]) => ({ PATH: folders.map((name) => path.join(base, name)).join(':') });

describe('a program by its name', () => {
  test('is the first of PATH that can be run', () => {
    program('a', 0o644);
    mkdirSync(path.join(base, 'b/tool'), { recursive: true });
    const third = program('c');
    program('d');
    expect(findOnPath('tool', PATH('none', 'a', 'b', 'c', 'd'))).toBe(third);
    expect(findOnPath('tool', PATH('a', 'b'))).toBeUndefined();
    expect(findOnPath('tool', {})).toBeUndefined();
  });

  test('is looked for in absolute folders alone: a relative one is another in every folder', () => {
    expect(pathFolders({ PATH: `:bin:./x:/usr/bin::${base}` })).toEqual(['/usr/bin', base]);
    expect(pathFolders({ Path: '/usr/bin' })).toEqual(['/usr/bin']);
    expect(pathFolders({ PATH: '/a', Path: '/b' })).toEqual(['/a']);
    expect(pathFolders({})).toEqual([]);
  });

  test.each([
    ['.CMD', {}, 'tool.CMD'],
    ['.EXE before .CMD', { PATHEXT: '.EXE;.CMD' }, 'tool.EXE'],
    ['.PY where PATHEXT says so', { PATHEXT: '.COM;.PY' }, 'tool.PY'],
  ])('has an ending on Windows: %s', (_, variables, expected) => {
    for (const name of ['tool', expected, 'tool.CMD']) {
      writeFileSync(path.join(base, name), '');
      chmodSync(path.join(base, name), 0o755);
    }
    expect(findOnPath('tool', { PATH: base, ...variables }, 'win32')).toBe(path.join(base, expected));
    expect(findOnPath('tool', { PATH: base, ...variables }, 'linux')).toBe(path.join(base, 'tool'));
  });

  test('is not found on Windows without an ending', () => {
    program('.');
    expect(findOnPath('tool', { PATH: base }, 'win32')).toBeUndefined();
  });
});

test('what npm puts on PATH while it runs is left out', () => {
  const env = { PATH: '/r/node_modules/.bin:/usr/bin:/r/node_modules/.bin/:/x/node_modules/.binary', A: 'b' };
  expect(withoutNpmPath(env)).toEqual({ PATH: '/usr/bin:/x/node_modules/.binary', A: 'b' });
});

test('a Codex that no shell started has the system’s folders on its PATH', () => {
  expect(withShortPath({ PATH: '/home/ada/bin', A: 'b' })).toEqual({ PATH: '/usr/bin:/bin', A: 'b' });
  expect(withShortPath({ PATH: '/home/ada/bin' }, '/bin')).toEqual({ PATH: '/bin' });
});

test('on Windows every Codex has the same PATH', () => {
  expect(withShortPath({ PATH: 'C:\\bin', A: 'b' }, undefined, 'win32')).toEqual({ PATH: 'C:\\bin', A: 'b' });
});
