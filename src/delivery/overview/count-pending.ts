import type { ThreadRecording, ThreadTurn } from '../recording/recording-port.js';
import { isTurnOver } from '../recording/turn-end.js';
import { cursorOf, findTurn, isPending, pendingTurns, type ThreadState } from '../store/thread-state.js';

/** Turns of one thread that are still to be sent. */
export interface TurnCount {
  readonly pending: number;
  /** The last turn has not ended; it does not count yet. */
  readonly isLive: boolean;
}

/** What counts. */
export interface CountOptions {
  /** As in `isTurnOver`. */
  readonly abandonedMs: number;
  /** Tells turns that are not to be sent; by default there are none. */
  readonly isSkipped?: (turn: ThreadTurn) => Promise<boolean>;
}

/**
 * Counts what is still to be sent of a thread, by its recording from the cursors on, as a pass over it
 * would find it.
 * @param state undefined for a thread that nothing is known of: then all its turns count
 */
export async function countPending(
  recording: ThreadRecording,
  state: ThreadState | undefined,
  options: CountOptions,
): Promise<TurnCount> {
  let pending = state ? await countListed(recording, state, options) : 0;
  let isLive = false;
  for await (const turn of recording.turns((file) => (state ? cursorOf(state, file) : { cursor: 0 }))) {
    const entry = state && findTurn(state, turn);
    if ((entry && !isPending(entry)) || (await options.isSkipped?.(turn))) continue;
    if (await isTurnOver(turn, state, options.abandonedMs)) pending++;
    else isLive = true;
  }
  return { pending, isLive };
}

/** Those that reading on from the cursors will not meet. */
async function countListed(
  recording: ThreadRecording,
  state: ThreadState,
  { isSkipped }: CountOptions,
): Promise<number> {
  let count = 0;
  for (const entry of pendingTurns(state)) {
    const turn = isSkipped && (await recording.turnAt(entry));
    if (!turn || !(await isSkipped(turn))) count++;
  }
  return count;
}
