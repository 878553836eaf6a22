import { withShortPath } from '../../platform/files/find-on-path.js';
import type { Finding } from '../../platform/problems/finding.js';
import { type CodexDaemon, findCodexDaemon } from './codex-daemon.js';
import type { StatusContext } from './status-context.js';

/**
 * Whether the registered notifier starts: from here, from a Codex that no shell started, and from a Codex
 * daemon that was started long ago.
 * @param sessions how many sessions the hook was never told of
 */
export async function checkHook(
  argv: readonly string[],
  context: StatusContext,
  sessions: number,
): Promise<Finding[]> {
  const command = argv.join(' ');
  const start = await context.startNotifier(argv, context.io.env);
  const findings: Finding[] = [];
  if (start.kind === 'fails') {
    findings.push({ code: 'hook-fails', level: 'error', args: { command, reason: start.reason } });
  } else if (start.version !== context.version) {
    const args = { command, version: start.version, own: context.version };
    findings.push({ code: 'hook-other-version', level: 'warning', args });
  } else findings.push({ code: 'hook-starts', level: 'ok', args: { command, version: start.version } });
  if (start.kind === 'starts') {
    const bare = await context.startNotifier(argv, withShortPath(context.io.env));
    if (bare.kind === 'fails')
      findings.push({ code: 'hook-needs-shell-path', level: 'warning', args: { command, sessions } });
  }
  const daemon = findCodexDaemon(context.codexHome);
  if (daemon !== undefined && start.kind === 'starts')
    findings.push(...(await checkDaemon(argv, daemon, context)));
  return findings;
}

/** Variables that decide where traces go; a daemon keeps those of the shell that started it. */
const DECIDING = [
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
];

async function checkDaemon(
  argv: readonly string[],
  { pid, env }: CodexDaemon,
  context: StatusContext,
): Promise<Finding[]> {
  if (env === undefined) return [{ code: 'daemon-unread', level: 'info', args: { pid } }];
  const start = await context.startNotifier(argv, env);
  if (start.kind === 'fails') {
    return [
      {
        code: 'daemon-hook-fails',
        level: 'error',
        args: { pid, command: argv.join(' '), reason: start.reason },
      },
    ];
  }
  const differing = DECIDING.filter((name) => (env[name] ?? '') !== (context.io.env[name] ?? ''));
  if (differing.length === 0) return [{ code: 'daemon-ok', level: 'ok', args: { pid } }];
  return [{ code: 'daemon-environment', level: 'warning', args: { pid, variables: differing } }];
}
