import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseThreadState, type ThreadState } from './thread-state.js';

export type LoadedState =
  | { readonly kind: 'state'; readonly state: ThreadState }
  | { readonly kind: 'none' }
  /** There is one, but it cannot be read, or is damaged. */
  | { readonly kind: 'unreadable' };

/** The folder of the threads' states. */
export function threadsDir(stateDir: string): string {
  return path.join(stateDir, 'threads');
}

export function threadFile(stateDir: string, threadId: string): string {
  return path.join(threadsDir(stateDir), `${threadId}.json`);
}

/** All threads we have a state of. */
export function knownThreads(stateDir: string): string[] {
  try {
    return readdirSync(threadsDir(stateDir)).flatMap((name) =>
      name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
    );
  } catch {
    return [];
  }
}

/** Reads a thread's state, and changes nothing: who has the thread's lock decides about a damaged one. */
export function loadThreadState(stateDir: string, threadId: string): LoadedState {
  let text: string;
  try {
    text = readFileSync(threadFile(stateDir, threadId), 'utf8');
  } catch (error) {
    const isAbsent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    return { kind: isAbsent ? 'none' : 'unreadable' };
  }
  const state = parseThreadState(text, threadId);
  return state ? { kind: 'state', state } : { kind: 'unreadable' };
}

/** Writes a thread's state whole or not at all. Throws where it cannot. */
export function saveThreadState(stateDir: string, state: ThreadState): void {
  writeWhole(threadFile(stateDir, state.threadId), JSON.stringify(state));
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

/** Writes a file of ours by way of a temporary one in the same folder, so that no reader sees half of it. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {}
    throw error;
  }
}
