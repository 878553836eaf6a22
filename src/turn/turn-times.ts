import type { RolloutEvent } from '../codex/lines/rollout-event.js';

/** When a turn began and ended, in ms since the epoch. */
export interface TurnTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/** A time within the turn: lines that a clock was set back between, or that were copied, do not leave it. */
export function inside(timeMs: number, turn: TurnTimes): number {
  return Math.max(turn.startMs, Math.min(timeMs, turn.endMs));
}

/** Gives each line that tells no time that of the line before it. */
export function withTimes(events: readonly RolloutEvent[], fallbackMs: number): readonly RolloutEvent[] {
  if (!events.some((event) => Number.isNaN(event.timeMs))) return events;
  let last = events.find((event) => !Number.isNaN(event.timeMs))?.timeMs ?? fallbackMs;
  return events.map((event) => {
    if (!Number.isNaN(event.timeMs)) last = event.timeMs;
    return { ...event, timeMs: last };
  });
}
