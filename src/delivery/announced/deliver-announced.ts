import { isTitleThread, type NotifyPayload } from '../../codex/notify-payload.js';
import type { UnreadableFolder } from '../../codex/recordings/recording-folders.js';
import { poll } from '../../platform/poll.js';
import { drainFamily } from '../pass/drain-thread.js';
import { announcedRecording, CodexRecording, type FoundRecording } from '../recording/codex-recording.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { UNWRITABLE } from '../run/pass-state.js';
import type { OpenRoute } from '../sending/route.js';
import { dropAnnouncement, putAnnouncement } from '../store/inbox.js';
import { loadThreadState } from '../store/state-file.js';
import { adoptParent } from './adopt-parent.js';
import { announcementOf, type FreshAnnouncement } from './announcement.js';
import { deliverUnrecorded, deliverUnsaved } from './deliver-apart.js';
import { type HookOutcome, hookOutcome } from './hook-outcome.js';

/** A recording can be a moment younger than its announcement. */
const APPEAR_WAIT_MS = 200;
const POLL_MS = 20;

/**
 * Takes an announced turn in hand: writes down that it is wanted, sends what its thread has pending, then
 * the turns of the subagents it started. What became of it is the outcome.
 */
export async function deliverAnnounced(run: DeliveryRun, payload: NotifyPayload): Promise<HookOutcome> {
  const announcement = announcementOf(payload, run.options.env);
  const route = await run.route(announcement.cwd);
  if (route.kind === 'skip') {
    passBy(run, announcement);
    return { outcome: route.outcome, detail: route.detail };
  }
  const { recording, hidden } = await lookFor(run, payload);
  if (recording) return deliverRecorded(run, announcement, route);
  if (isTitleThread(payload)) return { outcome: 'ignored', detail: 'a title thread of Codex' };
  if (hidden) return keepHidden(run, announcement, hidden);
  return deliverUnrecorded(run, payload, announcement, route);
}

async function deliverRecorded(
  run: DeliveryRun,
  announcement: FreshAnnouncement,
  route: OpenRoute,
): Promise<HookOutcome> {
  let mail: string;
  try {
    mail = putAnnouncement(run.options.stateDir, announcement);
  } catch {
    return deliverUnsaved(run, announcement, route);
  }
  const outcome = await drainFamily(run, announcement.threadId);
  if (outcome.kind === 'not saved') {
    const apart = await deliverUnsaved(run, announcement, route);
    if (apart.outcome === 'sent') dropAnnouncement(mail);
    return apart;
  }
  await adoptParent(run, announcement).catch(() => {
    // The turn itself is seen to; its parent is found again by `sync`.
  });
  if (route.kind === 'problem' && !route.passes) return { outcome: 'problem', detail: route.detail };
  return hookOutcome(run, { ...announcement, mail }, outcome);
}

/**
 * A turn that is not to be traced is passed by, also when a later one of its thread is: where the
 * thread is known, which is the only case that leaves a word behind.
 */
function passBy({ options: { stateDir } }: DeliveryRun, announcement: FreshAnnouncement): void {
  if (loadThreadState(stateDir, announcement.threadId).kind === 'none') return;
  try {
    putAnnouncement(stateDir, { ...announcement, leaveOut: true });
  } catch {
    // The folder takes no files: then nothing of the thread is sent either.
  }
}

/** The thread's recording, waited for a moment; or the folder that hides whether there is one. */
async function lookFor({ options }: DeliveryRun, payload: NotifyPayload): Promise<FoundRecording> {
  const named = announcedRecording(payload);
  let found: FoundRecording = {};
  const look = async () => {
    found = CodexRecording.find(options.codexHome, payload.threadId, named);
    return found.recording;
  };
  const untilMs = isTitleThread(payload) ? 0 : Date.now() + APPEAR_WAIT_MS;
  await poll(look, { everyMs: POLL_MS, untilMs });
  return found;
}

/** Sent from its announcement alone, a turn that is recorded after all would be sent again with its recording. */
function keepHidden(
  { options }: DeliveryRun,
  announcement: FreshAnnouncement,
  { file, code }: UnreadableFolder,
): HookOutcome {
  const detail = `${file} cannot be read (${code})`;
  try {
    putAnnouncement(options.stateDir, announcement);
    return { outcome: 'pending', detail };
  } catch {
    return { outcome: 'problem', detail: `${detail}, and ${UNWRITABLE.reason}` };
  }
}
