import { findOnPath } from '../platform/files/find-on-path.js';
import { runProgram } from '../platform/process/run-program.js';

/** The Codex that is installed here. */
export interface CodexCli {
  /** The program's file. */
  file: string;
  /** Such as `0.169.0`; absent where it does not say. */
  version?: string;
}

/** Codex says it in 20 ms (0.171, warm); one that hangs is not waited for longer. */
const VERSION_TIMEOUT_MS = 2000;

/** Finds `codex` on the PATH and asks for its version (`codex-cli 0.169.0`). */
export async function findCodexCli(env: NodeJS.ProcessEnv): Promise<CodexCli | undefined> {
  const file = findOnPath('codex', env);
  if (file === undefined) return undefined;
  const run = await runProgram([file, '--version'], env, VERSION_TIMEOUT_MS);
  const version = run.kind === 'ran' ? /\b(\d+\.\d+\.\d+\S*)/.exec(run.stdout)?.[1] : undefined;
  return { file, ...(version === undefined ? {} : { version }) };
}

/**
 * Whether a Codex leaves `notify` in a project's config.toml unread: it does from 0.130 on, with a
 * warning at every start, and silently in its early versions: 0.60.1 reads no project's config, trusted or
 * not; 0.80.0 does, and what lies between was not tried. `undefined` where no version is known.
 */
export function ignoresProjectNotify(version: string | undefined): boolean | undefined {
  const readsProjects = isFrom(version, 80);
  return readsProjects === undefined ? undefined : !readsProjects || isFrom(version, 130);
}

/**
 * Whether a Codex runs the hooks of a requirements.toml: 0.134 does, 0.130 does not, and 0.120 does not
 * even start with `[features] hooks` in it. `undefined` where no version is known.
 */
export function runsManagedHooks(version: string | undefined): boolean | undefined {
  return isFrom(version, 134);
}

/** Whether a version is 0.`minor` or later. */
function isFrom(version: string | undefined, minor: number): boolean | undefined {
  const [, major, own] = /^(\d+)\.(\d+)\./.exec(version ?? '') ?? [];
  if (major === undefined || own === undefined) return undefined;
  return Number(major) > 0 || Number(own) >= minor;
}
