import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The daemon in which Codex's TUI runs turns (0.160 and later), and the environment it gives the hook. */
export interface CodexDaemon {
  pid: number;
  /** Absent where the system does not tell. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds a running daemon by `$CODEX_HOME/app-server-daemon/daemon.pid` (JSON with `pid`, Codex 0.169). Its
 * environment is that of the shell that first started it, and the hook inherits it.
 */
export function findCodexDaemon(codexHome: string): CodexDaemon | undefined {
  const pid = daemonPid(path.join(codexHome, 'app-server-daemon', 'daemon.pid'));
  if (pid === undefined || !isRunning(pid)) return undefined;
  const env = environmentOf(pid);
  return { pid, ...(env === undefined ? {} : { env }) };
}

function daemonPid(file: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: unknown };
    return Number.isSafeInteger(pid) && (pid as number) > 0 ? (pid as number) : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function environmentOf(pid: number): NodeJS.ProcessEnv | undefined {
  try {
    if (process.platform === 'linux')
      return parseEnvironment(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
    if (process.platform === 'win32') return undefined;
    // Values with blanks are cut short here; PATH and addresses seldom have any.
    const text = execFileSync('ps', ['-E', '-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5000,
    });
    return parseEnvironment(text.trim().split(/\s+/));
  } catch {
    return undefined;
  }
}

function parseEnvironment(entries: string[]): NodeJS.ProcessEnv | undefined {
  const pairs = entries.flatMap((entry) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(entry) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
