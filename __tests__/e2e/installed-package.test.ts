import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { packProgram } from '../support/packed-program.js';
import { removeFolder } from '../support/remove-folder.js';

const run = promisify(execFile);

// As a person installs it: in a folder that only a shell's PATH has, from the file alone.
let dir: string;
let prefix: string;
let program: string;
beforeAll(async () => {
  dir = await makeTemporaryFolder();
  prefix = path.join(dir, 'prefix');
  const file = await packProgram(dir);
  const places = ['--prefix', prefix, '--cache', path.join(dir, 'empty-cache')];
  await run('npm', ['install', '--global', '--offline', '--no-audit', '--no-fund', ...places, file]);
  program = path.join(prefix, 'bin', 'mlflow-codex');
}, 120_000);
afterAll(() => removeFolder(dir));

test('it installs without a network, and brings nothing but itself', async () => {
  const modules = path.join(prefix, 'lib', 'node_modules');
  expect(readdirSync(modules)).toEqual(['@mlflow']);
  expect(readdirSync(path.join(modules, '@mlflow'))).toEqual(['codex']);
  expect(readdirSync(path.join(modules, '@mlflow', 'codex'))).not.toContain('node_modules');
  const { scripts, dependencies } = JSON.parse(
    readFileSync(path.join(modules, '@mlflow', 'codex', 'package.json'), 'utf8'),
  ) as { scripts: Record<string, string>; dependencies?: object };
  expect(dependencies).toBeUndefined();
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(scripts).not.toHaveProperty(name);
});

test('what setup registers from there works without the shell’s PATH', async () => {
  const home = await DeliveryHome.make();
  try {
    const shell = {
      PATH: [path.dirname(program), path.dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    };
    const argv = ['mlflow-codex', 'setup', '--user', '-y', '--tracking-uri', home.receiver.url];
    const setup = await runIn(home, ['/usr/bin/env', ...argv], { env: shell, cwd: home.codexHome });
    expect(setup.code).toBe(0);
    const config = readFileSync(path.join(home.codexHome, 'config.toml'), 'utf8');
    const notify = JSON.parse(/^notify = (\[.*\])$/m.exec(config)?.[1] ?? '[]') as string[];
    const thread = home.thread();
    const turn = thread.turn();
    // Codex appends its payload, and starts no shell.
    const hook = await runIn(home, [...notify, thread.payload(turn)], { env: { PATH: '/usr/sbin:/sbin' } });
    expect(hook).toMatchObject({ code: 0, output: '' });
    expect(home.arrived()).toEqual([turn]);
    const status = await runIn(home, [process.execPath, program, 'status'], { env: shell });
    expect(status.output).toContain('The hook starts');
    expect(status.output).not.toContain('needs the PATH');
  } finally {
    await home.close();
  }
});

test('another program by our name is not replaced, and ours goes elsewhere', async () => {
  const other = path.join(dir, 'other');
  const [file = ''] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
  const install = (...places: string[]) =>
    run('npm', ['install', '--global', '--offline', ...places, path.join(dir, file)]);
  await run('mkdir', ['-p', path.join(other, 'bin')]);
  writeFileSync(path.join(other, 'bin', 'mlflow-codex'), '#!/bin/sh\n');
  await expect(install('--prefix', other)).rejects.toThrow('EEXIST');
  await install('--prefix', path.join(dir, 'ours'));
  const { stdout } = await run(path.join(dir, 'ours', 'bin', 'mlflow-codex'), ['--version']);
  expect(stdout).toMatch(/^mlflow-codex \d/);
});
