import { findOnPath, withoutNpmPath } from '../platform/find-on-path.js';
import { runProgram } from '../platform/run-program.js';
import { UserError } from '../platform/user-error.js';

/** This very program, as it was started. */
export interface RunningProgram {
  /** Node's own file. */
  node: string;
  /** The script's file, links resolved. */
  script: string;
  version: string;
  platform: NodeJS.Platform;
}

/** How long a registered program may take to say its version; npx may have to fetch it first. */
const START_TIMEOUT_MS = 20_000;

/**
 * How Codex could call us, best first. By name where the name is on the PATH for good; through npx
 * where npx runs us now; else node and the script. On Windows the last one alone: Codex starts
 * programs without a shell, and cannot start a `.cmd` (0.169).
 */
export function notifierCandidates(program: RunningProgram, env: NodeJS.ProcessEnv): string[][] {
  const byNode = [program.node, program.script, 'notify-hook'];
  if (program.platform === 'win32') return [byNode];
  const candidates = [byNode];
  if (/[\\/]_npx[\\/]/.test(program.script)) {
    // Without the version npx would ask the registry at every turn.
    candidates.unshift(['npx', '-y', `@mlflow/codex@${program.version}`, 'notify-hook']);
  }
  if (findOnPath('mlflow-codex', withoutNpmPath(env))) candidates.unshift(['mlflow-codex', 'notify-hook']);
  return candidates;
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
 * The best notifier that starts and is this version.
 * @throws UserError where none does
 */
export async function chooseNotifier(program: RunningProgram, env: NodeJS.ProcessEnv): Promise<string[]> {
  for (const candidate of notifierCandidates(program, env)) {
    const start = await startNotifier(candidate, env);
    if (start.kind === 'starts' && start.version === program.version) return candidate;
  }
  throw new UserError(
    `${program.script} does not start with ${program.node}`,
    'Install it again: npm install -g @mlflow/codex',
  );
}
