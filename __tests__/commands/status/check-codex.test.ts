import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkCodex } from '../../../src/commands/status/check-codex.js';
import type { PluginCheck } from '../../../src/commands/status/check-plugin.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.remove());

const OURS = 'notify = ["mlflow-codex", "notify-hook"]\n';
const THEIRS = 'notify = ["bell"]\n';
const STOP = '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "mlflow-codex stop-hook"\n';
const OFF = '[features]\nhooks = false\n';
const etc = (name: string) => path.join(bench.base, 'etc', name);
const hooksJson = (folder: string) => path.join(folder, 'hooks.json');
const JSON_STOP = { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'mlflow-codex stop-hook' }] }] } };

/** All that is found, but for Node and Codex themselves, with the folders' names in place of their paths. */
async function found(more: Partial<StatusContext> = {}, plugin?: PluginCheck) {
  const context = {
    codexHome: bench.codexHome,
    stateDir: path.join(bench.codexHome, 'mlflow-codex'),
    systemCodexDir: path.join(bench.base, 'etc'),
    project: bench.project,
    codex: { file: '/bin/codex', version: '0.171.0' },
    nodeVersion: '20.0.0',
    ...more,
  } as StatusContext;
  const { findings, notifier } = await checkCodex(context, plugin);
  const text = JSON.stringify(findings.slice(2));
  const short = text
    .replaceAll(`${bench.codexHome}/`, 'HOME/')
    .replaceAll(`${bench.project}/`, 'PROJECT/')
    .replaceAll(`${bench.base}/etc`, 'ETC');
  return { findings: JSON.parse(short), notifier, first: findings.slice(0, 2) };
}
const one = (code: string, level: string, args: object) => ({ code, level, args });
const MISSING = one('notify-missing', 'error', { file: 'HOME/config.toml' });

describe('of Node and Codex status says', () => {
  test.each<[string, StatusContext['codex'], object]>([
    [
      'which Codex it is',
      { file: '/c', version: '0.169.0' },
      one('codex', 'ok', { file: '/c', version: '0.169.0' }),
    ],
    ['that it does not say its version', { file: '/c' }, one('codex-mute', 'warning', { file: '/c' })],
    ['that there is none', undefined, one('codex-missing', 'warning', {})],
  ])('%s', async (_, codex, finding) => {
    const { first } = await found({ codex });
    expect(first).toEqual([one('node', 'ok', { version: '20.0.0' }), finding]);
  });

  test.each([
    ['17.99.0', 'error'],
    ['18.18.0', 'error'],
    ['18.19.0', 'ok'],
    ['19.0.0', 'ok'],
    ['18', 'error'],
  ])('whether Node %s will do: %s', async (nodeVersion, level) => {
    const { first } = await found({ nodeVersion });
    expect(first[0]).toEqual(one(level === 'ok' ? 'node' : 'node-old', level, { version: nodeVersion }));
  });
});

