import { type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { compact } from '../../platform/json.js';
import {
  allDayFolders,
  foldersOfThread,
  namesIn,
  type OnUnreadable,
  type UnreadableFolder,
} from './recording-folders.js';
import { compareKeys, parseRecordingName } from './recording-name.js';

/** One file of a thread's recording. */
export interface Recording {
  /** Tells it from the thread's other files, wherever it lies, compressed or not: see `RecordingName`. */
  readonly key: string;
  readonly path: string;
}

/**
 * The files of a thread's recording, oldest first; none where nothing is recorded (`--ephemeral`).
 * A thread is all its files: after a rewind it goes on in another one (Codex 0.169 to 0.171).
 */
export function findRecordings(
  codexHome: string,
  threadId: string,
  onUnreadable?: OnUnreadable,
): Recording[] {
  const near = foldersOfThread(codexHome, threadId, Date.now(), onUnreadable);
  const list = (folder: string) => namesIn(folder, onUnreadable);
  const found = recordingsIn(near, threadId, list);
  if (found.length > 0) return found;
  return recordingsIn(allDayFolders(codexHome, onUnreadable), threadId, list);
}

/**
 * Finds recordings as `findRecordings` does, of many threads with one look into each folder: 40 threads of four
 * days would be 300 looks. What is made meanwhile in a folder that was looked into is not seen.
 */
export function recordingFinder(codexHome: string): (threadId: string) => Recording[] {
  const listed = new Map<string, string[]>();
  let allDays: string[] | undefined;
  const list = (folder: string) => {
    const names = listed.get(folder) ?? namesIn(folder);
    listed.set(folder, names);
    return names;
  };
  return (threadId) => {
    const found = recordingsIn(foldersOfThread(codexHome, threadId, Date.now()), threadId, list);
    if (found.length > 0) return found;
    allDays ??= allDayFolders(codexHome);
    return recordingsIn(allDays, threadId, list);
  };
}

/**
 * What is recorded of a thread, as `findRecordings` finds it, or the folder that hides whether anything is:
 * the one nearest to Codex's home, where several cannot be read.
 */
export function lookForRecordings(
  codexHome: string,
  threadId: string,
): { recordings: Recording[]; hidden?: UnreadableFolder } {
  const unreadable: UnreadableFolder[] = [];
  const recordings = findRecordings(codexHome, threadId, (folder) => unreadable.push(folder));
  if (recordings.length > 0) return { recordings };
  const [hidden] = unreadable.sort((a, b) => a.file.length - b.file.length);
  return compact({ recordings, hidden });
}

/** The file that a thread is going on in, or undefined where there is none. */
export function findRollout(codexHome: string, threadId: string): string | undefined {
  return findRecordings(codexHome, threadId).at(-1)?.path;
}

/**
 * The thread that goes on in a segment of this id, or undefined where there is no such segment. States of
 * version 1 were kept under a segment's id as if it were a thread's.
 */
export function threadOfSegment(codexHome: string, segmentId: string): string | undefined {
  for (const folder of foldersOfThread(codexHome, segmentId, Date.now())) {
    for (const name of namesIn(folder)) {
      const parsed = name.includes(segmentId) ? parseRecordingName(name) : undefined;
      if (parsed?.key === segmentId && parsed.threadId !== segmentId) return parsed.threadId;
    }
  }
  return undefined;
}

export interface RolloutFile extends Recording {
  readonly threadId: string;
  readonly modifiedMs: number;
  readonly size: number;
}

/** All recordings, those of the newest day first, archived ones last. */
export function* listRollouts(codexHome: string, onUnreadable?: OnUnreadable): Generator<RolloutFile> {
  const days = allDayFolders(codexHome, onUnreadable);
  for (const folder of [...days, path.join(codexHome, 'archived_sessions')]) {
    const names = namesIn(folder, onUnreadable);
    const plain = new Set(names.filter((name) => name.endsWith('.jsonl')));
    for (const name of names.sort().reverse()) {
      const parsed = parseRecordingName(name);
      if (!parsed || (name.endsWith('.zst') && plain.has(plainName(name)))) continue;
      const file = path.join(folder, name);
      const found = statOf(file);
      if (found?.isFile()) yield { path: file, ...parsed, modifiedMs: found.mtimeMs, size: found.size };
    }
  }
}

/** The ids of the threads that begin with a text, or whose segments' ids do. */
export function threadsBeginningWith(codexHome: string, beginning: string): string[] {
  const found = new Set<string>();
  for (const folder of [...allDayFolders(codexHome), path.join(codexHome, 'archived_sessions')]) {
    for (const name of namesIn(folder)) {
      const parsed = parseRecordingName(name);
      if (parsed?.threadId.startsWith(beginning) || parsed?.key.startsWith(beginning))
        found.add(parsed.threadId);
    }
  }
  return [...found].sort();
}

/** The thread id in a recording's file name. */
export function threadIdOfFile(file: string): string | undefined {
  return parseRecordingName(file)?.threadId;
}

/** A plain file wins over its compressed copy, and a folder of the day over the archive. @param list a folder's names */
function recordingsIn(
  folders: readonly string[],
  threadId: string,
  list: (folder: string) => readonly string[],
): Recording[] {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of list(folder)) {
      const parsed = name.includes(threadId) ? parseRecordingName(name) : undefined;
      if (parsed?.threadId !== threadId) continue;
      const known = found.get(parsed.key);
      if (known === undefined || (known.endsWith('.zst') && !name.endsWith('.zst')))
        found.set(parsed.key, path.join(folder, name));
    }
  }
  return [...found]
    .map(([key, file]) => ({ key, path: file }))
    .sort((a, b) => compareKeys(threadId, a.key, b.key));
}

function plainName(name: string): string {
  return name.slice(0, -'.zst'.length);
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    // Gone since it was listed, or not ours to look at.
    return undefined;
  }
}
