import { LIVE_PACE } from '../../delivery/live/live-pace.js';
import type { WatchOptions } from '../../delivery/live/live-watch.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import type { CommandIo } from '../../terminal/io.js';
import { ABANDONED_MS } from '../notify-hook/hook-times.js';

/** A process that a hook has left behind ends when no turn has gone on for so long, in ms: 10 minutes. */
const IDLE_MS = 600_000;

/** Which turns a watcher shows, how soon, and how long it waits for more. */
export interface WatchPlan extends Omit<WatchOptions, 'onTurn'> {
  /** Undefined where it waits for ever. */
  readonly idleMs: number | undefined;
}

/** @param asked.isLeft a hook has left it behind; @param asked.once what goes on now is to be shown, and no more */
export function watchPlan(
  { env, homeDir }: Pick<CommandIo, 'env' | 'homeDir'>,
  { isLeft, once }: { readonly isLeft: boolean; readonly once: boolean },
): WatchPlan {
  return {
    run: { ...runPlaces(env, homeDir), abandonedMs: ABANDONED_MS },
    // Who asks for what goes on now does not want to wait for it to be ten seconds old.
    pace: once ? { ...LIVE_PACE, firstMs: 0 } : LIVE_PACE,
    // Who types the command wants it, wherever nobody has said no.
    isWanted: ({ live }) => (isLeft ? live === true : live !== false),
    idleMs: isLeft ? IDLE_MS : undefined,
  };
}
