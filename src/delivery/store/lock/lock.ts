import path from 'node:path';
import { sha256 } from '../../../platform/sha256.js';
import { type LockTimes, tryFreeLockFile, tryLockFile } from './lock-file.js';
import { type LockKind, tryLockSocket } from './lock-socket.js';

/** Held until released, or until the process is gone, however it goes. */
export interface Lock {
  /**
   * Whether it is still held: another machine may have taken a process for dead that was stopped for
   * long. What is sent or written afterwards might be a second time.
   */
  isHeld(): boolean;
  release(): Promise<void>;
}

/** For tests. */
export interface LockOptions {
  readonly kind?: LockKind;
  readonly times?: LockTimes;
}

/**
 * Takes a lock of the state folder's, or says that another process has it. Never throws.
 *
 * It is a file, which holds between machines and containers that share the folder, and, wherever the file is
 * there already or does not tell whether its holder lives, a socket as well, which tells at once of every process
 * of this machine and ends at the machine and the network namespace. Nearly every hook finds no file: for a
 * socket Node would load its cluster, 2 to 3 ms of CPU. Where one of them cannot be had (no sockets, a folder
 * that takes no files) the other has to do: a turn that might be sent twice beats one that never is.
 * @param name of a thread, or of a task
 * @param options.kind the socket is taken in any case, of this kind
 */
export async function tryLock(
  stateDir: string,
  name: string,
  { kind, times }: LockOptions = {},
): Promise<Lock | undefined> {
  const lockFile = path.join(stateDir, 'locks', `${sha256(name).slice(0, 24)}.lock`);
  const free = kind === undefined ? tryFreeLockFile(lockFile, times) : undefined;
  if (free) return free;
  const socket = await tryLockSocket(stateDir, name, kind).catch(() => 'none' as const);
  if (!socket) return undefined;
  const isAlone = socket === 'none';
  const file = await tryLockFile(lockFile, isAlone ? undefined : socket.address, times);
  const releaseSocket = async () => {
    if (!isAlone) await socket.release();
  };
  if (file === 'taken') {
    await releaseSocket();
    return undefined;
  }
  return {
    isHeld: () => file === 'none' || file.isHeld(),
    release: async () => {
      if (file !== 'none') await file.release();
      await releaseSocket();
    },
  };
}

/** Whether nobody holds a lock at this moment. Never throws. */
export async function isLockFree(stateDir: string, name: string): Promise<boolean> {
  const lock = await tryLock(stateDir, name);
  await lock?.release();
  return lock !== undefined;
}
