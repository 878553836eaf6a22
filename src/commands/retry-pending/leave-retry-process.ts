import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from '../../delivery/store/lock.js';

/** The lock's name: who holds it is the one process of a home that tries again. */
export const RETRY_LOCK = 'retry-pending';

/**
 * Starts the process that sends what is pending once the server is well again, so that the day's last
 * turn arrives too. One a home: where there is one already nothing happens. It is in a session of its
 * own, because signals to Codex's process group reach the hook as well. Never throws.
 * @param script our program
 */
export async function leaveRetryProcess(script: string, stateDir: string): Promise<void> {
  try {
    if (!(await isFree(stateDir))) {
      writeFileSync(wishFile(stateDir), '', { mode: 0o600 });
      // It may have ended meanwhile, without having seen the wish.
      if (!(await isFree(stateDir))) return;
    }
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [script, 'retry-pending'], {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
      // Not the turn's folder, which somebody may want to remove or unmount.
      cwd: path.parse(stateDir).root,
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // The next hook sends what is pending.
  }
}

async function isFree(stateDir: string): Promise<boolean> {
  const lock = await tryLock(stateDir, RETRY_LOCK);
  await lock?.release();
  return lock !== undefined;
}

/** Takes back what hooks have wished for, because it is about to be done. @returns whether they had */
export function takeWish(stateDir: string): boolean {
  try {
    rmSync(wishFile(stateDir));
    return true;
  } catch {
    return false;
  }
}

/** A file that a hook leaves where the process is at work: one more round, it has something new. */
function wishFile(stateDir: string): string {
  return path.join(stateDir, 'retry-wanted');
}
