import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { checkCodex } from '../../../src/commands/status/check-codex.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';

/**
 * Which layer of Codex's configuration wins (0.169 and 0.171, Linux): the managed config before the
 * user's, the user's before the system's; a managed Stop hook beside them all.
 */
let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
  for (const folder of ['etc', 'home', 'project']) mkdirSync(path.join(base, folder));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const OURS = 'notify = ["/usr/local/bin/mlflow-codex", "notify-hook"]\n';
const THEIRS = 'notify = ["/opt/company/notifier"]\n';
const STOP =
  '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "/usr/bin/mlflow-codex stop-hook"\n';

const etc = (name: string, text: string) => writeFileSync(path.join(base, 'etc', name), text);
const users = (text: string) => writeFileSync(path.join(base, 'home', 'config.toml'), text);

/** What status says of hooks and notifiers, as code, level and file. */
async function said(version = '0.171.0') {
  const context = {
    codexHome: path.join(base, 'home'),
    stateDir: path.join(base, 'home', 'mlflow-codex'),
    systemCodexDir: path.join(base, 'etc'),
    project: path.join(base, 'project'),
    codex: { file: 'codex', version },
    nodeVersion: '20.0.0',
  } as StatusContext;
  const { findings, notifier } = await checkCodex(context, undefined);
  const told = findings
    .filter(({ code }) => /notify|hook/.test(code))
    .map(({ code, level, args }) => {
      const { file } = args as { file: string };
      return `${level} ${code} ${path.relative(base, file)}`;
    });
  return { told, notifier };
}

const OUR_ARGV = ['/usr/local/bin/mlflow-codex', 'notify-hook'];
const STOP_ARGV = ['/usr/bin/mlflow-codex', 'stop-hook'];

describe('status, of a hook that is called,', () => {
  it('names the system’s file where ours is there and the user has none', async () => {
    etc('config.toml', OURS);
    expect(await said()).toEqual({ told: ['ok notify-ours etc/config.toml'], notifier: OUR_ARGV });
  });

  it('names the managed file, which wins over somebody else’s of the user', async () => {
    etc('managed_config.toml', OURS);
    users(THEIRS);
    expect(await said()).toEqual({ told: ['ok notify-ours etc/managed_config.toml'], notifier: OUR_ARGV });
  });

  it.each(['requirements.toml', 'config.toml'])('names the managed Stop hook in %s', async (name) => {
    etc(name, STOP);
    expect(await said()).toEqual({ told: [`ok hook-managed etc/${name}`], notifier: STOP_ARGV });
  });

  it('names the Stop hook in the system’s hooks.json', async () => {
    const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'mlflow-codex stop-hook' }] }] };
    etc('hooks.json', JSON.stringify({ hooks }));
    expect(await said()).toEqual({
      told: ['ok hook-managed etc/hooks.json'],
      notifier: ['mlflow-codex', 'stop-hook'],
    });
  });

  it('passes variables before a managed hook’s program over, and leaves a shell’s text alone', async () => {
    etc('requirements.toml', STOP.replace('"/usr', '"MLFLOW_EXPERIMENT_ID=7 /usr'));
    expect((await said()).notifier).toEqual(STOP_ARGV);
    etc('requirements.toml', STOP.replace('"/usr', '"cd / && /usr'));
    expect(await said()).toEqual({ told: ['ok hook-managed etc/requirements.toml'], notifier: undefined });
  });

  it('has no quarrel with another notifier beside a managed Stop hook', async () => {
    etc('requirements.toml', STOP);
    users(THEIRS);
    expect((await said()).told).toEqual([
      'ok hook-managed etc/requirements.toml',
      'info notify-beside home/config.toml',
    ]);
  });
});

it('says nothing of our notifier in the system’s file that the user’s own silences, where a managed hook runs', async () => {
  etc('requirements.toml', STOP);
  etc('config.toml', OURS);
  users(THEIRS);
  expect((await said()).told).toEqual([
    'ok hook-managed etc/requirements.toml',
    'info notify-beside home/config.toml',
  ]);
});

describe('status, of a hook that is not called,', () => {
  it('says so of a Codex that is too old for managed hooks', async () => {
    etc('requirements.toml', STOP);
    expect((await said('0.130.0')).told).toEqual(['error hook-managed-unread etc/requirements.toml']);
    etc('config.toml', OURS);
    expect((await said('0.130.0')).told).toEqual([
      'warning hook-managed-unread etc/requirements.toml',
      'ok notify-ours etc/config.toml',
    ]);
    expect((await said('0.134.0')).told).toEqual([
      'ok hook-managed etc/requirements.toml',
      'ok notify-ours etc/config.toml',
    ]);
  });

  it('names the managed file that nobody overrules', async () => {
    etc('managed_config.toml', THEIRS);
    users(OURS);
    expect(await said()).toEqual({
      told: ['error notify-managed etc/managed_config.toml', 'warning notify-overruled home/config.toml'],
      notifier: undefined,
    });
  });

  it('names the system’s file with somebody else’s, where the user has none', async () => {
    etc('config.toml', THEIRS);
    expect((await said()).told).toEqual(['error notify-foreign etc/config.toml']);
  });

  it('names the user’s own that silences ours in the system’s', async () => {
    etc('config.toml', OURS);
    users(THEIRS);
    expect((await said()).told).toEqual([
      'error notify-foreign home/config.toml',
      'warning notify-overruled etc/config.toml',
    ]);
  });

  it('says so where the user has switched the system’s off', async () => {
    etc('config.toml', OURS);
    users('notify = []\n');
    expect((await said()).told).toEqual([
      'error notify-missing home/config.toml',
      'warning notify-overruled etc/config.toml',
    ]);
  });

  it('takes no other program’s Stop hook for ours', async () => {
    etc('requirements.toml', STOP.replace('/usr/bin/mlflow-codex', '/usr/bin/their-mlflow-codex'));
    expect((await said()).told).toEqual(['error notify-missing home/config.toml']);
  });
});