describe('of the notify slot status says', () => {
  test('that nobody has it', async () => {
    expect(await found()).toMatchObject({ findings: [MISSING], notifier: undefined });
    bench.put(bench.userConfig, 'notify = []\n');
    expect((await found()).findings).toEqual([MISSING]);
  });

  test('where ours is, and whom it calls first', async () => {
    bench.put(bench.userConfig, `\n${OURS}`);
    const ours = one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 2 });
    expect(await found()).toMatchObject({ findings: [ours], notifier: ['mlflow-codex', 'notify-hook'] });
    const entry = { argv: ['mlflow-codex', 'notify-hook'], created: false, createdFolder: false };
    const notify = [
      { ...entry, file: '/elsewhere', forward: ['ding'] },
      { ...entry, file: bench.userConfig, forward: ['bell', '-l'] },
    ];
    bench.put(bench.record, { version: 1, tracing: [], notify });
    expect((await found()).findings).toEqual([
      ours,
      one('notify-forwards', 'info', { notifier: '["bell","-l"]' }),
    ]);
  });

  test('that an older program of ours is called', async () => {
    bench.put(bench.userConfig, 'notify = ["node", "/x/@mlflow/codex/bundle/stop.js"]\n');
    expect((await found()).findings).toEqual([
      one('notify-older', 'error', { file: 'HOME/config.toml', line: 1 }),
    ]);
  });

  test('whom Codex calls in our place', async () => {
    const foreign = (code: string, file: string, notifier: string) =>
      one(code, 'error', { file, line: 1, notifier });
    bench.put(bench.userConfig, THEIRS);
    expect(await found()).toMatchObject({
      findings: [foreign('notify-foreign', 'HOME/config.toml', '["bell"]')],
      notifier: undefined,
    });
    bench.put(bench.userConfig, 'notify = 7\n');
    expect((await found()).findings).toEqual([foreign('notify-foreign', 'HOME/config.toml', '')]);
    bench.put(etc('managed_config.toml'), THEIRS);
    bench.put(bench.userConfig, OURS);
    expect((await found()).findings).toEqual([
      foreign('notify-managed', 'ETC/managed_config.toml', '["bell"]'),
      one('notify-overruled', 'warning', {
        file: 'HOME/config.toml',
        line: 1,
        by: 'ETC/managed_config.toml',
      }),
    ]);
  });

  test('nothing of one that is overruled where ours is called all the same, or which is nobody’s', async () => {
    bench.put(etc('managed_config.toml'), OURS);
    bench.put(bench.userConfig, OURS);
    bench.put(etc('config.toml'), THEIRS);
    expect((await found()).findings).toEqual([
      one('notify-ours', 'ok', { file: 'ETC/managed_config.toml', line: 1 }),
    ]);
  });

  test('that Codex ignores a project’s, from 0.130 on', async () => {
    bench.put(bench.projectConfig, `\n${OURS}`);
    bench.put(bench.userConfig, OURS);
    const ours = one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 1 });
    expect((await found()).findings).toEqual([
      one('notify-ignored', 'error', { file: 'PROJECT/.codex/config.toml', line: 2, version: '0.171.0' }),
      ours,
    ]);
    const inProject = one('notify-ours', 'ok', { file: 'PROJECT/.codex/config.toml', line: 2 });
    expect((await found({ codex: { file: '/c', version: '0.120.0' } })).findings).toEqual([inProject]);
    expect((await found({ codex: { file: '/c' } })).findings).toEqual([ours]);
    bench.put(bench.projectConfig, THEIRS);
    expect((await found()).findings).toEqual([ours]);
  });

  test('once what is in Codex’s home, where that is the project’s folder too', async () => {
    bench.put(bench.userConfig, OURS);
    expect((await found({ project: bench.home })).findings).toEqual([
      one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 1 }),
    ]);
  });

  test('which file is broken, and goes on with the others', async () => {
    const broken = (file: string, place: string) => ({
      code: 'config-broken',
      level: 'error',
      args: { file, message: expect.stringContaining(place), hint: expect.any(String) },
    });
    bench.put(bench.userConfig, 'a =\n');
    bench.put(bench.projectConfig, 'b =\n');
    bench.put(etc('config.toml'), 'c =\n');
    const { findings, notifier } = await found({ codex: { file: '/c', version: '0.120.0' } });
    expect(findings).toEqual([
      broken('HOME/config.toml', 'HOME/config.toml:1:'),
      broken('PROJECT/.codex/config.toml', 'PROJECT/.codex/config.toml:1:'),
      broken('ETC', 'ETC/config.toml:1:'),
    ]);
    expect(notifier).toBeUndefined();
  });

  test('which profile calls another program, and passes a broken one over', async () => {
    bench.put(bench.userConfig, OURS);
    bench.put(path.join(bench.codexHome, 'work.config.toml'), `\n${THEIRS}`);
    bench.put(path.join(bench.codexHome, 'mine.config.toml'), OURS);
    bench.put(path.join(bench.codexHome, 'torn.config.toml'), 'a =\n');
    bench.put(path.join(bench.codexHome, '.config.toml'), THEIRS);
    bench.put(path.join(bench.codexHome, 'old.config.toml.bak'), THEIRS);
    expect((await found()).findings).toEqual([
      one('notify-of-profile', 'warning', { file: 'HOME/work.config.toml', line: 2, profile: 'work' }),
      one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 1 }),
    ]);
  });
});

