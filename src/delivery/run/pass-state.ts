import { compact } from '../../platform/json.js';
import type { SubAgentLink, Turn } from '../../turn/turn.js';
import { settleTurn } from '../store/settle-turn.js';
import type { ThreadState, TurnEntry } from '../store/thread-state.js';
import type { ThreadStore } from '../store/thread-store.js';
import type { Drained } from './thread-outcome.js';

/** Why turns wait. */
export interface Obstacle {
  readonly reason: string;
  /** Waiting alone will not help. */
  readonly blocked: boolean;
}

/** Nothing can be remembered, so nothing of a known thread is sent. */
export const UNWRITABLE: Obstacle = { reason: 'the state folder cannot be written', blocked: true };

const GONE = 'the turn is no longer in the recording';

/** A thread's state during a pass, saved on request, and what the pass has to tell in the end. */
export class PassState {
  /** Saved by `save`. */
  thread: ThreadState;
  /** A turn still goes on. */
  isLive = false;
  readonly counts = { sent: 0, rejected: 0, lost: 0, imported: 0 };
  /** The state as it is stored. */
  #stored: ThreadState | undefined;
  /** This pass has written the state: the folder takes files. */
  #isWritable = false;
  #obstacle: Obstacle | undefined;
  readonly #agents: SubAgentLink[] = [];
  /** When the oldest turn sent began. */
  #sinceMs = Number.POSITIVE_INFINITY;

  /** @param stored the state as the store has it; undefined where it has none, or another one */
  constructor(
    readonly store: ThreadStore,
    thread: ThreadState,
    stored: ThreadState | undefined,
  ) {
    this.thread = thread;
    this.#stored = stored;
  }

  result(): Omit<Drained, 'located'> {
    return compact({
      kind: 'drained',
      state: this.thread,
      ...this.counts,
      pending: this.#obstacle?.reason,
      isLive: this.isLive,
      agents: this.#agents,
      sinceMs: this.#sinceMs,
    });
  }

  /** Gives a turn a status. */
  settle(turn: Parameters<typeof settleTurn>[1], entry: Parameters<typeof settleTurn>[2]): void {
    this.thread = settleTurn(this.thread, turn, entry);
  }

  /** @returns whether the state is stored */
  save(): boolean {
    try {
      this.store.save(this.thread);
      this.#stored = this.thread;
      this.#isWritable = true;
      return true;
    } catch {
      return false;
    }
  }

  /** Writes the state where it is not what is stored. @returns whether it is now */
  saveChanges(): boolean {
    return this.#isStored() || this.save();
  }

  #isStored(): boolean {
    return JSON.stringify(this.thread) === JSON.stringify(this.#stored);
  }

  /** Whether what is about to be done can be remembered. */
  canSave(): boolean {
    return this.#isWritable || this.save();
  }

  /** Notes down why turns wait. */
  note({ reason, blocked }: Obstacle): void {
    this.#obstacle = { reason, blocked };
    const since = this.thread.waiting?.since ?? new Date().toISOString();
    this.thread = { ...this.thread, waiting: { since, reason, blocked } };
  }

  /** Notes down why nothing can be sent, at once. */
  wait(obstacle: Obstacle): false {
    this.note(obstacle);
    this.saveChanges();
    return false;
  }

  /** At a pass's end: what was sent after a turn that was not has taken the note away, and what was pending may be gone. */
  finish(): void {
    if (this.#obstacle) this.note(this.#obstacle);
    else this.thread = withoutWaiting(this.thread);
    if (!this.saveChanges()) return;
    try {
      this.store.finish(this.thread);
    } catch {
      // What is stored counts as it is.
    }
  }

  countSent({ subAgents, startMs }: Turn): void {
    this.counts.sent++;
    this.#agents.push(...subAgents);
    this.#sinceMs = Math.min(this.#sinceMs, startMs);
  }

  /** The recording was rewritten, or is gone: there is nothing left to send. */
  lose(entry: TurnEntry): void {
    this.counts.lost++;
    const at = new Date().toISOString();
    this.settle({ ...entry, end: entry.start }, { status: 'lost', message: GONE, at });
  }
}

function withoutWaiting({ waiting: _, ...rest }: ThreadState): ThreadState {
  return rest;
}
