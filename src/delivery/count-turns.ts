import { type PassedTurn, readTurns } from '../codex/read-turns.js';
import type { ThreadState } from './store/thread-state.js';
import { isTurnOver } from './turn-end.js';

/** Turns of one recording that are still to be sent. */
export interface TurnCount {
  readonly owed: number;
  /** The last turn has not ended; it is not owed yet. */
  readonly live: boolean;
}

/**
 * Counts what a thread still owes, by its recording from the cursor on, as a pass over it would find it.
 * @param state undefined for a thread nobody knows: then all its turns count
 * @param options.abandonedMs as in `isTurnOver`
 * @param options.isLeftOut tells turns that are not to be sent; by default there are none
 */
export async function countOwed(
  path: string,
  state: ThreadState | undefined,
  options: { abandonedMs: number; isLeftOut?: (turn: PassedTurn) => Promise<boolean> },
): Promise<TurnCount> {
  let owed = state?.owed.length ?? 0;
  let live = false;
  for await (const turn of readTurns(path, { offset: state?.cursor ?? 0 })) {
    const announced = state?.announced.find(({ start }) => start === turn.segment.startOffset);
    if (announced?.leaveOut || (await options.isLeftOut?.(turn))) continue;
    if (await isTurnOver(path, turn, state, options.abandonedMs)) owed++;
    else live = true;
  }
  return { owed, live };
}
