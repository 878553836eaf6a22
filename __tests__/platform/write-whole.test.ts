import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { writeWhole } from '../../src/platform/files/write-whole.js';
import { removeFolder } from '../support/remove-folder.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => removeFolder(base));
const modeOf = (file: string) => statSync(file).mode & 0o777;

describe('a file of ours', () => {
  test('is made with its folders, for the user alone, and nothing else is left', () => {
    const file = path.join(base, 'a/b/state.json');
    const umask = process.umask(0);
    try {
      writeWhole(file, 'one');
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(file, 'utf8')).toBe('one');
    expect([modeOf(file), modeOf(path.dirname(file)), modeOf(path.join(base, 'a'))]).toEqual([
      0o600, 0o700, 0o700,
    ]);
    expect(readdirSync(path.dirname(file))).toEqual(['state.json']);
  });

  test('is another file each time: who reads the old one reads on in it', () => {
    const file = path.join(base, 'state.json');
    writeFileSync(file, 'old');
    chmodSync(file, 0o644);
    const before = statSync(file).ino;
    writeWhole(file, Buffer.from('new'));
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['new', 0o600]);
    expect(statSync(file).ino).not.toBe(before);
  });

  test('that cannot be put in its place leaves nothing beside it', () => {
    mkdirSync(path.join(base, 'state.json/in the way'), { recursive: true });
    expect(() => writeWhole(path.join(base, 'state.json'), '{}')).toThrow(/EISDIR|ENOTEMPTY|EPERM|EEXIST/);
    expect(readdirSync(base)).toEqual(['state.json']);
  });

  test('that cannot be written at all says why, and not that there is nothing to tidy up', () => {
    mkdirSync(path.join(base, `state.json.${process.pid}.tmp`));
    expect(() => writeWhole(path.join(base, 'state.json'), '{}')).toThrow(
      expect.objectContaining({ code: 'EISDIR', syscall: 'open' }),
    );
    expect(() => writeWhole(path.join(base, 'x'.repeat(300)), '{}')).toThrow('ENAMETOOLONG');
  });

  test('is not written into a folder that is a link', () => {
    mkdirSync(path.join(base, 'elsewhere'));
    symlinkSync('elsewhere', path.join(base, 'threads'));
    expect(() => writeWhole(path.join(base, 'threads/x.json'), '{}')).toThrow(
      `${path.join(base, 'threads')} is a link`,
    );
    expect(readdirSync(path.join(base, 'elsewhere'))).toEqual([]);
  });
});
