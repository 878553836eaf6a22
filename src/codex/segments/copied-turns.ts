import { uuidTimeMs } from '../../platform/uuid-time.js';
import type { RolloutEvent, SessionMeta } from '../lines/rollout-event.js';

/** A model never answers as fast as a file is copied (a few ms between lines, measured). */
const COPY_PAUSE_MS = 20;
const FROM_MODEL = new Set(['reasoning', 'tool_call', 'tool_output', 'tool_item', 'token_count']);

/**
 * Which turns of a file were copied from another thread's. A fork, and a subagent that is given its
 * parent's history, begin with the parent's lines up to 0.140, its first line included. Where turns
 * have ids (0.101 on) these tell copies by the time in them; where they have none (a fork made by
 * 0.80), copies are what was written in one go with the file's first lines.
 */
export class CopiedTurns {
  /** Lines are still being copied; when the last of them was written. */
  #copyingMs: number | undefined;
  /** Copying has ended, and nothing has shown yet whose the turn under way is. */
  #paused = false;

  /** The first line of another thread stands in this file. */
  begin(timeMs: number): void {
    this.#copyingMs = timeMs;
  }

  /**
   * Looks at the next line. Copying ends with a pause in the writing. What the model says after it is
   * the thread's own, and so is the turn it says that in.
   * @returns whether the line shows that the turn under way is the thread's own
   */
  see(event: RolloutEvent): boolean {
    const paused = this.#copyingMs !== undefined && event.timeMs - this.#copyingMs > COPY_PAUSE_MS;
    if (this.#copyingMs !== undefined && !Number.isNaN(event.timeMs)) this.#copyingMs = event.timeMs;
    if (paused) {
      this.#copyingMs = undefined;
      this.#paused = true;
    }
    const isOwn = this.#paused && isFromModel(event);
    if (isOwn) this.#paused = false;
    return isOwn;
  }

  /** Whether a turn that begins now is a copy, as far as is known yet. */
  isCopy(turnId: string | undefined, meta: SessionMeta | undefined): boolean {
    const turnMs = uuidTimeMs(turnId);
    if (turnMs === undefined) return this.#copyingMs !== undefined;
    // Ids hold the time they were made: a turn older than its thread was copied into it.
    const mayCopy = meta?.forkedFromId !== undefined || meta?.parentThreadId !== undefined;
    const threadMs = mayCopy ? uuidTimeMs(meta?.threadId) : undefined;
    return threadMs !== undefined && turnMs < threadMs;
  }
}

function isFromModel(event: RolloutEvent): boolean {
  return FROM_MODEL.has(event.kind) || (event.kind === 'message' && event.role === 'assistant');
}
