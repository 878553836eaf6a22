import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { uuidTimeMs } from '../platform/uuid-time.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The recording of a thread, or undefined where there is none (an `--ephemeral` turn).
 *
 * Codex files it as `sessions/YYYY/MM/DD/rollout-<local time>-<thread id>.jsonl` by the day the
 * thread began, also when it is resumed later, and moves it flat to `archived_sessions/`; cold files
 * may be `.jsonl.zst` (Codex 0.60 to 0.169). The day is in the id (UUIDv7), in UTC: its neighbours
 * are looked at as well, and all days only if it is not there.
 */
export async function findRollout(codexHome: string, threadId: string): Promise<string | undefined> {
  const sessions = path.join(codexHome, 'sessions');
  const startedMs = uuidTimeMs(threadId);
  if (startedMs !== undefined) {
    for (const dayMs of [startedMs, startedMs - DAY_MS, startedMs + DAY_MS]) {
      const found = await findIn(path.join(sessions, ...dayFolder(dayMs)), threadId);
      if (found) return found;
    }
  }
  const archived = await findIn(path.join(codexHome, 'archived_sessions'), threadId);
  if (archived) return archived;
  for await (const folder of dayFolders(sessions)) {
    const found = await findIn(folder, threadId);
    if (found) return found;
  }
  return undefined;
}

export interface RolloutFile {
  readonly path: string;
  readonly threadId: string;
  readonly modifiedMs: number;
  readonly size: number;
}

/** All recordings, those of the newest day first, archived ones last. */
export async function* listRollouts(codexHome: string): AsyncGenerator<RolloutFile> {
  const sessions = path.join(codexHome, 'sessions');
  for await (const folder of dayFolders(sessions)) yield* rolloutsIn(folder);
  yield* rolloutsIn(path.join(codexHome, 'archived_sessions'));
}

/** The thread id in a recording's file name. */
export function threadIdOfFile(file: string): string | undefined {
  return path
    .basename(file)
    .match(/^rollout-.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl(?:\.zst)?$/)?.[1];
}

async function* rolloutsIn(folder: string): AsyncGenerator<RolloutFile> {
  const names = await entries(folder);
  const plain = new Set(names.filter((name) => name.endsWith('.jsonl')));
  for (const name of names.sort().reverse()) {
    const threadId = threadIdOfFile(name);
    if (!threadId || (name.endsWith('.zst') && plain.has(name.slice(0, -'.zst'.length)))) continue;
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile()) yield { path: file, threadId, modifiedMs: found.mtimeMs, size: found.size };
  }
}

async function findIn(folder: string, threadId: string): Promise<string | undefined> {
  const names = await entries(folder);
  const name =
    names.find((entry) => entry.endsWith(`-${threadId}.jsonl`)) ??
    names.find((entry) => entry.endsWith(`-${threadId}.jsonl.zst`));
  return name === undefined ? undefined : path.join(folder, name);
}

/** The day folders, newest first. */
async function* dayFolders(sessions: string): AsyncGenerator<string> {
  const numbers = async (folder: string) =>
    (await entries(folder))
      .filter((name) => /^\d+$/.test(name))
      .sort()
      .reverse();
  for (const year of await numbers(sessions)) {
    for (const month of await numbers(path.join(sessions, year))) {
      for (const day of await numbers(path.join(sessions, year, month))) {
        yield path.join(sessions, year, month, day);
      }
    }
  }
}

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function dayFolder(ms: number): string[] {
  return new Date(ms).toISOString().slice(0, 10).split('-');
}
