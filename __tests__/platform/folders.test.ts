import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { codexHome, inHome, isLinkedAway, stateDir } from '../../src/platform/files/folders.js';

describe('codexHome', () => {
  it.each([
    ['unset', undefined, '/home/ada/.codex'],
    ['empty', '', '/home/ada/.codex'],
    ['blank', '  ', '/home/ada/.codex'],
    ['a path', '/srv/codex', '/srv/codex'],
    ['a path with blanks around it', ' /srv/codex ', '/srv/codex'],
    ['the home folder itself', '~', '/home/ada'],
    ['a path below the home folder', '~/x/codex', '/home/ada/x/codex'],
    ['a relative path', 'here', path.resolve('here')],
    ['a name that only begins with a tilde', '~x', path.resolve('~x')],
  ])('with CODEX_HOME %s', (_, value, expected) => {
    expect(codexHome({ CODEX_HOME: value }, '/home/ada')).toBe(expected);
  });

  it('has our state in one folder below it', () => {
    expect(stateDir('/home/ada/.codex')).toBe('/home/ada/.codex/mlflow-codex');
  });
});

it.each([
  ['~/a.pem', '/home/ada/a.pem'],
  ['~\\a.pem', '/home/ada/a.pem'],
  ['~a.pem', '~a.pem'],
  ['a/~/b', 'a/~/b'],
  ['', ''],
])('the path %j of a file is %j for a person', (file, expected) => {
  expect(inHome(file, '/home/ada')).toBe(expected);
});

it('a folder within our state may not be a link; our state itself may', async () => {
  const base = await makeTemporaryFolder();
  try {
    mkdirSync(path.join(base, 'threads'));
    writeFileSync(path.join(base, 'file'), '');
    for (const name of ['link', 'mlflow-codex']) symlinkSync('threads', path.join(base, name));
    const linked = ['threads', 'file', 'none', 'link', 'mlflow-codex'].filter((name) =>
      isLinkedAway(path.join(base, name)),
    );
    expect(linked).toEqual(['link']);
  } finally {
    rmSync(base, { recursive: true });
  }
});
