import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import {
  findManagedHook,
  readSystemSlots,
  systemCodexDir,
} from '../../../src/install/codex-config/codex-layers.js';

let etc: string;
beforeEach(async () => {
  etc = await makeTemporaryFolder();
});
afterEach(() => rmSync(etc, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(path.join(etc, name), text);
const stops = (...commands: string[]) => ({ Stop: commands.map((command) => ({ hooks: [{ command }] })) });
const toml = (...commands: string[]) =>
  commands.map((command) => `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = '${command}'\n`).join('');
const hook = () => {
  const found = findManagedHook(etc);
  return found && { ...found, file: path.basename(found.file) };
};

describe('a managed Stop hook of ours', () => {
  test('is that of the first file that has one: requirements, managed config, config, hooks.json', () => {
    const files = ['hooks.json', 'config.toml', 'managed_config.toml', 'requirements.toml'];
    for (const name of files) {
      const command = `/opt/${name}/mlflow-codex stop-hook`;
      put(name, name.endsWith('.json') ? JSON.stringify({ hooks: stops(command) }) : toml(command));
      expect(hook()).toEqual({ file: name, argv: [`/opt/${name}/mlflow-codex`, 'stop-hook'] });
    }
  });

  test('is the first of several, beside hooks of others', () => {
    put('requirements.toml', toml('audit', '/one/mlflow-codex stop-hook', '/two/mlflow-codex stop-hook'));
    expect(hook()?.argv).toEqual(['/one/mlflow-codex', 'stop-hook']);
  });

  test.each([
    'mlflow-codex stop-hook',
    '"/a b/mlflow-codex" stop-hook',
    'node /x/mlflow-codex.js stop-hook',
    'C:\\bin\\mlflow-codex.cmd stop-hook',
    'A=1 B=2 mlflow-codex stop-hook',
  ])('is known by its command: %s', (command) => {
    put('hooks.json', JSON.stringify({ hooks: stops(command) }));
    expect(hook()?.file).toBe('hooks.json');
  });

  test.each([
    ['A=1 B=2 mlflow-codex stop-hook', ['mlflow-codex', 'stop-hook']],
    ['mlflow-codex   stop-hook', ['mlflow-codex', 'stop-hook']],
    ['cd / ; mlflow-codex stop-hook', undefined],
    ['"/a b/mlflow-codex" stop-hook', undefined],
    ['echo | mlflow-codex stop-hook', undefined],
  ])('has words of its own where no shell is needed: %s', (command, argv) => {
    put('requirements.toml', toml(command));
    expect(hook()).toEqual(argv ? { file: 'requirements.toml', argv } : { file: 'requirements.toml' });
  });

  test.each([
    ['another program', toml('my-mlflow-codex stop-hook')],
    ['another verb', toml('mlflow-codex status')],
    ['a verb that only begins alike', toml('mlflow-codex stop-hooks')],
    ['another event', toml('mlflow-codex stop-hook').replaceAll('Stop', 'Start')],
    ['no TOML', `${toml('mlflow-codex stop-hook')}]`],
    ['no command', '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = 7\n'],
  ])('is none in %s', (_, text) => {
    put('requirements.toml', text);
    expect(hook()).toBeUndefined();
  });
});

test('the machine’s notify slots are those of managed_config.toml and config.toml', () => {
  put('managed_config.toml', 'notify = ["a"]\n');
  expect(readSystemSlots(etc)).toEqual({
    managed: { file: path.join(etc, 'managed_config.toml'), slot: { kind: 'foreign', argv: ['a'], line: 1 } },
    system: { file: path.join(etc, 'config.toml'), slot: { kind: 'empty' } },
  });
  put('config.toml', '\nnotify = []\n');
  expect(readSystemSlots(etc).system.slot).toEqual({ kind: 'vacant', line: 2 });
});

test('Codex’s folder for the whole machine is its own on Windows', () => {
  expect(systemCodexDir('win32')).toBe('C:\\ProgramData\\OpenAI\\Codex');
  expect(systemCodexDir('linux')).toBe('/etc/codex');
});
