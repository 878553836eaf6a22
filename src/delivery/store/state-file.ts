import {
  closeSync,
  constants,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { isLinkedAway } from '../../platform/files/folders.js';
import { writeWhole } from '../../platform/files/write-whole.js';
import { parseThreadState } from './parse-state.js';
import type { ThreadState } from './thread-state.js';

export type LoadedState =
  | { readonly kind: 'state'; readonly state: ThreadState }
  | { readonly kind: 'none' }
  /** Half written, or no state of this thread: it can be made anew. */
  | { readonly kind: 'damaged' }
  /** Written by a later version of ours: left alone. */
  | { readonly kind: 'newer' }
  /** There may be a whole one, and we may not read it. @param code Node's, such as `EACCES` */
  | { readonly kind: 'unreadable'; readonly code: string };

/** The folder of the threads' states. */
export function threadsDir(stateDir: string): string {
  return path.join(stateDir, 'threads');
}

export function threadFile(stateDir: string, threadId: string): string {
  return path.join(threadsDir(stateDir), `${threadId}.json`);
}

/** All threads we have a state of; none where the folder cannot be read. */
export function knownThreads(stateDir: string): string[] {
  try {
    return readdirSync(threadsDir(stateDir)).flatMap((name) =>
      name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
    );
  } catch {
    return [];
  }
}

/**
 * Reads a thread's state, and changes nothing: who has the thread's lock decides about a damaged one.
 * @param key the file that a state of version 1 is about, by default the thread's first
 */
export function loadThreadState(stateDir: string, threadId: string, key = threadId): LoadedState {
  let text: string;
  try {
    text = readFileSync(threadFile(stateDir, key), 'utf8');
  } catch (error) {
    return withoutText((error as NodeJS.ErrnoException).code);
  }
  return parseThreadState(text, threadId, key);
}

/** What it means that a state's file could not be read. @param code Node's */
export function withoutText(code: string | undefined): LoadedState {
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'none' };
  return code === 'EACCES' || code === 'EPERM' ? { kind: 'unreadable', code } : { kind: 'damaged' };
}

/** Writes a thread's state whole or not at all. Throws where it cannot. */
export function saveThreadState(stateDir: string, state: ThreadState): void {
  writeWhole(threadFile(stateDir, state.threadId), JSON.stringify(state));
}

/** A link in the file's place is not followed, and a file that was taken away is not begun with half of what is known. */
const APPEND = constants.O_APPEND | constants.O_WRONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/**
 * Adds a line with a thread's state to its file, of which the last whole line counts: see `parseThreadState`.
 * @returns how many bytes. Throws where it cannot: what is in the file counts on then
 */
export function appendThreadState(stateDir: string, state: ThreadState): number {
  if (isLinkedAway(threadsDir(stateDir))) throw new Error('the folder of states is a link');
  const file = openSync(threadFile(stateDir, state.threadId), APPEND);
  try {
    const line = Buffer.from(`\n${JSON.stringify(state)}`);
    const written = writeSync(file, line);
    if (written < line.length) throw new Error('the state was not written whole');
    return written;
  } finally {
    closeSync(file);
  }
}

/**
 * Keeps a damaged state under another name, for `status` and for whoever wants to look. The file
 * itself stays until another is written over it, so that a kill in between leaves it damaged, which
 * is mended, and not absent, which means a new thread.
 */
export function keepDamagedState(stateDir: string, threadId: string): void {
  const file = threadFile(stateDir, threadId);
  const kept = `${file}.unreadable-${Date.now()}`;
  try {
    linkSync(file, kept);
  } catch {
    try {
      // A file system without hard links, or a folder in the file's place.
      renameSync(file, kept);
    } catch {
      // It stays where it is.
    }
  }
}

/** Takes away the state of a segment, once its thread's holds all that it said. */
export function dropSegmentState(stateDir: string, key: string): void {
  try {
    unlinkSync(threadFile(stateDir, key));
  } catch {
    // Gone already; otherwise it is passed over, since the thread's own state knows the file.
  }
}
