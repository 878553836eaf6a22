import { joinSegmentStates } from './join-segments.js';
import {
  appendThreadState,
  dropSegmentState,
  type LoadedState,
  loadThreadState,
  saveThreadState,
} from './state-file.js';
import type { ThreadState } from './thread-state.js';

/** What delivery needs of the place where threads' states are kept. */
export interface ThreadStore {
  /** Reads a thread's state, and changes nothing. @param files the keys of its recording's files */
  load(threadId: string, files: readonly string[]): LoadedState;
  /** Throws where it cannot, or where the thread is another process's by now. */
  save(state: ThreadState): void;
  /** Nothing more comes of a pass: puts in one piece what was saved in several. Throws where it cannot. */
  finish(state: ThreadState): void;
  /** Whether no other process can have the thread: what is sent afterwards is sent once. */
  isOurs(): boolean;
  /** Whether what `load` gave is not yet written as it is. */
  mustSave(threadId: string): boolean;
}

/** A hook saves as often as that: before its turn and after it. */
const SAVED_WHOLE = 2;

/** What is added to a file before it is written anew, in bytes. */
const MAX_APPENDED = 64 * 1024;

/**
 * The state of one thread in our folder. Where a pass has many turns, it is not written anew after each answer, but
 * added to its file: putting a new file in its place takes 1.3 ms on ext4, a quarter of what `sync` took.
 */
export class FileStore implements ThreadStore {
  #saves = 0;
  /** Bytes that were added to the file. */
  #appended = 0;
  /** Segments whose own states were taken into their thread's, and go once that is saved. */
  readonly #joined = new Map<string, readonly string[]>();

  /** @param isOurs as of the lock that is held on the thread */
  constructor(
    readonly stateDir: string,
    readonly isOurs: () => boolean = () => true,
  ) {}

  load(threadId: string, files: readonly string[]): LoadedState {
    const loaded = loadThreadState(this.stateDir, threadId);
    if (loaded.kind !== 'state' && loaded.kind !== 'none') return loaded;
    const own = loaded.kind === 'state' ? loaded.state : undefined;
    const { state, joined } = joinSegmentStates(this.stateDir, threadId, files, own);
    if (joined.length > 0) this.#joined.set(threadId, joined);
    return state ? { kind: 'state', state } : { kind: 'none' };
  }

  save(state: ThreadState): void {
    if (!this.isOurs()) throw new Error('another process has the thread by now');
    if (!this.#append(state)) this.#saveWhole(state);
    for (const key of this.#joined.get(state.threadId) ?? []) dropSegmentState(this.stateDir, key);
    this.#joined.delete(state.threadId);
  }

  finish(state: ThreadState): void {
    if (this.#appended > 0 && this.isOurs()) this.#saveWhole(state);
  }

  #append(state: ThreadState): boolean {
    if (++this.#saves <= SAVED_WHOLE || this.#appended > MAX_APPENDED) return false;
    try {
      this.#appended += appendThreadState(this.stateDir, state);
      return true;
    } catch {
      return false;
    }
  }

  #saveWhole(state: ThreadState): void {
    saveThreadState(this.stateDir, state);
    this.#appended = 0;
  }

  mustSave(threadId: string): boolean {
    return this.#joined.has(threadId);
  }
}

/** States that nothing outlives: where our folder takes no files, and for turns that leave nothing on disk. */
export class MemoryStore implements ThreadStore {
  readonly #states = new Map<string, ThreadState>();

  load(threadId: string): LoadedState {
    const state = this.#states.get(threadId);
    return state ? { kind: 'state', state } : { kind: 'none' };
  }

  save(state: ThreadState): void {
    this.#states.set(state.threadId, state);
  }

  finish(): void {}

  isOurs(): boolean {
    return true;
  }

  mustSave(): boolean {
    return false;
  }
}
