import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** Silence for so long counts as death where nothing better can be known: a long build is silent as well. */
const QUIET_MS = 30 * 60 * 1000;

/**
 * Whether nobody writes a recording any more, so that an open turn at its end will never be ended.
 * Codex keeps the file open as long as the thread is loaded (0.60 to 0.169), which Linux tells;
 * elsewhere only silence does.
 * @param life.lastLineMs when the last line was written, by the line itself: copies and backups are young files
 * @param life.abandonedMs how long the silence must be where nobody seems to have the file open: Codex may
 * be between closing and opening it, or in a container that shares the folder and hides its processes
 */
export async function isAbandoned(
  file: string,
  life: { readonly lastLineMs: number; readonly nowMs: number; readonly abandonedMs: number },
): Promise<boolean> {
  const { lastLineMs, nowMs, abandonedMs } = life;
  // A clock that was put back makes the line one of the future: then the file's own time has to do.
  const isTold = !Number.isNaN(lastLineMs) && lastLineMs <= nowMs;
  const quietMs = nowMs - (isTold ? lastLineMs : statSync(file).mtimeMs);
  if (quietMs < abandonedMs) return false;
  const isOpen = process.platform === 'linux' ? isOpenSomewhere(realpathSync(file)) : undefined;
  return isOpen === undefined ? quietMs > QUIET_MS : !isOpen;
}

/**
 * Whether a process that we may look into has a file open; undefined where that cannot be told.
 * A container's process knows it by another path: the file's name, and then its inode, tell.
 */
function isOpenSomewhere(file: string): boolean | undefined {
  const processes = unlessRefused(() => readdirSync('/proc'));
  if (!processes) return undefined;
  const own = statSync(file);
  let looked = 0;
  for (const pid of processes) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const folder = `/proc/${pid}/fd`;
    const descriptors = unlessRefused(() => readdirSync(folder));
    if (!descriptors) continue;
    looked++;
    for (const descriptor of descriptors) {
      if (isLinkTo(`${folder}/${descriptor}`, path.basename(file), own)) return true;
    }
  }
  // Not one process could be looked into: a locked-down machine tells nothing.
  return looked > 0 ? false : undefined;
}

function isLinkTo(link: string, name: string, file: { ino: number; dev: number }): boolean {
  if (!unlessRefused(() => readlinkSync(link))?.endsWith(`/${name}`)) return false;
  const found = unlessRefused(() => statSync(link));
  return found?.ino === file.ino && found.dev === file.dev;
}

/** Other users' processes are closed to us, and any may end while it is looked at. */
function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
