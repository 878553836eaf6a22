import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import type { LockOwner } from '../../../src/delivery/store/lock/lock-owner.js';
import { holdingText, SignsOfLife } from '../../../src/delivery/store/lock/signs-of-life.js';
import { removeFolder } from '../../support/remove-folder.js';

const own: LockOwner = { host: 'h', pid: 1, domain: 'd', token: 'own' };
const other: LockOwner = { ...own, token: 'another' };
const OWN_LINE = '{"host":"h","pid":1,"domain":"d","token":"own"}';

let dir: string;
let file: string;
let signs: SignsOfLife;
beforeEach(async () => {
  dir = await makeTemporaryFolder();
  file = path.join(dir, 'a.lock');
  signs = new SignsOfLife(file, own);
});
afterEach(async () => {
  await signs.close();
  removeFolder(dir);
});
const text = () => readFileSync(file, 'utf8');

test.each([
  [0, '000000000'],
  [12, '000000012'],
  [123_456_789, '123456789'],
])('a lock’s file names its holder and its %i signs of life, always in as many characters', (beat, told) => {
  expect(holdingText(own, beat)).toBe(`${OWN_LINE}\n${told}\n`);
});

describe('a sign of life', () => {
  test('is another number each time, in place of the last', async () => {
    writeFileSync(file, holdingText(own, 0));
    await signs.give();
    expect(text()).toBe(`${OWN_LINE}\n000000001\n`);
    await signs.give();
    expect(text()).toBe(`${OWN_LINE}\n000000002\n`);
  });

  test('is none in another holder’s file, also where that came later', async () => {
    writeFileSync(file, holdingText(other, 5));
    await signs.give();
    expect(text()).toBe(holdingText(other, 5));
    rmSync(file);
    writeFileSync(file, holdingText(own, 0));
    await signs.give();
    rmSync(file);
    writeFileSync(file, holdingText(other, 5));
    await signs.give();
    expect(text()).toBe(holdingText(other, 5));
  });

  test('is not to be given where the file is gone', async () => {
    await expect(signs.give()).rejects.toThrow(/ENOENT/);
    expect(readdirSync(dir)).toEqual([]);
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  /** How often this process has the lock's file open. */
  const timesOpen = () =>
    readdirSync('/proc/self/fd').filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === file;
      } catch {
        return false;
      }
    }).length;

  onLinux('keeps its own file open until the end, once, and another holder’s not at all', async () => {
    writeFileSync(file, holdingText(other, 0));
    await signs.give();
    expect(timesOpen()).toBe(0);
    writeFileSync(file, holdingText(own, 0));
    await signs.give();
    await signs.give();
    expect(timesOpen()).toBe(1);
    await signs.close();
    expect(timesOpen()).toBe(0);
  });
});
