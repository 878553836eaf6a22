import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isExcluded } from '../../src/settings/excluded-folders.js';

describe('"exclude"', () => {
  const isOut = (folder: string, pattern: string) => isExcluded(folder, [pattern], '/home/ada');

  it.each([
    ['/home/ada/private', '~/private'],
    ['/home/ada/private/deep/in', '~/private'],
    ['/home/ada/private/deep/in', '~/private/*'],
    ['/srv/secret-7/src', '/srv/secret-*'],
    ['/home/ada/anything', '~'],
    ['/home/ada/a.b+c/x', '~/a.b+c'],
  ])('%s is out by %s', (folder, pattern) => {
    expect(isOut(folder, pattern)).toBe(true);
  });

  it.each([
    ['/home/ada/private', '~/private/*'],
    ['/home/ada/privateer', '~/private'],
    ['/home/adam', '~'],
    ['/srv/a/secret-7', '/srv/secret-*'],
    ['/home/ada/axb+c', '~/a.b+c'],
  ])('%s is not out by %s', (folder, pattern) => {
    expect(isOut(folder, pattern)).toBe(false);
  });
});

describe('"exclude", where there are links', () => {
  let base: string;
  beforeEach(() => {
    base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'excluded-')));
    for (const folder of ['disk/ada/private/acme', 'disk/other', 'disk/client']) {
      mkdirSync(path.join(base, folder), { recursive: true });
    }
    const link = (to: string, name: string) => symlinkSync(path.join(base, to), path.join(base, name));
    link('disk/ada', 'home');
    link('disk/other', 'disk/ada/private/linked');
    link('disk/client', 'disk/ada/private/acme/key-link');
    link('disk/ada/private', 'shortcut');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));
  /** The home folder is a link, as where homes lie on another disk. */
  const isOut = (folder: string, pattern: string) =>
    isExcluded(path.join(base, folder), [pattern.replace('BASE', base)], path.join(base, 'home'));

  it.each([
    ['the real path of a home that is a link', 'disk/ada/private/acme', '~/private/*'],
    ['a home that is a link, by its name', 'home/private/acme', '~/private/*'],
    ['a folder that is gone since', 'disk/ada/private/gone/deep', '~/private/*'],
    ['a folder that is gone, by a link', 'shortcut/gone', '~/private/*'],
    ['a link to what is named', 'shortcut/acme', '~/private/*'],
    ['what a link below leads to', 'disk/other/src', '~/private/*'],
    ['what a link behind two stars leads to', 'disk/client', '~/*/*/key-link'],
    ['what a pattern names by a link', 'disk/ada/private/acme', 'BASE/shortcut'],
  ])('%s is out', (_, folder, pattern) => {
    expect(isOut(folder, pattern)).toBe(true);
  });

  it.each([
    ['the folder above', 'disk/ada/private', '~/private/*'],
    ['a neighbour of the home', 'disk/other', '~/private/acme'],
    ['the folder that a link below lies beside', 'disk', '~/private/*'],
  ])('%s is not out', (_, folder, pattern) => {
    expect(isOut(folder, pattern)).toBe(false);
  });
});
