import type { NotifyPayload } from '../../codex/notify-payload.js';
import { drainFamily } from '../pass/drain-thread.js';
import { announcedRecording } from '../recording/codex-recording.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { UNWRITABLE } from '../run/pass-state.js';
import type { ThreadOutcome } from '../run/thread-outcome.js';
import { putAnnouncement } from '../store/inbox.js';
import { announcementOf } from './announcement.js';
import type { HookOutcome } from './hook-outcome.js';

/**
 * Sends what a thread has pending when its session ends: failed and interrupted turns, which neither
 * `notify` nor Stop tells of, and whatever else no server has taken yet. Of a thread that nothing is known
 * of, the turns at its end that nothing told of.
 * @returns what is left; `ignored` where nothing is. The turns that were sent are the run's own reports
 */
export async function deliverSessionEnd(run: DeliveryRun, payload: NotifyPayload): Promise<HookOutcome> {
  const announcement = announcementOf(payload, run.options.env);
  const route = await run.route(announcement.cwd);
  if (route.kind === 'skip') return { outcome: route.outcome, detail: route.detail };
  if (announcedRecording(payload).length === 0) return nothing('the session has no recording');
  try {
    putAnnouncement(run.options.stateDir, announcement);
  } catch {
    return { outcome: 'problem', detail: UNWRITABLE.reason };
  }
  return whatIsLeft(await drainFamily(run, announcement.threadId));
}

/** What the log says of a session's end, from what became of its thread. */
export function whatIsLeft(outcome: ThreadOutcome): HookOutcome {
  switch (outcome.kind) {
    case 'drained':
      return outcome.pending === undefined
        ? nothing('nothing is pending')
        : { outcome: 'pending', detail: outcome.pending };
    case 'not saved':
      return { outcome: 'pending', detail: outcome.reason };
    case 'failed':
      return { outcome: 'problem', detail: outcome.reason };
    case 'busy':
      return nothing('left to another hook at work on this thread');
    case 'unannounced':
    case 'segment':
    case 'no recording':
    case 'elsewhere':
    case 'skipped':
      return nothing('nothing is pending');
  }
}

function nothing(detail: string): HookOutcome {
  return { outcome: 'ignored', detail };
}