describe('of hooks beside notify status says', () => {
  test('where an administrator’s is, and that another notifier there is no quarrel', async () => {
    bench.put(etc('requirements.toml'), STOP);
    bench.put(bench.userConfig, `\n${THEIRS}`);
    expect(await found()).toMatchObject({
      findings: [
        one('hook-managed', 'ok', { file: 'ETC/requirements.toml' }),
        one('notify-beside', 'info', { file: 'HOME/config.toml', line: 2, notifier: '["bell"]' }),
      ],
      notifier: ['mlflow-codex', 'stop-hook'],
    });
  });

  test('that this Codex is too old for an administrator’s, or does not say', async () => {
    bench.put(etc('requirements.toml'), STOP);
    const old = (version: string, level: string) =>
      one('hook-managed-unread', level, { file: 'ETC/requirements.toml', version });
    expect((await found({ codex: { file: '/c', version: '0.130.0' } })).findings).toEqual([
      old('0.130.0', 'error'),
    ]);
    bench.put(bench.userConfig, OURS);
    expect((await found({ codex: { file: '/c', version: '0.130.0' } })).findings[0]).toEqual(
      old('0.130.0', 'warning'),
    );
    expect((await found({ codex: undefined })).findings[0]).toEqual(
      one('hook-managed', 'ok', { file: 'ETC/requirements.toml' }),
    );
  });

  test.each<[string, () => string, unknown, string, number]>([
    ['config.toml', () => bench.userConfig, `a = 1\n${STOP}`, 'HOME/config.toml', 5],
    ['hooks.json', () => hooksJson(bench.codexHome), JSON_STOP, 'HOME/hooks.json', 1],
    [
      'the project’s hooks.json',
      () => hooksJson(path.join(bench.project, '.codex')),
      JSON_STOP,
      'PROJECT/.codex/hooks.json',
      1,
    ],
  ])('where the user’s own is: %s', async (_, file, content, name, line) => {
    bench.put(file(), content);
    const ours = one('stop-hook-ours', 'ok', { file: name, line });
    expect(await found()).toMatchObject({ findings: [ours], notifier: undefined });
    // What setup has recorded of it can be started, if it is still that.
    const command = 'mlflow-codex stop-hook';
    const stopHook = { file: file(), argv: ['mlflow-codex', 'stop-hook'], command, inserted: 'x' };
    const record = (more: object) =>
      bench.put(bench.record, {
        version: 1,
        stopHook: { ...stopHook, created: false, createdFolder: false, ...more },
      });
    record({});
    expect((await found()).notifier).toEqual(['mlflow-codex', 'stop-hook']);
    record({ command: 'other stop-hook' });
    expect((await found()).notifier).toBeUndefined();
    record({ file: '/elsewhere' });
    expect((await found()).notifier).toBeUndefined();
  });

  test('which file switches them all off', async () => {
    bench.put(bench.userConfig, OFF + STOP);
    expect(await found()).toMatchObject({
      findings: [one('hooks-off', 'error', { hook: 'HOME/config.toml', file: 'HOME/config.toml' })],
      notifier: undefined,
    });
    bench.put(etc('requirements.toml'), STOP);
    bench.put(bench.userConfig, OURS + OFF);
    expect((await found()).findings).toEqual([
      one('hooks-off', 'warning', { hook: 'ETC/requirements.toml', file: 'HOME/config.toml' }),
      one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 1 }),
    ]);
  });

  test('what switches the user’s own off alone; a warning where something else calls us', async () => {
    bench.put(bench.userConfig, STOP);
    bench.put(etc('requirements.toml'), 'allow_managed_hooks_only = true\n');
    const off = (level: string, line: number) =>
      one('stop-hook-off', level, { file: 'HOME/config.toml', line, by: 'ETC/requirements.toml' });
    expect((await found()).findings).toEqual([off('error', 4)]);
    bench.put(bench.userConfig, OURS + STOP);
    expect((await found()).findings).toEqual([
      one('notify-ours', 'ok', { file: 'HOME/config.toml', line: 1 }),
      off('warning', 5),
    ]);
    bench.put(bench.userConfig, STOP);
    bench.put(etc('requirements.toml'), `allow_managed_hooks_only = true\n${STOP}`);
    expect((await found()).findings).toEqual([
      one('hook-managed', 'ok', { file: 'ETC/requirements.toml' }),
      off('warning', 4),
    ]);
  });

  test('which profile switches them off, unless an administrator has fixed them', async () => {
    bench.put(bench.userConfig, STOP);
    bench.put(path.join(bench.codexHome, 'work.config.toml'), OFF);
    bench.put(path.join(bench.codexHome, 'mine.config.toml'), '[features]\nhooks = true\n');
    const ours = one('stop-hook-ours', 'ok', { file: 'HOME/config.toml', line: 4 });
    expect((await found()).findings).toEqual([
      one('profile-hooks-off', 'warning', { file: 'HOME/work.config.toml', profile: 'work' }),
      ours,
    ]);
    bench.put(etc('managed_config.toml'), '[features]\nhooks = true\n');
    expect((await found()).findings).toEqual([ours]);
  });

  const plugin = (level: 'ok' | 'error'): PluginCheck => ({
    finding:
      level === 'ok'
        ? { code: 'plugin-hook', level, args: { id: 'p', version: '1' } }
        : { code: 'plugin-untrusted', level, args: { id: 'p', version: '1', wasApproved: true } },
    argv: ['node', 'p.js', 'stop-hook'],
  });
  test('how our plugin stands, and what it starts', async () => {
    expect(await found({}, plugin('ok'))).toMatchObject({
      findings: [plugin('ok').finding],
      notifier: ['node', 'p.js', 'stop-hook'],
    });
    expect((await found({}, plugin('error'))).findings).toEqual([plugin('error').finding]);
    bench.put(bench.userConfig, OFF);
    expect((await found({}, plugin('ok'))).findings).toEqual([
      one('hooks-off', 'error', { hook: 'HOME/config.toml', file: 'HOME/config.toml' }),
    ]);
  });

  test('what is wrong with our plugin only as a warning, where the user’s own hook runs', async () => {
    bench.put(bench.userConfig, STOP);
    const { findings } = await found({}, plugin('error'));
    expect(findings).toEqual([
      one('stop-hook-ours', 'ok', { file: 'HOME/config.toml', line: 4 }),
      { ...plugin('error').finding, level: 'warning' },
    ]);
    bench.put(etc('requirements.toml'), 'allow_managed_hooks_only = true\n');
    expect((await found({}, plugin('error'))).findings.map(({ level }: { level: string }) => level)).toEqual([
      'error',
      'error',
    ]);
  });
});
