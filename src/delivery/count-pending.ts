import type { ThreadRecording, ThreadTurn } from './recording-port.js';
import { cursorOf, findTurn, isPending, pendingTurns, type ThreadState } from './store/thread-state.js';
import { isTurnOver } from './turn-end.js';

/** Turns of one thread that are still to be sent. */
export interface TurnCount {
  readonly pending: number;
  /** The last turn has not ended; it does not count yet. */
  readonly isLive: boolean;
}

/**
 * Counts what is still to be sent of a thread, by its recording from the cursors on, as a pass over it
 * would find it.
 * @param state undefined for a thread that nothing is known of: then all its turns count
 * @param options.abandonedMs as in `isTurnOver`
 * @param options.isSkipped tells turns that are not to be sent; by default there are none
 */
export async function countPending(
  recording: ThreadRecording,
  state: ThreadState | undefined,
  options: { abandonedMs: number; isSkipped?: (turn: ThreadTurn) => Promise<boolean> },
): Promise<TurnCount> {
  let pending = 0;
  let isLive = false;
  for (const entry of state ? pendingTurns(state) : []) {
    const turn = options.isSkipped && (await recording.turnAt(entry));
    if (!turn || !(await options.isSkipped?.(turn))) pending++;
  }
  for await (const turn of recording.turns((file) => (state ? cursorOf(state, file) : { cursor: 0 }))) {
    const entry = state && findTurn(state, turn);
    if ((entry && !isPending(entry)) || (await options.isSkipped?.(turn))) continue;
    if (await isTurnOver(turn, state, options.abandonedMs)) pending++;
    else isLive = true;
  }
  return { pending, isLive };
}
