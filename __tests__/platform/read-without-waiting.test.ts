import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTextFile } from '../../src/install/read-text-file.js';
import { authorization } from '../../src/mlflow/credentials.js';
import { readConfigFile } from '../../src/mlflow/databricks/config-file.js';
import { tlsOptions } from '../../src/mlflow/tls-options.js';
import { readWithoutWaiting } from '../../src/platform/files/read-without-waiting.js';
import { codexTrusts } from '../../src/settings/project-trust.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

let home: string;
let writers: ChildProcess[];

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'pipes-'));
  writers = [];
});
afterEach(() => {
  for (const writer of writers) writer.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

/** A pipe that nobody writes into; whoever waits for it all the same is let go after a while. */
function pipe(name: string): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  execFileSync('mkfifo', [file]);
  writers.push(spawn('sh', ['-c', 'sleep 5; exec : > "$0"', file], { stdio: 'ignore' }));
  return file;
}

test('a file is read, and one that is not there is told as Node tells it', () => {
  const file = path.join(home, 'token');
  writeFileSync(file, 'abc\n');
  expect(readWithoutWaiting(file).toString()).toBe('abc\n');
  expect(() => readWithoutWaiting(path.join(home, 'none'))).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});

onPosix('a pipe in the place of', () => {
  const unreadable = (file: string) => ({
    kind: 'problem',
    code: 'file-unreadable',
    message: `${file} cannot be read (a pipe)`,
    hint: `Make ${file} a readable file, or remove it`,
  });

  test('tokenFile, MLflow’s credentials or Databricks’ profiles is a problem, and is not waited for', () => {
    const token = pipe('token');
    expect(authorization({}, path.join(home, 'other'), token)).toEqual(unreadable(token));
    const credentials = pipe('.mlflow/credentials');
    expect(authorization({}, home)).toEqual(unreadable(credentials));
    const profiles = pipe('.databrickscfg');
    expect(readConfigFile({}, home)).toEqual(unreadable(profiles));
  });

  test('a certificate is a problem that names the setting', () => {
    const serverCertPath = pipe('ca.pem');
    expect(tlsOptions({}, { serverCertPath })).toEqual({
      kind: 'problem',
      code: 'certificate-unreadable',
      message: `${serverCertPath} (serverCertPath) cannot be read (a pipe)`,
      hint: 'Let serverCertPath name a readable PEM file',
    });
  });

  test('a tracing config, or of a file to be edited, is told with its remedy', async () => {
    const file = pipe('.codex/mlflow-tracing.json');
    const codexHome = path.dirname(file);
    await expect(
      resolveSettings({ env: {}, cwd: home, codexHome, homeDir: home, userName: 'ada' }),
    ).resolves.toMatchObject({
      kind: 'broken',
      message: expect.stringContaining(`${file}: cannot be read (a pipe)`),
    });
    expect(() => readTextFile(file)).toThrow(`${file} cannot be read (a pipe)`);
  });

  test('Codex’s config trusts no project', async () => {
    const config = pipe('.codex/config.toml');
    await expect(codexTrusts(home, path.dirname(config))).resolves.toBe(false);
  });
});
