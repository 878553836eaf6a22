import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chooseNotifier,
  notifierCandidates,
  startNotifier,
  startWithoutNpx,
} from '../../src/install/choose-notifier.js';
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
  const byName = ['mlflow-codex', 'notify-hook'];
  const byNpx = ['npx', '-y', '@mlflow/codex@1.2.3', 'notify-hook'];
  const script = '/home/a/.npm/_npx/0123/node_modules/@mlflow/codex/bin/mlflow-codex.js';
  const candidates = (more: { script?: string; platform?: 'win32' }, shortPath?: string) =>
    notifierCandidates({ ...program, ...more }, bench.env, shortPath).map(({ argv }) => argv);

  it('is node and the script where only the shell’s PATH has the name: a desktop’s Codex has another', () => {
    bench.script('mlflow-codex', '');
    expect(candidates({})).toEqual([byNode]);
  });

  it('is the name first where every Codex has it on its PATH', () => {
    bench.script('mlflow-codex', '');
    expect(candidates({}, bench.bin)).toEqual([byName, byNode]);
  });

  it('is npx with this version where npx runs us, but for a program that is installed', () => {
    expect(candidates({ script })).toEqual([byNpx, ['/n/node', script, 'notify-hook']]);
    bench.script('mlflow-codex', '');
    const installed = ['/n/node', path.join(bench.bin, 'mlflow-codex'), 'notify-hook'];
    expect(candidates({ script })[0]).toEqual(installed);
  });

  it('is npx where only npm has put our name on the PATH, for as long as it runs', () => {
    bench.script('mlflow-codex', '');
    const passing = path.join(bench.base, 'node_modules', '.bin');
    mkdirSync(path.dirname(passing));
    renameSync(bench.bin, passing);
    bench.env = { PATH: passing };
    expect(candidates({ script })[0]).toEqual(byNpx);
  });

  it('is node and the script alone on Windows', () => {
    bench.script('mlflow-codex', '');
    expect(candidates({ platform: 'win32' }, bench.bin)).toEqual([byNode]);
  });
});

describe('startNotifier', () => {
  it('tells a notifier of ours from what is none', async () => {
    bench.script('ours', 'echo mlflow-codex 9.8.7');
    bench.script('other', 'echo hello');
    bench.script('broken', 'echo mlflow-codex 9.8.7; exit 1');
    const start = (name: string) => startNotifier([path.join(bench.bin, name), 'notify-hook'], bench.env);
    expect(await start('ours')).toEqual({ kind: 'starts', version: '9.8.7' });
    const broken = (code: number) => ({
      kind: 'fails',
      reason: `it is not mlflow-codex, or broken (exit code ${code})`,
    });
    expect(await start('other')).toEqual(broken(0));
    expect(await start('broken')).toEqual(broken(1));
    expect(await start('none')).toEqual({ kind: 'fails', reason: 'it is not there' });
    expect(await startNotifier(['a\0b', 'notify-hook'], bench.env)).toEqual({
      kind: 'fails',
      reason: 'ERR_INVALID_ARG_VALUE',
    });
  });

  it('runs it with its own arguments but the last, as `--version`', async () => {
    bench.script('ours', 'test "$1 $2 $3" = "-y pkg --version" && echo mlflow-codex 1.0.0');
    expect(await startNotifier(['ours', '-y', 'pkg', 'notify-hook'], bench.env)).toMatchObject({
      kind: 'starts',
    });
  });
});

describe('startWithoutNpx', () => {
  it.each([
    [['npx', '-y', '@mlflow/codex@1.2.3', 'notify-hook'], '1.2.3'],
    [['/n/npx.cmd', '-y', '@mlflow/codex', 'notify-hook'], ''],
  ])('believes npx its version, and does not start it: %j', async (argv, version) => {
    expect(await startWithoutNpx(argv, {})).toEqual({ kind: 'starts', version });
  });

  it('starts any other', async () => {
    bench.script('npx-like', 'echo mlflow-codex 4.5.6');
    expect(await startWithoutNpx([path.join(bench.bin, 'npx-like'), 'notify-hook'], bench.env)).toEqual({
      kind: 'starts',
      version: '4.5.6',
    });
    expect(await startWithoutNpx([], bench.env)).toMatchObject({ kind: 'fails' });
  });
});

describe('chooseNotifier', () => {
  it('says what does not start where nothing of this version does', async () => {
    const program = { node: '/n/node', script: '/s/x.js', version: '1.0.0', platform: 'linux' } as const;
    for (const started of [
      { kind: 'fails', reason: 'x' },
      { kind: 'starts', version: '1.0.1' },
    ] as const)
      await expect(chooseNotifier(program, bench.env, async () => started)).rejects.toThrow(
        expect.objectContaining({
          message: '/s/x.js does not start with /n/node',
          hint: 'Install it again: npm install -g @mlflow/codex',
        }),
      );
  });

  it('takes the first that starts in this version, without the shell’s PATH', async () => {
    const byNode = [bench.program.node, bench.program.script, 'notify-hook'];
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.0');
    expect(await chooseNotifier(bench.program, bench.env)).toEqual(byNode);
    const short = `${bench.bin}:/usr/bin:/bin`;
    expect(await chooseNotifier(bench.program, bench.env, startNotifier, short)).toEqual([
      'mlflow-codex',
      'notify-hook',
    ]);
    bench.script('mlflow-codex', 'echo mlflow-codex 0.0.1');
    expect(await chooseNotifier(bench.program, bench.env, startNotifier, short)).toEqual(byNode);
    bench.script('mlflow-codex', 'only-in-my-shell; exit $?');
    expect(await chooseNotifier(bench.program, bench.env, startNotifier, short)).toEqual(byNode);
  });
});
