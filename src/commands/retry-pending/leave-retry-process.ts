import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isLockFree } from '../../delivery/store/lock/lock.js';
import { startDetached } from '../../platform/process/start-detached.js';

/**
 * The lock's name: who holds it is the one process of a home that tries again. Shells whose environments name
 * other servers have one each, since none of them sends the others' turns.
 * @param place as `placeInEnvironment` tells it
 */
export function retryLock(place: string): string {
  return `retry-pending ${place}`;
}

/**
 * Starts the process that sends what is pending once the server is well again, so that the day's last
 * turn arrives too. One a home: where there is one already, it is asked for one more round. Never throws.
 * @param script our program
 * @param place of the hook's environment
 */
export async function leaveRetryProcess(script: string, stateDir: string, place: string): Promise<void> {
  if (!(await isLockFree(stateDir, retryLock(place)))) {
    putWish(stateDir, place);
    // It may have ended meanwhile, without having seen the wish.
    if (!(await isLockFree(stateDir, retryLock(place)))) return;
  }
  // Not in the turn's folder, which somebody may want to remove or unmount.
  await startDetached(process.execPath, [script, 'retry-pending'], path.parse(stateDir).root);
}

/** Takes back what hooks have wished for, because it is about to be done. @returns whether they had */
export function takeWish(stateDir: string, place: string): boolean {
  try {
    rmSync(wishFile(stateDir, place));
    return true;
  } catch {
    return false;
  }
}

function putWish(stateDir: string, place: string): void {
  try {
    writeFileSync(wishFile(stateDir, place), '', { mode: 0o600 });
  } catch {
    // The folder takes no files: the next hook sends what is pending.
  }
}

/** A file that a hook leaves where the process is at work: one more round, it has something new. */
function wishFile(stateDir: string, place: string): string {
  return path.join(stateDir, `retry-wanted-${place.replace(' ', '-')}`);
}