const OFF = '[features]\nhooks = false\n';
const ON = '[features]\nhooks = true\n';
const profile = (text: string) => writeFileSync(path.join(base, 'home', 'work.config.toml'), text);

describe('status, where hooks are switched off,', () => {
  it('says which file keeps a managed hook from being run', async () => {
    etc('requirements.toml', STOP);
    users(OFF);
    expect(await said()).toEqual({ told: ['error hooks-off home/config.toml'], notifier: undefined });
  });

  it('knows the older name of the switch', async () => {
    etc('requirements.toml', STOP);
    users(OFF.replace('hooks', 'codex_hooks'));
    expect((await said()).told).toEqual(['error hooks-off home/config.toml']);
  });

  it('is content where an administrator has fixed them to on', async () => {
    etc('requirements.toml', ON + STOP);
    users(OFF);
    profile(OFF);
    expect((await said()).told).toEqual(['ok hook-managed etc/requirements.toml']);
  });

  it.each([
    [
      'the managed config before the user’s',
      { etc: ['managed_config.toml', OFF], users: ON },
      'etc/managed_config.toml',
    ],
    [
      'the system’s where the user’s says nothing',
      { etc: ['config.toml', OFF], users: '' },
      'etc/config.toml',
    ],
  ] as const)('follows Codex’s order: %s', async (_, layers, file) => {
    etc('requirements.toml', STOP);
    etc(layers.etc[0], layers.etc[1]);
    users(layers.users);
    expect((await said()).told).toEqual([`error hooks-off ${file}`]);
  });

  it('follows a project’s file only where Codex trusts the project', async () => {
    etc('requirements.toml', STOP);
    const folder = path.join(base, 'project', '.codex');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'config.toml'), OFF);
    expect((await said()).told).toEqual(['ok hook-managed etc/requirements.toml']);
    users(`[projects.${JSON.stringify(path.join(base, 'project'))}]\ntrust_level = "trusted"\n`);
    expect((await said()).told).toEqual(['error hooks-off project/.codex/config.toml']);
  });

  it('only warns where our notifier is called all the same', async () => {
    etc('requirements.toml', STOP);
    users(OURS + OFF);
    expect(await said()).toEqual({
      told: ['warning hooks-off home/config.toml', 'ok notify-ours home/config.toml'],
      notifier: OUR_ARGV,
    });
  });

  it('warns of a profile that does it', async () => {
    etc('requirements.toml', STOP);
    profile(OFF);
    expect((await said()).told).toEqual([
      'ok hook-managed etc/requirements.toml',
      'warning profile-hooks-off home/work.config.toml',
    ]);
  });
});

describe('status, of the user’s own Stop hook,', () => {
  const state = () =>
    `[hooks.state.${JSON.stringify(`${path.join(base, 'home', 'config.toml')}:stop:0:0`)}]\nenabled = false\n`;

  it('says that the user has switched it off by itself', async () => {
    users(STOP + state());
    expect(await said()).toEqual({ told: ['error stop-hook-off home/config.toml'], notifier: undefined });
    users(THEIRS + STOP + state());
    expect((await said()).told).toEqual([
      'info notify-beside home/config.toml',
      'error stop-hook-off home/config.toml',
    ]);
  });

  it('says that an administrator lets managed hooks run alone', async () => {
    etc('requirements.toml', 'allow_managed_hooks_only = true\n');
    users(STOP);
    expect((await said()).told).toEqual(['error stop-hook-off home/config.toml']);
  });

  it('does not take the switch of another hook for its own', async () => {
    users(`${STOP.replaceAll('/usr/bin/mlflow-codex', '/usr/bin/other')}${STOP}${state()}`);
    expect((await said()).told).toEqual(['ok stop-hook-ours home/config.toml']);
  });
});

test.each([
  ['16.20.0', 'node-old'],
  ['18.18.9', 'node-old'],
  ['18.19.0', 'node'],
  ['20.5.0', 'node'],
  ['22.0.0', 'node'],
])('status says of Node %s: %s', async (nodeVersion, code) => {
  const folders = { codexHome: base, stateDir: base, systemCodexDir: base, project: base };
  const { findings } = await checkCodex(
    { ...folders, codex: undefined, nodeVersion } as StatusContext,
    undefined,
  );
  expect(findings[0]).toMatchObject({
    code,
    level: code === 'node' ? 'ok' : 'error',
    args: { version: nodeVersion },
  });
});
