import { findRollout } from '../codex/find-rollout.js';
import { isTitleThread, type NotifyPayload } from '../codex/notify-payload.js';
import { isUsableTurnId, readTurn } from '../codex/read-turns.js';
import { compact } from '../platform/json.js';
import { sha256 } from '../platform/sha256.js';
import { buildSpans, identityOf } from '../spans/build-spans.js';
import { adoptParent } from './adopt-parent.js';
import type { DeliveryRun, Route, TurnReport } from './delivery-run.js';
import { ephemeralTurn } from './ephemeral-turn.js';
import { contentPolicy } from './prepare-turn.js';
import { sendTurn } from './send-turn.js';
import { type Announcement, dropAnnouncement, putAnnouncement } from './store/inbox.js';
import type { LogEntry } from './store/journal.js';
import { loadThreadState } from './store/state-file.js';
import type { ThreadResult } from './thread-pass.js';
import { workFamily } from './thread-work.js';

export type HookOutcome = Pick<LogEntry, 'outcome' | 'detail' | 'isReduced'>;

/** A recording can be a moment younger than its announcement. */
const APPEAR_WAIT_MS = 200;

/**
 * Takes an announced turn in hand: writes down that it is owed, sends its thread's turns, then those
 * of the subagents it started. What became of it is the outcome.
 * @param reports every turn tried so far in this run, from `RunOptions.onTurn`
 */
export async function deliverAnnounced(
  run: DeliveryRun,
  payload: NotifyPayload,
  reports: readonly TurnReport[],
): Promise<HookOutcome> {
  const { codexHome, stateDir } = run.options;
  const { threadId } = payload;
  const cwd = payload.cwd ?? process.cwd();
  const route = await run.route(cwd);
  if (route.kind === 'none' && route.outcome !== 'problem') {
    leaveOut(stateDir, payload);
    return { outcome: route.outcome, detail: route.detail };
  }
  const path = await appearing(codexHome, payload);
  if (!path && isTitleThread(payload)) return { outcome: 'ignored', detail: 'a title thread of Codex' };
  if (!path) {
    if (loadThreadState(stateDir, threadId).kind !== 'none') {
      return { outcome: 'problem', detail: 'the recording of this thread is gone' };
    }
    return sendEphemeral(run, payload, route);
  }
  let mail: string;
  try {
    mail = putAnnouncement(stateDir, { ...announcementOf(payload), cwd });
  } catch {
    return sendWithoutState(run, payload, path, route);
  }
  const result = await workFamily(run, threadId, { cwd });
  if (result.kind === 'not saved') {
    const outcome = await sendWithoutState(run, payload, path, route);
    if (outcome.outcome === 'sent') dropAnnouncement(mail);
    return outcome;
  }
  await adoptParent(run, payload, cwd).catch(() => {
    // The turn itself is seen to; its parent is found again by `sync`.
  });
  if (route.kind === 'none') return { outcome: 'problem', detail: route.detail };
  return outcomeOf(payload, result, reports);
}

/**
 * A turn that is not to be traced is passed by, also when a later one of its thread is: where the
 * thread is known, which is the only case that leaves a word behind.
 */
function leaveOut(stateDir: string, payload: NotifyPayload): void {
  if (loadThreadState(stateDir, payload.threadId).kind === 'none') return;
  try {
    putAnnouncement(stateDir, { ...announcementOf(payload), leaveOut: true });
  } catch {
    // The folder takes no files: then nothing of the thread is sent either.
  }
}

function announcementOf(payload: NotifyPayload): Announcement {
  const { threadId, turnId, client } = payload;
  return {
    threadId,
    atMs: Date.now(),
    ...(turnId === undefined ? {} : { turnId }),
    ...(client === undefined ? {} : { client }),
    ...(isUsableTurnId(turnId) ? {} : digests(payload)),
  };
}

