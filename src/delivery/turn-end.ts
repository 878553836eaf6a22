import type { PassedTurn } from '../codex/read-turns.js';
import { isAbandoned } from '../codex/recording-life.js';
import type { ThreadState } from './store/thread-state.js';

/**
 * Whether a turn of a recording is over. One without an end line is when another begins after it, when
 * it was announced (Codex up to 0.80 writes no end), or when its writer is gone.
 * @param abandonedMs how long a recording that nobody has open must have been silent
 */
export async function isTurnOver(
  path: string,
  { segment, isLast }: PassedTurn,
  state: Pick<ThreadState, 'announced'> | undefined,
  abandonedMs: number,
): Promise<boolean> {
  if (segment.ended || !isLast) return true;
  const announced = state?.announced.some((turn) => turn.start === segment.startOffset);
  if (announced && !segment.started) return true;
  const times = segment.events.map((event) => event.timeMs).filter((ms) => !Number.isNaN(ms));
  const lastLineMs = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : Number.NaN;
  return isAbandoned(path, { lastLineMs, nowMs: Date.now(), abandonedMs });
}
