import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isLockFree } from '../../delivery/store/lock.js';
import { startDetached } from '../../platform/start-detached.js';

/** The lock's name: who holds it is the one process of a home that tries again. */
export const RETRY_LOCK = 'retry-pending';

/**
 * Starts the process that sends what is pending once the server is well again, so that the day's last
 * turn arrives too. One a home: where there is one already, it is asked for one more round. Never throws.
 * @param script our program
 */
export async function leaveRetryProcess(script: string, stateDir: string): Promise<void> {
  if (!(await isLockFree(stateDir, RETRY_LOCK))) {
    putWish(stateDir);
    // It may have ended meanwhile, without having seen the wish.
    if (!(await isLockFree(stateDir, RETRY_LOCK))) return;
  }
  // Not in the turn's folder, which somebody may want to remove or unmount.
  await startDetached(process.execPath, [script, 'retry-pending'], path.parse(stateDir).root);
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

function putWish(stateDir: string): void {
  try {
    writeFileSync(wishFile(stateDir), '', { mode: 0o600 });
  } catch {
    // The folder takes no files: the next hook sends what is pending.
  }
}

/** A file that a hook leaves where the process is at work: one more round, it has something new. */
function wishFile(stateDir: string): string {
  return path.join(stateDir, 'retry-wanted');
}
