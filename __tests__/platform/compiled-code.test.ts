import crypto from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { loadCompiled } from '../../src/platform/process/compiled-code.js';
import { removeFolder } from '../support/remove-folder.js';

/** A bundle with a function that is compiled when it is called. */
const SOURCE = `exports.file = __filename; exports.dir = __dirname; exports.own = module.exports === exports;
exports.path = require('node:path').sep; exports.self = this === exports;
exports.add = function add(a, b) { return a + b; };\n`;

let folder: string;
let bundle: string;
let caches: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  bundle = path.join(folder, 'bundle.cjs');
  caches = path.join(folder, 'compiled');
  writeFileSync(bundle, SOURCE);
});
afterEach(() => removeFolder(folder));

const BUILTINS: Readonly<Record<string, unknown>> = {
  'node:crypto': crypto,
  'node:vm': vm,
  'node:path': path,
};

/** With a `require` that has a cache of its own. */
function load() {
  const require = Object.assign((name: string) => BUILTINS[name], {
    cache: {} as Record<string, { exports: Record<string, unknown>; loaded: boolean }>,
  });
  const loaded = loadCompiled(bundle, caches, require as unknown as NodeJS.Require);
  const module = require.cache[bundle];
  return { ...loaded, module, add: module?.exports['add'] as (a: number, b: number) => number };
}
const cacheFile = () => path.join(caches, readdirSync(caches)[0] ?? 'none');
/** Loads the bundle, calls its function, and keeps what was compiled. */
function loadAndKeep(): void {
  const { keep, add } = load();
  add(1, 2);
  keep();
}

describe('a bundle', () => {
  test('is loaded as `require` would load it', () => {
    const { exports, module } = load();
    const made = {
      file: bundle,
      dir: folder,
      own: true,
      self: true,
      path: path.sep,
      add: expect.any(Function),
    };
    expect(exports).toEqual(made);
    expect(module).toEqual({
      id: bundle,
      filename: bundle,
      exports: made,
      loaded: true,
      children: [],
      paths: [],
    });
  });

  test('is a function of its file in an error’s stack', () => {
    writeFileSync(bundle, 'exports.add = () => { throw new Error("x") };');
    let stack = '';
    try {
      load().add(1, 2);
    } catch (error) {
      stack = String((error as Error).stack);
    }
    expect(stack).toContain(`${bundle}:1:`);
  });

  test('may end in a comment', () => {
    writeFileSync(bundle, `${SOURCE.trimEnd()}// the end`);
    expect(load().add(1, 2)).toBe(3);
  });

  test('that throws throws', () => {
    writeFileSync(bundle, 'throw new RangeError("no")');
    expect(load).toThrow('no');
  });
});

