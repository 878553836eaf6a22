import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { unpackProgram } from '../support/packed-program.js';
import { describeWith } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

// A home that root used first, in a container or with sudo. Only root can play both parts.
const needs = process.getuid?.() === 0 ? {} : { missing: 'it takes root to be somebody else' };
const SOMEBODY = 54_321;

describeWith(needs, 'a home in which our folder is another user’s', () => {
  let dir: string;
  let program: string;
  let home: string;
  let state: string;
  beforeAll(async () => {
    dir = await makeTemporaryFolder();
    program = await unpackProgram(dir);
    home = path.join(dir, 'home');
    state = path.join(home, '.codex', 'mlflow-codex');
    mkdirSync(path.join(state, 'threads'), { recursive: true });
    writeFileSync(path.join(state, 'setup.json'), '{}');
    for (const folder of [dir, home, path.join(home, '.codex')]) chmodSync(folder, 0o755);
    chmodSync(state, 0o700);
    const settings = { trackingUri: 'http://127.0.0.1:9', experimentName: 'codex' };
    writeFileSync(path.join(home, '.codex', 'mlflow-tracing.json'), JSON.stringify(settings));
  }, 60_000);
  afterAll(() => removeFolder(dir));

  function run(...argv: string[]): Promise<{ code: number; text: string }> {
    const options = { uid: SOMEBODY, gid: SOMEBODY, cwd: home, env: { HOME: home, PATH: '/usr/bin:/bin' } };
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...argv], options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
      );
    });
  }

  test.each([
    [['status']],
    [['status', '--offline']],
    [['setup', '--user', '-y']],
    [['setup', '-y', '--dry-run']],
    [['uninstall', '--all', '-y']],
    [['sync']],
    [['sync', '--all', '--dry-run']],
  ])('%j says which file it cannot use and how that is mended: exit 1', async (argv) => {
    const { code, text } = await run(...argv);
    expect(code).toBe(1);
    expect(text).toContain(state);
    expect(text).toContain('(EACCES)');
    expect(text).toContain(`sudo chown -R "$(id -un)" ${state}`);
    expect(text).not.toContain('internal error');
  });

  test('status names one file of another’s in a folder of one’s own, and mends the folder', async () => {
    chmodSync(state, 0o777);
    chmodSync(path.join(state, 'threads'), 0o777);
    writeFileSync(path.join(state, 'hook.log'), '');
    chmodSync(path.join(state, 'hook.log'), 0o600);
    chmodSync(path.join(state, 'setup.json'), 0o600);
    const { text } = await run('status', '--offline');
    expect(text).toContain(`${state}/hook.log cannot be used (EACCES), nor 1 more`);
    expect(text).toContain(`sudo chown -R "$(id -un)" ${state}\n`);
  });
});
