import { readdirSync } from 'node:fs';
import path from 'node:path';
import { uuidTimeMs } from '../../platform/uuid-time.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Up to so many days are tried one by one; of a longer time, only those folders that are there. */
const MAX_TRIED_DAYS = 40;

/** A folder that may hold recordings and cannot be read: its rights (`EACCES`), a file in its place (`ENOTDIR`), the disk. */
export interface UnreadableFolder {
  readonly file: string;
  /** Node's code. */
  readonly code: string;
}

/** Is told of every folder that was passed by because it cannot be read. */
export type OnUnreadable = (folder: UnreadableFolder) => void;

/**
 * The folders that may hold files of a thread: Codex files each below `sessions/YYYY/MM/DD` by the day
 * it was begun (Codex 0.60 to 0.171), which for the first is the day in the thread's id (UUIDv7), and
 * for those it goes on in after a rewind any day since; archived ones lie flat in `archived_sessions`.
 * Local days may be one off the id's, which is UTC.
 */
export function foldersOfThread(
  codexHome: string,
  threadId: string,
  nowMs: number,
  onUnreadable?: OnUnreadable,
): string[] {
  const begunMs = uuidTimeMs(threadId);
  const sessions = path.join(codexHome, 'sessions');
  const archived = path.join(codexHome, 'archived_sessions');
  if (begunMs === undefined) return [...allDayFolders(codexHome, onUnreadable), archived];
  const firstMs = Math.min(begunMs, nowMs) - DAY_MS;
  // An id of the future is a clock that was put back.
  const lastMs = Math.max(begunMs, nowMs) + DAY_MS;
  if ((lastMs - firstMs) / DAY_MS > MAX_TRIED_DAYS) {
    const first = dayFolder(sessions, firstMs);
    const last = dayFolder(sessions, lastMs);
    const there = allDayFolders(codexHome, onUnreadable);
    return [...there.filter((folder) => folder >= first && folder <= last), archived];
  }
  const days: string[] = [];
  for (let ms = firstMs; ms <= lastMs; ms += DAY_MS) days.push(dayFolder(sessions, ms));
  return [...days, archived];
}

/** The day folders that are there, newest first. */
export function allDayFolders(codexHome: string, onUnreadable?: OnUnreadable): string[] {
  const days: string[] = [];
  const sessions = path.join(codexHome, 'sessions');
  for (const year of numbersIn(sessions, onUnreadable)) {
    for (const month of numbersIn(path.join(sessions, year), onUnreadable)) {
      for (const day of numbersIn(path.join(sessions, year, month), onUnreadable))
        days.push(path.join(sessions, year, month, day));
    }
  }
  return days;
}

/** The names in a folder; none where it is not there, and none, which is told, where it cannot be read. */
export function namesIn(folder: string, onUnreadable?: OnUnreadable): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    // Every other code leaves open what the folder holds.
    if (code !== 'ENOENT') onUnreadable?.({ file: folder, code });
    return [];
  }
}

function numbersIn(folder: string, onUnreadable?: OnUnreadable): string[] {
  const names = namesIn(folder, onUnreadable);
  return names
    .filter((name) => /^\d+$/.test(name))
    .sort()
    .reverse();
}

function dayFolder(sessions: string, ms: number): string {
  return [sessions, ...new Date(ms).toISOString().slice(0, 10).split('-')].join(path.sep);
}
