import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
function said() {
  const context = {
    codexHome: path.join(base, 'home'),
    stateDir: path.join(base, 'home', 'mlflow-codex'),
    systemCodexDir: path.join(base, 'etc'),
    project: path.join(base, 'project'),
    codex: { file: 'codex', version: '0.171.0' },
    nodeVersion: '20.0.0',
  } as StatusContext;
  const { findings, notifier } = checkCodex(context, undefined);
  const told = findings
    .filter(({ code }) => code.startsWith('notify') || code.startsWith('hook'))
    .map(({ code, level, args }) => {
      const { file } = args as { file: string };
      return `${level} ${code} ${path.relative(base, file)}`;
    });
  return { told, notifier };
}

const OUR_ARGV = ['/usr/local/bin/mlflow-codex', 'notify-hook'];
const STOP_ARGV = ['/usr/bin/mlflow-codex', 'stop-hook'];

describe('status, of a hook that is called,', () => {
  it('names the system’s file where ours is there and the user has none', () => {
    etc('config.toml', OURS);
    expect(said()).toEqual({ told: ['ok notify-ours etc/config.toml'], notifier: OUR_ARGV });
  });

  it('names the managed file, which wins over somebody else’s of the user', () => {
    etc('managed_config.toml', OURS);
    users(THEIRS);
    expect(said()).toEqual({ told: ['ok notify-ours etc/managed_config.toml'], notifier: OUR_ARGV });
  });

  it.each(['requirements.toml', 'config.toml'])('names the managed Stop hook in %s', (name) => {
    etc(name, STOP);
    expect(said()).toEqual({ told: [`ok hook-managed etc/${name}`], notifier: STOP_ARGV });
  });

  it('names the Stop hook in the system’s hooks.json', () => {
    const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'mlflow-codex stop-hook' }] }] };
    etc('hooks.json', JSON.stringify({ hooks }));
    expect(said()).toEqual({
      told: ['ok hook-managed etc/hooks.json'],
      notifier: ['mlflow-codex', 'stop-hook'],
    });
  });

  it('passes variables before a managed hook’s program over, and leaves a shell’s text alone', () => {
    etc('requirements.toml', STOP.replace('"/usr', '"MLFLOW_EXPERIMENT_ID=7 /usr'));
    expect(said().notifier).toEqual(STOP_ARGV);
    etc('requirements.toml', STOP.replace('"/usr', '"cd / && /usr'));
    expect(said()).toEqual({ told: ['ok hook-managed etc/requirements.toml'], notifier: undefined });
  });

  it('has no quarrel with another notifier beside a managed Stop hook', () => {
    etc('requirements.toml', STOP);
    users(THEIRS);
    expect(said().told).toEqual([
      'ok hook-managed etc/requirements.toml',
      'info notify-beside home/config.toml',
    ]);
  });
});

describe('status, of a hook that is not called,', () => {
  it('names the managed file that nobody overrules', () => {
    etc('managed_config.toml', THEIRS);
    users(OURS);
    expect(said()).toEqual({
      told: ['error notify-managed etc/managed_config.toml', 'warning notify-overruled home/config.toml'],
      notifier: undefined,
    });
  });

  it('names the system’s file with somebody else’s, where the user has none', () => {
    etc('config.toml', THEIRS);
    expect(said().told).toEqual(['error notify-foreign etc/config.toml']);
  });

  it('names the user’s own that silences ours in the system’s', () => {
    etc('config.toml', OURS);
    users(THEIRS);
    expect(said().told).toEqual([
      'error notify-foreign home/config.toml',
      'warning notify-overruled etc/config.toml',
    ]);
  });

  it('says so where the user has switched the system’s off', () => {
    etc('config.toml', OURS);
    users('notify = []\n');
    expect(said().told).toEqual([
      'error notify-missing home/config.toml',
      'warning notify-overruled etc/config.toml',
    ]);
  });

  it('takes no other program’s Stop hook for ours', () => {
    etc('requirements.toml', STOP.replace('/usr/bin/mlflow-codex', '/usr/bin/their-mlflow-codex'));
    expect(said().told).toEqual(['error notify-missing home/config.toml']);
  });
});
