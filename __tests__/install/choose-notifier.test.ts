import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chooseNotifier, notifierCandidates, startNotifier } from '../../src/install/choose-notifier.js';
import { Workbench } from '../commands/workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

describe('notifierCandidates', () => {
  const program = {
    node: '/n/node',
    script: '/lib/bin/mlflow-codex.js',
    version: '1.2.3',
    platform: 'linux',
  } as const;
  const byNode = ['/n/node', '/lib/bin/mlflow-codex.js', 'notify-hook'];

  it('is node and the script where the name is not on the PATH', () => {
    expect(notifierCandidates(program, bench.env)).toEqual([byNode]);
  });

  it('is the name first where it is on the PATH, but not where only npm has put it there', () => {
    bench.script('mlflow-codex', '');
    expect(notifierCandidates(program, bench.env)).toEqual([['mlflow-codex', 'notify-hook'], byNode]);
    const passing = path.join(bench.base, 'node_modules', '.bin');
    mkdirSync(path.dirname(passing));
    renameSync(bench.bin, passing);
    expect(notifierCandidates(program, { PATH: passing })).toEqual([byNode]);
  });

  it('is npx with this version where npx runs us', () => {
    const script = '/home/a/.npm/_npx/0123/node_modules/@mlflow/codex/bin/mlflow-codex.js';
    expect(notifierCandidates({ ...program, script }, bench.env)[0]).toEqual([
      'npx',
      '-y',
      '@mlflow/codex@1.2.3',
      'notify-hook',
    ]);
  });

  it('is node and the script alone on Windows', () => {
    bench.script('mlflow-codex', '');
    expect(notifierCandidates({ ...program, platform: 'win32' }, bench.env)).toEqual([byNode]);
  });
});

describe('startNotifier', () => {
  it('tells a notifier of ours from what is none', async () => {
    bench.script('ours', 'echo mlflow-codex 9.8.7');
    bench.script('other', 'echo hello');
    bench.script('broken', 'echo mlflow-codex 9.8.7; exit 1');
    const start = (name: string) => startNotifier([path.join(bench.bin, name), 'notify-hook'], bench.env);
    expect(await start('ours')).toEqual({ kind: 'starts', version: '9.8.7' });
    expect(await start('other')).toMatchObject({ kind: 'fails' });
    expect(await start('broken')).toMatchObject({
      kind: 'fails',
      reason: expect.stringContaining('exit code 1'),
    });
    expect(await start('none')).toEqual({ kind: 'fails', reason: 'it is not there' });
    expect(await startNotifier(['a\0b', 'notify-hook'], bench.env)).toMatchObject({ kind: 'fails' });
  });

  it('runs it with its own arguments but the last, as `--version`', async () => {
    bench.script('ours', 'test "$1 $2 $3" = "-y pkg --version" && echo mlflow-codex 1.0.0');
    expect(await startNotifier(['ours', '-y', 'pkg', 'notify-hook'], bench.env)).toMatchObject({
      kind: 'starts',
    });
  });
});

describe('chooseNotifier', () => {
  it('takes the first that starts in this version', async () => {
    expect(await chooseNotifier(bench.program, bench.env)).toEqual([
      bench.program.node,
      bench.program.script,
      'notify-hook',
    ]);
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    expect(await chooseNotifier(bench.program, bench.env)).toEqual(['mlflow-codex', 'notify-hook']);
  });
});
