import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Marks of threads with work begun and not done: set before a pass, taken away after one that leaves
 * nothing owed. So a thread whose hook was killed, or whose server is down, is found by every hook
 * without a look into all the others, however many there are.
 */
function pendingDir(stateDir: string): string {
  return path.join(stateDir, 'pending');
}

/** Sets a thread's mark. A folder that takes no files is found out by the state, which is saved next. */
export function markPending(stateDir: string, threadId: string): void {
  try {
    mkdirSync(pendingDir(stateDir), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(pendingDir(stateDir), threadId), '', { mode: 0o600 });
  } catch {
    // Then the thread is found by its age, as one of the last ones.
  }
}

export function clearPending(stateDir: string, threadId: string): void {
  try {
    unlinkSync(path.join(pendingDir(stateDir), threadId));
  } catch {
    // There was none.
  }
}

/** The threads with a mark. */
export function pendingThreads(stateDir: string): string[] {
  try {
    return readdirSync(pendingDir(stateDir));
  } catch {
    return [];
  }
}
