import path from 'node:path';
import { findOnPath, withoutNpmPath, withShortPath } from '../platform/files/find-on-path.js';
import { UserError } from '../platform/problems/user-error.js';
import { runProgram } from '../platform/process/run-program.js';
import type { RunningProgram } from './running-program.js';

/** How long a registered program may take to say its version; npx may have to fetch it first. */
const START_TIMEOUT_MS = 20_000;

/** A way to call us, and the environment in which it must work. */
interface Candidate {
  argv: string[];
  /** Whether it must work without the PATH of the shell that setup runs in. */
  withoutShell: boolean;
}

/**
 * How Codex could call us, best first. By name where every Codex finds it, also one that a desktop, an
 * editor, systemd or cron started; else by node and the script, which need no PATH. Through npx only
 * where npx runs us now and nothing is installed. On Windows by node and the script alone: Codex starts
 * programs without a shell, and cannot start a `.cmd` (0.169).
 * @param shortPath for tests: the folders that every Codex has on its PATH
 */
export function notifierCandidates(
  program: RunningProgram,
  env: NodeJS.ProcessEnv,
  shortPath?: string,
): Candidate[] {
  const byNode = { argv: [program.node, program.script, 'notify-hook'], withoutShell: true };
  if (program.platform === 'win32') return [byNode];
  const candidates: Candidate[] = [];
  if (findOnPath('mlflow-codex', withShortPath(env, shortPath)))
    candidates.push({ argv: ['mlflow-codex', 'notify-hook'], withoutShell: true });
  if (/[\\/]_npx[\\/]/.test(program.script)) {
    const installed = findOnPath('mlflow-codex', withoutNpmPath(env));
    if (installed) candidates.push({ argv: [program.node, installed, 'notify-hook'], withoutShell: true });
    // Without the version npx would ask the registry at every turn.
    const byNpx = ['npx', '-y', `@mlflow/codex@${program.version}`, 'notify-hook'];
    candidates.push({ argv: byNpx, withoutShell: false });
  }
  return [...candidates, byNode];
}

/** What a registered notifier of ours is when it is called: the version it says, or why it does not start. */
export type NotifierStart = { kind: 'starts'; version: string } | { kind: 'fails'; reason: string };

/** Starts a notifier of ours once, as Codex would, but for its version only. */
export async function startNotifier(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<NotifierStart> {
  const run = await runProgram([...argv.slice(0, -1), '--version'], withoutNpmPath(env), START_TIMEOUT_MS);
  if (run.kind === 'failed')
    return { kind: 'fails', reason: run.reason === 'ENOENT' ? 'it is not there' : run.reason };
  const version = /^mlflow-codex (\S+)\s*$/.exec(run.stdout)?.[1];
  if (run.code === 0 && version !== undefined) return { kind: 'starts', version };
  return { kind: 'fails', reason: `it is not mlflow-codex, or broken (exit code ${run.code})` };
}

/**
 * The same without npx, which would fetch the package and keep it: what npx would start is believed to be
 * the version it is registered with.
 */
export async function startWithoutNpx(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<NotifierStart> {
  if (!/^npx(\.cmd)?$/.test(path.basename(argv[0] ?? ''))) return startNotifier(argv, env);
  const [, version = ''] = /@mlflow\/codex@(\S+)/.exec(argv.join(' ')) ?? [];
  return { kind: 'starts', version };
}

/**
 * The best notifier that starts and is this version.
 * @param start how one is tried
 * @param shortPath for tests: the folders that every Codex has on its PATH
 * @throws UserError where none does
 */
export async function chooseNotifier(
  program: RunningProgram,
  env: NodeJS.ProcessEnv,
  start = startNotifier,
  shortPath?: string,
): Promise<string[]> {
  for (const { argv, withoutShell } of notifierCandidates(program, env, shortPath)) {
    const started = await start(argv, withoutShell ? withShortPath(env, shortPath) : env);
    if (started.kind === 'starts' && started.version === program.version) return argv;
  }
  throw new UserError(
    `${program.script} does not start with ${program.node}`,
    'Install it again: npm install -g @mlflow/codex',
  );
}
