import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { assertForEverybody } from '../../src/install/usable-by-all.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
  chmodSync(base, 0o755);
  for (const folder of ['system', 'bin', 'dist']) mkdirSync(at(folder));
  for (const file of ['system/node', 'bin/mlflow-codex.js', 'dist/core.cjs']) put(file);
});
afterEach(() => rmSync(base, { recursive: true }));

const at = (name: string) => path.join(base, name);
function put(name: string): void {
  writeFileSync(at(name), '');
  chmodSync(at(name), 0o755);
}
const check =
  (script = 'bin/mlflow-codex.js') =>
  () =>
    assertForEverybody([at('system/node'), at(script)], process.getuid?.() ?? 0);

describe('a program for every user of a machine', () => {
  test('is one that all can read and nobody else can change', () => {
    expect(check()).not.toThrow();
  });

  test.each(['system/node', 'bin/mlflow-codex.js', 'dist/core.cjs', 'bin', 'dist'])(
    'is none where others cannot read %s, or can change it',
    (name) => {
      chmodSync(at(name), 0o750);
      expect(check()).toThrow(`${at(name)}: not every user of this machine can read it`);
      chmodSync(at(name), 0o757);
      expect(check()).toThrow(`${at(name)}: others than root can change it`);
      expect(check()).toThrow(expect.objectContaining({ hint: expect.stringContaining('umask 022') }));
    },
  );

  test.each([
    ['bin', 0o751, true],
    ['bin', 0o754, false],
    ['system/node', 0o754, true],
    ['system/node', 0o751, false],
  ])('lets others pass its folders and read its files: %s of %o', (name, mode, isFit) => {
    chmodSync(at(name), mode);
    if (isFit) expect(check()).not.toThrow();
    else
      expect(check()).toThrow(
        expect.objectContaining({
          message: `${at(name)}: not every user of this machine can read it, so Codex could not run the hook for them`,
          hint: 'Install Node and the package where everybody can read them and root alone can write: as root, with umask 022, npm install -g --prefix /usr/local @mlflow/codex',
        }),
      );
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  const changed = (name: string) =>
    `${at(name)}: others than root can change it, and the hook would run it with everybody’s rights`;
  asRoot('is none of another user’s, but for the one that is named', () => {
    chownSync(at('system/node'), 12_345, 0);
    expect(check()).toThrow(changed('system/node'));
    expect(() => assertForEverybody([at('system/node')], 12_345)).not.toThrow();
  });

  asRoot('may be changed by a group of the system’s, and by no group of users', () => {
    chmodSync(at('dist'), 0o775);
    for (const [gid, isFit] of [
      [50, true],
      [999, true],
      [1000, false],
    ] as const) {
      chownSync(at('dist'), 0, gid);
      if (isFit) expect(check()).not.toThrow();
      else expect(check()).toThrow(changed('dist'));
    }
    // Whoever else may write in it.
    chownSync(at('dist'), 0, 50);
    chmodSync(at('dist'), 0o777);
    expect(check()).toThrow(changed('dist'));
  });

  test('is whatever it is on Windows, and without bundles', () => {
    chmodSync(at('system/node'), 0o700);
    expect(() => assertForEverybody([at('system/node')], 0, 'win32')).not.toThrow();
    chmodSync(at('system/node'), 0o755);
    rmSync(at('dist'), { recursive: true });
    expect(check()).not.toThrow();
  });

  test('may lie in a sticky folder, where nobody moves what is another’s', () => {
    chmodSync(at('bin'), 0o1777);
    expect(check()).not.toThrow();
  });

  test('is looked at where a link leads to', () => {
    mkdirSync(at('links'));
    symlinkSync(at('bin/mlflow-codex.js'), at('links/mlflow-codex'));
    expect(check('links/mlflow-codex')).not.toThrow();
    chmodSync(at('dist/core.cjs'), 0o700);
    expect(check('links/mlflow-codex')).toThrow(at('dist/core.cjs'));
  });
});