function outcomeOf(
  payload: NotifyPayload,
  result: ThreadResult,
  reports: readonly TurnReport[],
): HookOutcome {
  const own = reports.findLast(
    (report) =>
      report.threadId === payload.threadId &&
      (!isUsableTurnId(payload.turnId) || report.turnId === payload.turnId),
  );
  if (own) return compact({ outcome: own.outcome, detail: own.detail, isReduced: own.isReduced });
  switch (result.kind) {
    case 'busy':
      return { outcome: 'owed', detail: 'left to another hook at work on this thread' };
    case 'unknown':
      return { outcome: 'owed', detail: 'the turn is not in the recording yet' };
    case 'failed':
      return { outcome: 'problem', detail: result.owed ?? 'internal error' };
    default:
      if (result.owed !== undefined) return { outcome: 'owed', detail: result.owed };
      if (result.live) return { outcome: 'owed', detail: 'the turn has not ended yet' };
      return { outcome: 'sent', detail: 'sent before' };
  }
}

async function appearing(codexHome: string, payload: NotifyPayload): Promise<string | undefined> {
  const untilMs = Date.now() + APPEAR_WAIT_MS;
  for (;;) {
    const path = await findRollout(codexHome, payload.threadId);
    if (path || isTitleThread(payload) || Date.now() >= untilMs) return path;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function digests(payload: NotifyPayload): { promptDigest?: string; answerDigest?: string } {
  const prompt = payload.inputMessages.at(-1);
  const answer = payload.lastAssistantMessage;
  return {
    ...(prompt === undefined ? {} : { promptDigest: sha256(prompt) }),
    ...(answer === undefined ? {} : { answerDigest: sha256(answer) }),
  };
}

/** `--ephemeral` means nothing on disk: such a turn is tried now or lost. */
async function sendEphemeral(run: DeliveryRun, payload: NotifyPayload, route: Route): Promise<HookOutcome> {
  if (route.kind === 'none') return { outcome: 'lost', detail: `no recording, and ${route.detail}` };
  const { settings, sender, destination } = route;
  const turn = ephemeralTurn(payload, Date.now());
  const options = {
    userId: settings.userId,
    tags: settings.tags,
    ...(payload.client === undefined ? {} : { client: payload.client }),
  };
  const specs = buildSpans(
    turn,
    undefined,
    { root: identityOf(turn) },
    options,
    contentPolicy(settings),
    sha256,
  );
  const obstacle = run.obstacle(destination);
  const result = obstacle
    ? { kind: 'owed' as const, ...obstacle }
    : await sender.send(specs, undefined, { timeoutMs: run.requestMs() });
  if (result.kind === 'sent') return { outcome: 'sent', detail: 'no recording (--ephemeral)' };
  const why = result.kind === 'owed' ? result.reason : String(result.status);
  if (result.kind === 'owed') run.markDown(destination, result);
  return { outcome: 'lost', detail: `no recording (--ephemeral), and not accepted: ${why}` };
}

/** Our folder takes no files: a new thread's turn is sent all the same, a known one's waits, so that nothing doubles. */
async function sendWithoutState(
  run: DeliveryRun,
  payload: NotifyPayload,
  path: string,
  route: Route,
): Promise<HookOutcome> {
  if (loadThreadState(run.options.stateDir, payload.threadId).kind !== 'none' || route.kind === 'none') {
    return { outcome: 'owed', detail: 'the state folder cannot be written' };
  }
  const recorded = await readTurn(path, {
    ...(payload.turnId === undefined ? {} : { turnId: payload.turnId }),
    ...(payload.lastAssistantMessage === undefined ? {} : { answer: payload.lastAssistantMessage }),
  });
  if (!recorded) return { outcome: 'problem', detail: 'the turn is not in the recording' };
  const { result } = await sendTurn(recorded, run.options.codexHome, route.settings, route.sender, {
    refusals: 0,
    abandonedMs: run.options.abandonedMs,
    remainingMs: () => run.requestMs(),
    ...(payload.client === undefined ? {} : { client: payload.client }),
  });
  if (result.kind === 'sent') return { outcome: 'sent', detail: 'the state folder cannot be written' };
  return { outcome: 'lost', detail: result.kind === 'owed' ? result.reason : String(result.status) };
}
