import type { RunOptions } from '../../delivery/run/delivery-run.js';
import type { RunPlaces } from '../../delivery/run/run-places.js';

/** A hook is over after this, in ms, whatever is left; the next one takes it up. */
export const HOOK_MS = 15_000;
/** For one request, in ms. A fresh MLflow needs 7 s for its first one (3.17.2). */
const REQUEST_MS = 10_000;
/** 5 minutes. An open turn is no hurry: its Codex may be in a container that shares the folder, and unseen. */
export const ABANDONED_MS = 300_000;

/** A hook's run, from when it was started. */
export function hookRunOptions(places: RunPlaces, startedMs: number): RunOptions {
  return {
    ...places,
    deadlineMs: startedMs + HOOK_MS,
    requestTimeoutMs: REQUEST_MS,
    abandonedMs: ABANDONED_MS,
  };
}
