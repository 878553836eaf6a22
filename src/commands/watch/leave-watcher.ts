import path from 'node:path';
import { isLockFree } from '../../delivery/store/lock/lock.js';
import { startDetached } from '../../platform/process/start-detached.js';

/** The lock's name: who holds it is the one watcher of a home. */
export const WATCH_LOCK = 'live-watch';

/**
 * Starts the process that shows turns while they go on, where there is none. Never throws.
 * @param script our program
 */
export async function leaveWatcher(script: string, stateDir: string): Promise<void> {
  if (!(await isLockFree(stateDir, WATCH_LOCK))) return;
  // Not in the turn's folder, which somebody may want to remove or unmount.
  await startDetached(process.execPath, [script, 'watch', '--left-behind'], path.parse(stateDir).root);
}
