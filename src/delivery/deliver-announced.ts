import { lookForRecordings } from '../codex/find-rollout.js';
import { isTitleThread, type NotifyPayload } from '../codex/notify-payload.js';
import { isUsableTurnId } from '../codex/read-turns.js';
import type { UnreadableFolder } from '../codex/recording-folders.js';
import { compact } from '../platform/json.js';
import { poll } from '../platform/poll.js';
import { sha256 } from '../platform/sha256.js';
import { readRunContext } from '../settings/run-context.js';
import { adoptParent } from './adopt-parent.js';
import type { DeliveryRun } from './delivery-run.js';
import { drainApart, drainFamily } from './drain-thread.js';
import { type HookOutcome, hookOutcome } from './hook-outcome.js';
import { announcedRecording, CodexRecording, oneTurnOf } from './recording/codex-recording.js';
import { payloadRecording } from './recording/payload-recording.js';
import type { ThreadRecording } from './recording/recording-port.js';
import type { DeliverRoute, Route } from './sending/route.js';
import { type Announcement, dropAnnouncement, putAnnouncement } from './store/inbox.js';
import { wasSent } from './store/recover-state.js';
import { loadThreadState } from './store/state-file.js';
import { MemoryStore } from './store/thread-store.js';
import type { TurnReport } from './turn-report.js';

export type { HookOutcome } from './hook-outcome.js';

/** A recording can be a moment younger than its announcement. */
const APPEAR_WAIT_MS = 200;
const POLL_MS = 20;
const UNWRITABLE = 'the state folder cannot be written';

/**
 * Takes an announced turn in hand: writes down that it is wanted, sends what its thread has pending, then
 * the turns of the subagents it started. What became of it is the outcome.
 * @param reports every turn tried so far in this run, from `RunOptions.onTurn`
 */
export async function deliverAnnounced(
  run: DeliveryRun,
  payload: NotifyPayload,
  reports: readonly TurnReport[],
): Promise<HookOutcome> {
  const { stateDir } = run.options;
  const cwd = payload.cwd ?? process.cwd();
  const route = await run.route(cwd);
  if (route.kind === 'skip') {
    leaveOut(run, payload);
    return { outcome: route.outcome, detail: route.detail };
  }
  const recorded = await isRecorded(run, payload);
  const announcement = { ...announcementOf(payload, run), cwd };
  if (typeof recorded === 'object' && !isTitleThread(payload))
    return leaveHidden(run, announcement, recorded);
  if (recorded !== true) return deliverUnrecorded(run, payload, route, reports);
  let mail: string;
  try {
    mail = putAnnouncement(stateDir, announcement);
  } catch {
    return deliverWithoutState(run, announcement, route, reports);
  }
  const outcome = await drainFamily(run, payload.threadId, { cwd });
  if (outcome.kind === 'not saved') {
    const apart = await deliverWithoutState(run, announcement, route, reports);
    if (apart.outcome === 'sent') dropAnnouncement(mail);
    return apart;
  }
  await adoptParent(run, payload, cwd).catch(() => {
    // The turn itself is seen to; its parent is found again by `sync`.
  });
  if (route.kind === 'problem') return { outcome: 'problem', detail: route.detail };
  return hookOutcome(run, { ...announcement, mail }, outcome, reports);
}

/**
 * A turn that is not to be traced is passed by, also when a later one of its thread is: where the
 * thread is known, which is the only case that leaves a word behind.
 */
function leaveOut(run: DeliveryRun, payload: NotifyPayload): void {
  const { stateDir } = run.options;
  if (loadThreadState(stateDir, payload.threadId).kind === 'none') return;
  try {
    putAnnouncement(stateDir, { ...announcementOf(payload, run), leaveOut: true });
  } catch {
    // The folder takes no files: then nothing of the thread is sent either.
  }
}

function announcementOf(payload: NotifyPayload, { options }: DeliveryRun): Announcement {
  const { threadId, turnId, client, recording } = payload;
  const prompt = payload.inputMessages.at(-1);
  const answer = payload.lastAssistantMessage;
  const digests = isUsableTurnId(turnId)
    ? {}
    : {
        promptDigest: prompt === undefined ? undefined : sha256(prompt),
        answerDigest: answer === undefined ? undefined : sha256(answer),
      };
  const context = readRunContext(options.env, client);
  return compact({ threadId, atMs: Date.now(), turnId, client, run: context, recording, ...digests });
}

