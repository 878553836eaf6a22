import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../src/help.js';
import { Workbench } from './commands/workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

describe('the command line', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j shows every command: exit 0', async (argv) => {
    const { code, stdout, stderr } = await bench.run(...argv);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`  ${name} `);
  });

  it.each(Object.keys(COMMANDS))('%s --help shows usage and an example, and does nothing', async (name) => {
    for (const argv of [
      [name, '--help'],
      [name, '--whatever', '-h'],
      ['help', name],
    ]) {
      const { code, stdout, stderr } = await bench.run(...argv);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: mlflow-codex ${name}`));
      expect(stdout).toMatch(/Examples?:\n {2}\S/);
    }
    expect(bench.snapshot()).toEqual({ project: '755 ' });
  });

  it.each(['--version', '-V', '-v'])('%s says name and version, which setup recognises', async (flag) => {
    expect((await bench.run(flag)).stdout).toBe('mlflow-codex 0.0.0\n');
  });

  const MORE = (usage: string, command = '') =>
    `Usage: mlflow-codex ${usage}\n  mlflow-codex ${command}--help says more`;
  const STATUS = MORE('status [--offline] [--json]', 'status ');
  it.each([
    [['bogus'], 'There is no command bogus', 'mlflow-codex --help lists them'],
    [['--bogus'], 'There is no option --bogus', 'mlflow-codex --help lists them'],
    [['stats'], 'There is no command stats', 'Did you mean status?'],
    [['statuss'], 'There is no command statuss', 'Did you mean status?'],
    [['stetus'], 'There is no command stetus', 'Did you mean status?'],
    [['setpu'], 'There is no command setpu', 'Did you mean setup?'],
    [['stetpu'], 'There is no command stetpu', 'mlflow-codex --help lists them'],
    [['sh'], 'There is no command sh', 'mlflow-codex --help lists them'],
    [['toString'], 'There is no command toString', 'mlflow-codex --help lists them'],
    [['status', '--bogus'], "Unknown option '--bogus'", STATUS],
    [['status', 'extra'], "Unexpected argument 'extra'", STATUS],
    [['notify-hook', '{}'], 'notify-hook is for Codex to call', 'mlflow-codex setup registers it'],
    [['stop-hook'], 'stop-hook is for Codex to call', 'mlflow-codex setup registers it'],
  ])('%j is bad usage: exit 2, and says on stderr how it is meant', async (argv, message, hint) => {
    const { code, stdout, stderr } = await bench.run(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`mlflow-codex: ${message}\n  ${hint}\n`);
  });

  it.each([
    [['setup', '--tracking-uri'], '--tracking-uri'],
    [['uninstall', '--yes=1'], 'yes'],
    [['show', '--bogus'], "Unknown option '--bogus'"],
    [['sync', '--bogus'], "Unknown option '--bogus'"],
  ])('%j is bad usage of an option: exit 2, with the command’s own help named', async (argv, message) => {
    const { code, stdout, stderr } = await bench.run(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(
      new RegExp(`\n {2}Usage: mlflow-codex ${argv[0]} .*\n {2}mlflow-codex ${argv[0]} --help says more\n$`),
    );
  });

  it('says what is wrong and the remedy on stderr: exit 1; with --json on stdout too', async () => {
    bench.put(bench.userConfig, 'a =\n');
    const argv = ['uninstall', '-y'];
    const plain = await bench.run(...argv);
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^mlflow-codex: .*config\.toml:1:.*not valid TOML\n {2}Correct /);
    const json = await bench.run(...argv, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      error: { message: expect.stringContaining('config.toml:1:'), hint: expect.any(String) },
    });
  });

  it('names a file in the place of our folder, and how to mend it: exit 1', async () => {
    bench.put(path.join(bench.codexHome, 'mlflow-codex'), '');
    for (const command of ['status', 'sync']) {
      const { code, stdout, stderr } = await bench.run(command);
      expect([command, code]).toEqual([command, 1]);
      expect(stdout + stderr).toMatch(/mlflow-codex.*ENOTDIR[\s\S]*Move .*mlflow-codex away/);
      expect(stdout + stderr).not.toContain('internal error');
    }
  });

  it('names a file that the system refuses, and how to mend it, and calls it no bug: exit 1', async () => {
    const file = path.join(bench.home, 'closed.jsonl');
    bench.put(file, '');
    const refused = Object.assign(new Error(`EACCES: permission denied, open '${file}'`), {
      code: 'EACCES',
      path: file,
    });
    bench.env = environmentThatThrows(refused);
    const { code, stderr } = await bench.run('status');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^mlflow-codex: .*closed\.jsonl cannot be used \(EACCES\)\n {2}(chmod|sudo chown) .*closed\.jsonl/,
    );
  });

  it('takes an unforeseen error for a bug, and says so: exit 1', async () => {
    bench.env = environmentThatThrows(new RangeError('unforeseen'));
    const { code, stderr } = await bench.run('status');
    expect(code).toBe(1);
    expect(stderr).toContain('internal error: unforeseen');
    expect(stderr).toContain('This is a bug in mlflow-codex 0.0.0');
    const url = new URL(stderr.match(/https:\S+/)?.[0] ?? '');
    expect(url.pathname).toMatch(/\/issues\/new$/);
    expect(url.searchParams.get('title')).toMatch(/^Internal error: RangeError at cli\.test\.ts:\d+:\d+$/);
    expect(url.searchParams.get('body')).toContain(
      `mlflow-codex 0.0.0, status\nNode ${process.versions.node}`,
    );
    // What the error says may be the user's.
    expect(decodeURIComponent(url.href)).not.toMatch(/unforeseen|\/home|\/tmp/);
  });
});

/** The first thing a command asks for is what fails. */
function environmentThatThrows(error: Error): NodeJS.ProcessEnv {
  return new Proxy(
    {},
    {
      get() {
        throw error;
      },
    },
  );
}
