import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { findObstructions, obstruction } from '../../../src/commands/sync/unusable-files.js';
import { removeFolder } from '../../support/remove-folder.js';

let home: string;
let state: string;
beforeEach(async () => {
  home = await makeTemporaryFolder();
  state = path.join(home, 'mlflow-codex');
});
afterEach(() => removeFolder(home));

const found = () => findObstructions(home, state);
/** A file where a folder is looked for. */
function put(...names: string[]): string {
  const file = path.join(home, ...names);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
}
/** Root may read everything: as the user `nobody` for the time of a call. */
function asSomebodyElse<T>(call: () => T): T {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return call();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
const blocked = (file: string) => ({
  file,
  reason: 'cannot be read (ENOTDIR)',
  remedy: `Move ${file} away`,
});

describe('what stands in the way of a sync', () => {
  it('is nothing where folders are whole, or not there yet', () => {
    expect(found()).toEqual([]);
    put('sessions', '2026', '01', '31', 'rollout-x.jsonl');
    put('sessions', 'notes.txt');
    put('archived_sessions', 'rollout-y.jsonl');
    put('mlflow-codex', 'threads', 't.json');
    expect(found()).toEqual([]);
  });

  it.each([['sessions'], ['archived_sessions'], ['mlflow-codex/threads'], ['mlflow-codex/inbox']])(
    'is a file in the place of %s',
    (name) => {
      const file = put(name);
      expect(found()).toEqual([blocked(file)]);
    },
  );

  it('is a file in the place of our folder, named once and without what would lie below', () => {
    const file = put('mlflow-codex');
    expect(found()).toEqual([{ file, reason: 'cannot be used (ENOTDIR)', remedy: `Move ${file} away` }]);
  });

  describe('where this user may not read', () => {
    const closed: string[] = [];
    const close = (...names: string[]): string => {
      const folder = path.join(home, ...names);
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0);
      closed.push(folder);
      return folder;
    };
    const refused = (file: string) => ({
      file,
      reason: 'cannot be read (EACCES)',
      remedy: `chmod -R u+rwX ${file}`,
    });
    beforeEach(() => chmodSync(home, 0o755));
    afterEach(() => {
      for (const folder of closed.splice(0)) chmodSync(folder, 0o755);
    });

    it.each([
      [['sessions', '2026']],
      [['sessions', '2026', '01']],
      [['sessions', '2026', '01', '31']],
      [['archived_sessions']],
    ])('is the folder %j', (names) => {
      const folder = close(...names);
      expect(asSomebodyElse(found)).toEqual([refused(folder)]);
    });

    it('is no folder below that of a day, in which nothing is looked for', () => {
      close('sessions', '2026', '01', '31', 'deeper');
      close('archived_sessions', 'deeper');
      expect(asSomebodyElse(found)).toEqual([]);
    });
  });

  it('comes in the order in which a person would mend it', () => {
    const [threads, archived, sessions] = [
      put('mlflow-codex', 'threads'),
      put('archived_sessions'),
      put('sessions'),
    ];
    expect(found()).toEqual([blocked(archived), blocked(threads), blocked(sessions)]);
  });
});

it.each([
  ['the state is of a newer version of mlflow-codex', 'Update: npm install -g @mlflow/codex@latest'],
  ['cannot be read (EISDIR)', 'Move /f away'],
  ['cannot be read', 'Look at /f: it should be whole and readable'],
])('a file of which is said "%s" has the remedy: %s', (reason, remedy) => {
  expect(obstruction('/f', reason)).toEqual({ file: '/f', reason, remedy });
});