/** Whether a thread is recorded, or the folder that cannot be read and so hides whether it is. */
async function isRecorded(
  { options }: DeliveryRun,
  payload: NotifyPayload,
): Promise<boolean | UnreadableFolder> {
  if (announcedRecording(payload).length > 0) return true;
  let hidden: UnreadableFolder | undefined;
  const look = async () => {
    const found = lookForRecordings(options.codexHome, payload.threadId);
    hidden = found.hidden;
    return found.recordings.length > 0 || undefined;
  };
  const untilMs = isTitleThread(payload) ? 0 : Date.now() + APPEAR_WAIT_MS;
  return (await poll(look, { everyMs: POLL_MS, untilMs })) ?? hidden ?? false;
}

/** Sent from its announcement alone, a turn that is recorded after all would be sent again with its recording. */
function leaveHidden(
  { options }: DeliveryRun,
  announcement: Announcement,
  { file, code }: UnreadableFolder,
): HookOutcome {
  const detail = `${file} cannot be read (${code})`;
  try {
    putAnnouncement(options.stateDir, announcement);
    return { outcome: 'pending', detail };
  } catch {
    return { outcome: 'problem', detail: `${detail}, and ${UNWRITABLE}` };
  }
}

/** `--ephemeral` means nothing on disk: such a turn is tried now or lost. */
async function deliverUnrecorded(
  run: DeliveryRun,
  payload: NotifyPayload,
  route: Route,
  reports: readonly TurnReport[],
): Promise<HookOutcome> {
  if (isTitleThread(payload)) return { outcome: 'ignored', detail: 'a title thread of Codex' };
  if (loadThreadState(run.options.stateDir, payload.threadId).kind !== 'none')
    return { outcome: 'problem', detail: 'the recording of this thread is gone' };
  if (route.kind !== 'deliver') return { outcome: 'lost', detail: `no recording, and ${route.detail}` };
  const what = 'no recording (--ephemeral)';
  const announcement = announcementOf(payload, run);
  return deliverApart(run, payloadRecording(payload, Date.now()), announcement, reports, what);
}

/** Our folder takes no files: a new thread's turn is sent all the same, a known one's waits, so that nothing doubles. */
async function deliverWithoutState(
  run: DeliveryRun,
  announcement: Announcement & { cwd: string },
  route: DeliverRoute | (Route & { kind: 'problem' }),
  reports: readonly TurnReport[],
): Promise<HookOutcome> {
  const { codexHome, stateDir } = run.options;
  const { threadId } = announcement;
  if (loadThreadState(stateDir, threadId).kind !== 'none' || route.kind === 'problem')
    return { outcome: 'pending', detail: UNWRITABLE };
  const recording = await CodexRecording.open(codexHome, threadId, announcedRecording(announcement));
  const at = await recording?.locate(announcement, undefined);
  if (!recording || !at)
    return { outcome: 'lost', detail: `the turn is not in its recording, and ${UNWRITABLE}` };
  return deliverApart(run, oneTurnOf(recording, at), announcement, reports, UNWRITABLE);
}

/** Tries one turn now, with nothing kept of it: what is not sent is lost. */
async function deliverApart(
  run: DeliveryRun,
  recording: ThreadRecording,
  announcement: Announcement,
  reports: readonly TurnReport[],
  what: string,
): Promise<HookOutcome> {
  const { threadId, turnId } = announcement;
  if (wasSent(run.options.stateDir, threadId, turnId)) return { outcome: 'sent', detail: 'sent before' };
  const mail = [{ file: '', announcement }];
  const outcome = await drainApart(run, { recording, store: new MemoryStore(), mail });
  const own = reports.findLast((report) => report.threadId === threadId);
  if (own?.outcome === 'sent') {
    return compact({
      outcome: 'sent',
      detail: own.detail ? `${what}; ${own.detail}` : what,
      isReduced: own.isReduced,
    });
  }
  const why =
    own?.detail ??
    (outcome.kind === 'drained' ? outcome.pending : 'reason' in outcome ? outcome.reason : undefined);
  return { outcome: 'lost', detail: `${what}, and not accepted: ${why ?? 'the turn has not ended'}` };
}
