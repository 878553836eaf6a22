import { readdir, readlink, realpath, stat } from 'node:fs/promises';

/** A turn whose recording has been quiet for so long, with nobody to tell, is taken for dead. */
const QUIET_MS = 30 * 60 * 1000;
/** Codex may be between closing and opening the file. */
const SETTLED_MS = 5000;

/**
 * Whether nobody writes a recording any more, so that an open turn at its end will never be ended.
 * Codex keeps the file open as long as the thread is loaded (0.169), which Linux tells; elsewhere
 * only silence does: 30 minutes of it, since a long build is silent as well.
 */
export async function isAbandoned(path: string, nowMs: number): Promise<boolean> {
  const quietMs = nowMs - (await stat(path)).mtimeMs;
  // A clock that was put back makes the file one of the future: nothing is known then.
  if (quietMs < SETTLED_MS) return false;
  if (path.endsWith('.zst') || quietMs > QUIET_MS) return true;
  if (process.platform !== 'linux') return false;
  return (await isOpenSomewhere(await realpath(path))) === false;
}

/** Whether a process of ours has a file open; undefined where that cannot be told. */
async function isOpenSomewhere(file: string): Promise<boolean | undefined> {
  const processes = await readdir('/proc').catch(() => undefined);
  if (!processes) return undefined;
  let looked = 0;
  for (const pid of processes) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => undefined);
    if (!descriptors) continue;
    looked++;
    for (const descriptor of descriptors) {
      if ((await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')) === file) return true;
    }
  }
  // Not one process could be looked into: a locked-down machine tells nothing.
  return looked > 0 ? false : undefined;
}
