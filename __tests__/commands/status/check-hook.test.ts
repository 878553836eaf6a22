import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkHook } from '../../../src/commands/status/check-hook.js';
import type { StatusContext } from '../../../src/commands/status/status-context.js';
import type { NotifierStart } from '../../../src/install/choose-notifier.js';
import { withShortPath } from '../../../src/platform/files/find-on-path.js';
import { Workbench } from '../workbench.js';

let bench: Workbench;
const children: (() => void)[] = [];
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => {
  for (const end of children.splice(0)) end();
  bench.remove();
});

const ARGV = ['mlflow-codex', 'notify-hook'];
const command = 'mlflow-codex notify-hook';
const starts = (version = '1.0.0'): NotifierStart => ({ kind: 'starts', version });
const fails: NotifierStart = { kind: 'fails', reason: 'it is not there' };
const OK = { code: 'hook-starts', level: 'ok', args: { command, version: '1.0.0' } };

/** What is said where the notifier starts so in each environment: this shell's, a bare one, the daemon's. */
async function said(
  shell: NotifierStart,
  bare: NotifierStart = shell,
  daemon: NotifierStart = shell,
  sessions = 0,
) {
  const asked: NodeJS.ProcessEnv[] = [];
  const findings = await checkHook(
    ARGV,
    {
      io: { env: bench.env },
      codexHome: bench.codexHome,
      version: '1.0.0',
      startNotifier: async (argv: readonly string[], env: NodeJS.ProcessEnv) => {
        expect(argv).toEqual(ARGV);
        asked.push(env);
        return [shell, bare, daemon][asked.length - 1] ?? fails;
      },
    } as unknown as StatusContext,
    sessions,
  );
  return { findings, asked };
}

describe('of the registered notifier status says', () => {
  test('that it starts here, and from a Codex that no shell started', async () => {
    expect(await said(starts())).toEqual({ findings: [OK], asked: [bench.env, withShortPath(bench.env)] });
  });

  test('why it does not start, and tries it nowhere else', async () => {
    expect(await said(fails)).toEqual({
      findings: [{ code: 'hook-fails', level: 'error', args: { command, reason: 'it is not there' } }],
      asked: [bench.env],
    });
  });

  test('that it is another version', async () => {
    expect((await said(starts('0.9.0'))).findings).toEqual([
      { code: 'hook-other-version', level: 'warning', args: { command, version: '0.9.0', own: '1.0.0' } },
    ]);
  });

  test('that it needs this shell’s PATH, and how many sessions may be missing for it', async () => {
    expect((await said(starts(), fails, fails, 3)).findings).toEqual([
      OK,
      { code: 'hook-needs-shell-path', level: 'warning', args: { command, sessions: 3 } },
    ]);
  });
});

describe('of a Codex daemon status says', () => {
  /** A process of ours with this environment stands in for it. */
  function daemon(env: NodeJS.ProcessEnv): number | undefined {
    const child = spawn('/bin/sleep', ['600'], { env, stdio: 'ignore' });
    children.push(() => child.kill());
    bench.put(path.join(bench.codexHome, 'app-server-daemon', 'daemon.pid'), { pid: child.pid });
    return child.pid;
  }
  const onLinux = process.platform === 'linux' ? test : test.skip;

  onLinux('that it can start the hook', async () => {
    const env = { PATH: '/bin', CODEX_HOME: '', OTHER: '1' };
    const pid = daemon(env);
    const { findings, asked } = await said(starts());
    expect(findings).toEqual([OK, { code: 'daemon-ok', level: 'ok', args: { pid } }]);
    expect(asked[2]).toEqual(env);
  });

  onLinux('why it cannot', async () => {
    const pid = daemon({ PATH: '/bin' });
    expect((await said(starts(), starts(), fails)).findings).toEqual([
      OK,
      { code: 'daemon-hook-fails', level: 'error', args: { pid, command, reason: 'it is not there' } },
    ]);
  });

  onLinux('nothing, where the hook does not start here either', async () => {
    daemon({ PATH: '/bin' });
    expect((await said(fails)).findings).toHaveLength(1);
  });

  onLinux('that its environment cannot be read', async () => {
    const pid = daemon({});
    expect((await said(starts())).findings).toEqual([
      OK,
      { code: 'daemon-unread', level: 'info', args: { pid } },
    ]);
  });

  onLinux.each([
    'CODEX_HOME',
    'MLFLOW_TRACKING_URI',
    'MLFLOW_EXPERIMENT_ID',
    'MLFLOW_EXPERIMENT_NAME',
    'MLFLOW_TRACKING_USERNAME',
    'MLFLOW_TRACKING_PASSWORD',
    'MLFLOW_TRACKING_TOKEN',
    'MLFLOW_WORKSPACE',
    'MLFLOW_TRACE_LOCATION',
    'MLFLOW_CODEX_DISABLED',
    'DATABRICKS_HOST',
    'DATABRICKS_TOKEN',
    'DATABRICKS_CONFIG_PROFILE',
    'DATABRICKS_CONFIG_FILE',
    'DATABRICKS_CLIENT_ID',
    'DATABRICKS_CLIENT_SECRET',
    'DATABRICKS_AUTH_TYPE',
  ])('that it has another %s than this shell', async (name) => {
    const pid = daemon({ PATH: '/bin', [name]: 'x' });
    const warning = { code: 'daemon-environment', level: 'warning', args: { pid, variables: [name] } };
    expect((await said(starts())).findings).toEqual([OK, warning]);
    bench.env = { ...bench.env, [name]: 'x', OTHER: 'y' };
    expect((await said(starts())).findings).toEqual([OK, { code: 'daemon-ok', level: 'ok', args: { pid } }]);
    bench.env[name] = 'y';
    expect((await said(starts())).findings).toEqual([OK, warning]);
  });
});