describe('what V8 has compiled of it', () => {
  test('is kept by its name, for this Node alone, behind a digest', () => {
    loadAndKeep();
    const [name, ...others] = readdirSync(caches);
    expect(others).toEqual([]);
    expect(name).toMatch(
      new RegExp(`^bundle\\.cjs-${process.version}-${process.platform}-${process.arch}(?:-[0-9a-f]{8})?$`),
    );
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
    const before = readFileSync(cacheFile());
    expect(before.length).toBeGreaterThan(200);
    const { keep, module } = load();
    expect(module?.exports['own']).toBe(true);
    keep();
    expect(readFileSync(cacheFile()).equals(before)).toBe(true);
  });

  test('is another file under other options of Node', () => {
    loadAndKeep();
    const options = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `${options ?? ''} --no-deprecation`;
    try {
      loadAndKeep();
    } finally {
      if (options === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = options;
    }
    expect(readdirSync(caches)).toHaveLength(2);
  });

  test('has a plain name where Node has no options, and the digest of them where it has', () => {
    const { execArgv } = process;
    const options = process.env.NODE_OPTIONS;
    const plain = `bundle.cjs-${process.version}-${process.platform}-${process.arch}`;
    const keptWith = (own: string[], ofAll: string | undefined) => {
      removeFolder(caches);
      process.execArgv = own;
      if (ofAll === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = ofAll;
      loadAndKeep();
      return readdirSync(caches);
    };
    try {
      expect(keptWith([], undefined)).toEqual([plain]);
      expect(keptWith([], ' ')).toEqual([plain]);
      // printf -- '--a --b' | sha256sum
      expect(keptWith(['--a'], '--b')).toEqual([`${plain}-dea72f29`]);
    } finally {
      process.execArgv = execArgv;
      if (options === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = options;
    }
  });

  test.each([
    ['a flipped bit', (whole: Buffer) => Buffer.concat([whole.subarray(0, -1), Buffer.from([1])])],
    ['a digest of another', (whole: Buffer) => Buffer.concat([Buffer.alloc(32), whole.subarray(32)])],
    ['nothing', () => Buffer.alloc(0)],
  ])('is made anew by the next process where it is %s', (_, damage) => {
    loadAndKeep();
    const before = readFileSync(cacheFile());
    const damaged = damage(before);
    writeFileSync(cacheFile(), damaged);
    const { keep, module } = load();
    expect(module?.exports['own']).toBe(true);
    keep();
    const after = readFileSync(cacheFile());
    expect([after.length > 200, after.equals(damaged)]).toEqual([true, false]);
  });

  test('is not that of another text', () => {
    loadAndKeep();
    const before = readFileSync(cacheFile());
    writeFileSync(bundle, SOURCE.replace('a + b', 'a - b'));
    const { add, keep } = load();
    expect(add(5, 2)).toBe(3);
    keep();
    expect(readFileSync(cacheFile()).subarray(0, 32).equals(before.subarray(0, 32))).toBe(false);
  });

  test.each<[string, (file: string) => void]>([
    ['others may write', (file) => chmodSync(file, 0o620)],
    ['everybody may write', (file) => chmodSync(file, 0o602)],
    [
      'is a link',
      (file) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
    [
      'is a folder',
      (file) => {
        renameSync(file, `${file}.real`);
        mkdirSync(file);
      },
    ],
  ])('stays as it is, unused, where its file is one that %s', (_, change) => {
    loadAndKeep();
    const file = cacheFile();
    // Looked at, it would be made anew.
    writeFileSync(file, 'damaged');
    change(file);
    const before = statSync(file).ino;
    const { keep, module } = load();
    expect(module?.exports['own']).toBe(true);
    keep();
    expect(statSync(file).ino).toBe(before);
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('stays as it is where its file is another user’s', () => {
    loadAndKeep();
    const file = cacheFile();
    writeFileSync(file, 'damaged');
    chownSync(file, 12_345, 12_345);
    load().keep();
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  test('is made anew where V8 does not take it, whole as it is', () => {
    loadAndKeep();
    const other = new vm.Script('(function () { return "of another length" })').createCachedData();
    // V8 asks for no cache of a text that this process has compiled before.
    const source = `${SOURCE}// compiled here for the first time\n`;
    writeFileSync(bundle, source);
    const digest = crypto.createHash('sha256').update(source).update(other).digest();
    const refused = Buffer.concat([digest, other]);
    writeFileSync(cacheFile(), refused);
    const { keep, module } = load();
    expect(module?.exports['own']).toBe(true);
    keep();
    expect(readFileSync(cacheFile()).equals(refused)).toBe(false);
    const made = readFileSync(cacheFile());
    load().keep();
    expect(readFileSync(cacheFile()).equals(made)).toBe(true);
  });

  test('is kept by the first of many processes that began without it', () => {
    const [first, second] = [load(), load()];
    first.keep();
    const { ino } = statSync(cacheFile());
    second.keep();
    expect(statSync(cacheFile()).ino).toBe(ino);
  });

  test.each([
    ['first by name', [1, 2, 3, 4, 5], ['other-1', 'other-2', 'other-3']],
    ['last by name', [5, 4, 3, 2, 1], ['other-3', 'other-4', 'other-5']],
    ['between', [4, 3, 1, 2, 5], ['other-2', 'other-3', 'other-4']],
  ])('is kept beside the three newest others, which are %s', (_, ages, kept) => {
    mkdirSync(caches);
    for (const [index, age] of ages.entries()) {
      const other = path.join(caches, `other-${index + 1}`);
      writeFileSync(other, '');
      utimesSync(other, 1e9 - age, 1e9 - age);
    }
    loadAndKeep();
    expect(
      readdirSync(caches)
        .filter((name) => name.startsWith('other'))
        .sort(),
    ).toEqual(kept);
    expect(readdirSync(caches)).toHaveLength(4);
  });

  test('may be read and run by others: it is their writing that counts', () => {
    loadAndKeep();
    const file = cacheFile();
    writeFileSync(file, 'damaged');
    chmodSync(file, 0o655);
    load().keep();
    expect(readFileSync(file, 'latin1')).not.toBe('damaged');
  });

  test('that cannot be kept is no error', () => {
    writeFileSync(caches, 'a file in its place');
    expect(loadAndKeep).not.toThrow();
  });
});
