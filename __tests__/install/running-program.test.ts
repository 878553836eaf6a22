import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { runningProgram } from '../../src/install/running-program.js';

const { argv, execPath } = process;
let base: string;
beforeEach(async () => {
  base = realpathSync(await makeTemporaryFolder());
  mkdirSync(path.join(base, 'bin'));
});
afterEach(() => {
  process.argv = argv;
  rmSync(base, { recursive: true });
});

const at = (name: string) => path.join(base, name);

/** The program as it is registered when it was started by a file. */
function startedAs(script: string, env: NodeJS.ProcessEnv = {}) {
  process.argv = ['node', script];
  return runningProgram(env);
}

describe('node is registered', () => {
  const nodeName = path.basename(execPath);

  test('by a link on the PATH, which stays when a version goes', () => {
    symlinkSync(realpathSync(execPath), at(`bin/${nodeName}`));
    expect(startedAs('x', { PATH: `${at('none')}:${at('bin')}` }).node).toBe(at(`bin/${nodeName}`));
  });

  test('by its own file where the link lies in a folder that goes with the shell', () => {
    symlinkSync(realpathSync(execPath), at(`bin/${nodeName}`));
    symlinkSync(at('bin'), at('of-this-shell'));
    expect(startedAs('x', { PATH: at('of-this-shell') }).node).toBe(execPath);
  });

  test('by its own file where another node is on the PATH, or none', () => {
    writeFileSync(at(`bin/${nodeName}`), '');
    expect(startedAs('x', { PATH: at('bin') }).node).toBe(execPath);
    expect(startedAs('x').node).toBe(execPath);
  });
});

describe('the script is registered', () => {
  beforeEach(() => {
    mkdirSync(at('lib'));
    writeFileSync(at('lib/mlflow-codex.js'), '');
  });

  test('by the link that it was started by', () => {
    symlinkSync(at('lib/mlflow-codex.js'), at('bin/mlflow-codex'));
    expect(startedAs(at('bin/mlflow-codex')).script).toBe(at('bin/mlflow-codex'));
  });

  test('by what a project’s .bin leads to, which stays longer', () => {
    mkdirSync(at('.bin'));
    symlinkSync(at('lib/mlflow-codex.js'), at('.bin/mlflow-codex'));
    expect(startedAs(at('.bin/mlflow-codex')).script).toBe(at('lib/mlflow-codex.js'));
  });

  test('by what it leads to where its folder is a link', () => {
    symlinkSync(at('lib'), at('of-this-shell'));
    expect(startedAs(at('of-this-shell/mlflow-codex.js')).script).toBe(at('lib/mlflow-codex.js'));
    expect(startedAs(at('of-this-shell/gone.js')).script).toBe(at('of-this-shell/gone.js'));
  });
});

test('version and platform are those of the process', () => {
  expect(startedAs('x')).toMatchObject({ version: '0.0.0', platform: process.platform });
});
