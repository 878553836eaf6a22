import { readdir, readlink, realpath, stat } from 'node:fs/promises';

/** Silence for so long counts as death where nothing better can be known: a long build is silent as well. */
const QUIET_MS = 30 * 60 * 1000;
/** Codex may be between closing and opening the file. */
const SETTLED_MS = 5000;

/**
 * Whether nobody writes a recording any more, so that an open turn at its end will never be ended.
 * Codex keeps the file open as long as the thread is loaded (0.169), which Linux tells; elsewhere
 * only silence does.
 * @param lastLineMs when the last line was written, by the line itself: copies and backups are young files
 */
export async function isAbandoned(path: string, lastLineMs: number, nowMs: number): Promise<boolean> {
  const quietMs = nowMs - (Number.isNaN(lastLineMs) ? (await stat(path)).mtimeMs : lastLineMs);
  // A clock that was put back makes the line one of the future: nothing is known then.
  if (quietMs < SETTLED_MS) return false;
  const isOpen = process.platform === 'linux' ? await isOpenSomewhere(await realpath(path)) : undefined;
  return isOpen === undefined ? quietMs > QUIET_MS : !isOpen;
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
