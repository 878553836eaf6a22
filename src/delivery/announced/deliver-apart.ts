import type { NotifyPayload } from '../../codex/notify-payload.js';
import { compact } from '../../platform/json.js';
import { drainApart } from '../pass/drain-thread.js';
import { announcedRecording, CodexRecording } from '../recording/codex-recording.js';
import { oneTurnOf } from '../recording/one-turn.js';
import { payloadRecording } from '../recording/payload-recording.js';
import type { ThreadRecording } from '../recording/recording-port.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { UNWRITABLE } from '../run/pass-state.js';
import type { OpenRoute } from '../sending/route.js';
import { wasSent } from '../store/recover-state.js';
import { loadThreadState } from '../store/state-file.js';
import { RECORDING_GONE } from '../store/thread-state.js';
import { MemoryStore } from '../store/thread-store.js';
import type { FreshAnnouncement } from './announcement.js';
import type { HookOutcome } from './hook-outcome.js';

const EPHEMERAL = 'no recording (--ephemeral)';

/** `--ephemeral` means nothing on disk: such a turn is tried now, from its announcement alone, or lost. */
export async function deliverUnrecorded(
  run: DeliveryRun,
  payload: NotifyPayload,
  announcement: FreshAnnouncement,
  route: OpenRoute,
): Promise<HookOutcome> {
  if (loadThreadState(run.options.stateDir, payload.threadId).kind !== 'none')
    return { outcome: 'problem', detail: RECORDING_GONE };
  if (route.kind === 'problem') return { outcome: 'lost', detail: `no recording, and ${route.detail}` };
  return deliverApart(run, payloadRecording(payload, announcement.atMs), announcement, EPHEMERAL);
}

/** Our folder takes no files: a new thread's turn is sent all the same, a known one's waits, so that nothing doubles. */
export async function deliverUnsaved(
  run: DeliveryRun,
  announcement: FreshAnnouncement,
  route: OpenRoute,
): Promise<HookOutcome> {
  const { codexHome, stateDir } = run.options;
  const { threadId } = announcement;
  if (loadThreadState(stateDir, threadId).kind !== 'none' || route.kind === 'problem')
    return { outcome: 'pending', detail: UNWRITABLE.reason };
  const { recording } = CodexRecording.find(codexHome, threadId, announcedRecording(announcement));
  const at = await recording?.locate(announcement, undefined);
  if (!recording || !at)
    return { outcome: 'lost', detail: `the turn is not in its recording, and ${UNWRITABLE.reason}` };
  return deliverApart(run, oneTurnOf(recording, at), announcement, UNWRITABLE.reason);
}

/** Tries one turn now, with nothing kept of it: what is not sent is lost. @param why nothing can be kept */
async function deliverApart(
  run: DeliveryRun,
  recording: ThreadRecording,
  announcement: FreshAnnouncement,
  why: string,
): Promise<HookOutcome> {
  const { threadId, turnId } = announcement;
  if (wasSent(run.options.stateDir, threadId, turnId)) return { outcome: 'sent', detail: 'sent before' };
  const mail = [{ file: '', announcement }];
  const outcome = await drainApart(run, { recording, store: new MemoryStore(), mail });
  const own = run.reports.findLast((report) => report.threadId === threadId);
  if (own?.outcome === 'sent') {
    const detail = own.detail ? `${why}; ${own.detail}` : why;
    return compact({ outcome: 'sent', detail, isReduced: own.isReduced });
  }
  const notSent =
    own?.detail ??
    (outcome.kind === 'drained' ? outcome.pending : 'reason' in outcome ? outcome.reason : undefined);
  return { outcome: 'lost', detail: `${why}, and not accepted: ${notSent ?? 'the turn has not ended'}` };
}
