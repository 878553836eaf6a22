import { readTurns } from '../codex/read-turns.js';
import type { ThreadState } from './thread-state.js';

/** Turns of one recording that are still to be sent. */
export interface TurnCount {
  readonly owed: number;
  /** The last turn has not ended; it is not owed yet. */
  readonly live: boolean;
}

/**
 * Counts what a thread still owes, by its recording from the cursor on.
 * @param state undefined for a thread nobody knows: then all its turns count
 */
export async function countOwed(path: string, state: ThreadState | undefined): Promise<TurnCount> {
  let owed = state?.owed.length ?? 0;
  let live = false;
  for await (const { segment, isLast } of readTurns(path, { offset: state?.cursor ?? 0 })) {
    if (isLast && segment.started && !segment.ended) live = true;
    else owed++;
  }
  return { owed, live };
}
