import path from 'node:path';
import { tryLock } from '../../delivery/store/lock.js';

/** The lock's name: who holds it is the one watcher of a home. */
export const WATCH_LOCK = 'live-watch';

/**
 * Starts the process that shows turns while they go on, where there is none. It is in a session of its
 * own, because signals to Codex's process group reach the hook as well. Never throws.
 * @param script our program, or the hook's bundle that a plugin starts
 */
export async function leaveWatcher(script: string, stateDir: string): Promise<void> {
  try {
    const lock = await tryLock(stateDir, WATCH_LOCK);
    await lock?.release();
    if (!lock) return;
    const isBundle = path.basename(script) === 'hook.cjs';
    const program = isBundle ? path.join(path.dirname(script), 'main.cjs') : script;
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [program, 'watch', '--left-behind'], {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
      // Not the turn's folder, which somebody may want to remove or unmount.
      cwd: path.parse(stateDir).root,
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // The next hook tries it again.
  }
}
