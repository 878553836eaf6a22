import { findRollout } from '../../codex/find-rollout.js';
import { countOwed } from '../../delivery/count-turns.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import type { ThreadResult } from '../../delivery/thread-pass.js';
import { loadThreadState } from '../../delivery/thread-state.js';
import { workThread } from '../../delivery/thread-work.js';
import type { ChosenThread } from './choose-threads.js';
import { type SyncCounts, ZERO_COUNTS } from './sync-counts.js';

/** How long to wait for a thread that a hook or another `sync` has in hand (a hook takes 15 s at most). */
const BUSY_MS = 20_000;
const POLL_MS = 100;

/** Sends what one thread owes, waiting for its lock. */
export async function syncThread(
  run: DeliveryRun,
  thread: ChosenThread,
): Promise<{ counts: SyncCounts; why?: string }> {
  const before = loadThreadState(run.options.stateDir, thread.threadId);
  const options = { whole: thread.whole, ...(thread.path === undefined ? {} : { path: thread.path }) };
  const untilMs = Date.now() + BUSY_MS;
  let result: ThreadResult = await workThread(run, thread.threadId, options);
  while (result.kind === 'busy' && Date.now() < untilMs && !run.options.signal?.aborted) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    result = await workThread(run, thread.threadId, options);
  }
  if (result.route?.kind === 'none' && result.route.outcome !== 'problem') {
    return { counts: { ...ZERO_COUNTS, untraced: 1 }, why: result.route.detail };
  }
  if (result.kind === 'no recording' || result.kind === 'unknown') return { counts: ZERO_COUNTS };
  if (result.kind === 'busy')
    return { counts: { ...ZERO_COUNTS, owed: 1 }, why: 'another process has the thread in hand' };
  if (result.kind === 'not saved')
    return { counts: { ...ZERO_COUNTS, owed: 1 }, why: 'the state folder cannot be written' };
  const { state } = result;
  const path = thread.path ?? (await findRollout(run.options.codexHome, thread.threadId));
  const left = result.owed !== undefined && path ? await countOwed(path, state) : undefined;
  const sentBefore = before.kind === 'state' ? before.state.sent : 0;
  return {
    counts: {
      ...ZERO_COUNTS,
      sent: result.sent,
      alreadyThere: Math.max(0, Math.min(sentBefore, (state?.sent ?? 0) - result.sent)),
      owed: left?.owed ?? 0,
      setAside: state?.setAside.length ?? 0,
      goingOn: (left?.live ?? result.live) ? 1 : 0,
    },
    ...(result.owed === undefined ? {} : { why: result.owed }),
  };
}
