import { findTurn, type ThreadState } from '../store/thread-state.js';
import type { ThreadTurn } from './recording-port.js';

/**
 * Whether a turn is over. One without an end line is when another begins after it, when it was
 * announced (Codex up to 0.80 writes no end), or when its writer is gone.
 * @param state undefined for a thread that nothing is known of
 * @param abandonedMs how long a recording that no process has open must have been silent
 */
export async function isTurnOver(
  turn: ThreadTurn,
  state: ThreadState | undefined,
  abandonedMs: number,
): Promise<boolean> {
  if (turn.isOver) return true;
  const isAnnounced = state !== undefined && findTurn(state, turn)?.status === 'enqueued';
  return (isAnnounced && !turn.started) || turn.isAbandoned(abandonedMs);
}
