import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { assertForEverybody } from '../../src/install/usable-by-all.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
  chmodSync(base, 0o755);
  for (const folder of ['bin', 'dist']) mkdirSync(at(folder));
  for (const file of ['bin/node', 'bin/mlflow-codex.js', 'dist/core.cjs']) put(file);
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
    assertForEverybody([at('bin/node'), at(script)], process.getuid?.() ?? 0);

describe('a program for every user of a machine', () => {
  test('is one that all can read and nobody else can change', () => {
    expect(check()).not.toThrow();
  });

  test.each(['bin/node', 'bin/mlflow-codex.js', 'dist/core.cjs', 'bin', 'dist'])(
    'is none where others cannot read %s, or can change it',
    (name) => {
      chmodSync(at(name), 0o750);
      expect(check()).toThrow(`${at(name)}: not every user of this machine can read it`);
      chmodSync(at(name), 0o757);
      expect(check()).toThrow(`${at(name)}: others than root can change it`);
      expect(check()).toThrow(expect.objectContaining({ hint: expect.stringContaining('umask 022') }));
    },
  );

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
