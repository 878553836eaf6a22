import { homedir } from 'node:os';
import { type NotifyPayload, parseNotifyPayload } from '../../codex/notify-payload.js';
import { hasTurnEnded, isUsableTurnId } from '../../codex/reading/read-turns.js';
import { readSessionTail } from '../../codex/reading/untold-turns.js';
import { findRollout } from '../../codex/recordings/find-rollout.js';
import { deliverAnnounced } from '../../delivery/announced/deliver-announced.js';
import { deliverSessionEnd } from '../../delivery/announced/deliver-session-end.js';
import { withPassedOver } from '../../delivery/announced/passed-over.js';
import { catchUpAfterLive } from '../../delivery/live/catch-up-after-live.js';
import { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import type { TurnReport } from '../../delivery/run/turn-report.js';
import { appendLog, appendTurn, type LogEntry } from '../../delivery/store/journal.js';
import { readForwardedNotifier } from '../../install/codex-config/forwarded-notifier.js';
import { compact } from '../../platform/json.js';
import { poll } from '../../platform/poll.js';
import { errorName } from '../../platform/problems/error-name.js';
import { startDetached } from '../../platform/process/start-detached.js';
import { leaveRetryProcess } from '../retry-pending/leave-retry-process.js';
import { inTime, outOfTime } from './in-time.js';

/** A hook is over after this, whatever is left; the next one takes it up. */
export const HOOK_MS = 15_000;
/** How long the process that a Stop hook leaves behind waits for the turn's end. */
const STOP_WAIT_MS = 8000;
const STOP_POLL_MS = 50;
/** How long it waits at a session's end, when every turn is over (its line was there each time, 0.152 to 0.171). */
const SESSION_END_WAIT_MS = 500;
/** For one request. A fresh MLflow needs 7 s for its first one (3.17.2). */
const REQUEST_MS = 10_000;

/** An open turn is no hurry: its Codex may be in a container that shares the folder, and unseen. */
const ABANDONED_MS = 5 * 60 * 1000;
/** After these a hook leaves: where nothing is traced it sends nothing of other threads' either. */
const LEFT_ALONE: readonly string[] = ['untraced', 'disabled', 'ignored'];

/**
 * What Codex runs after each turn. Prints nothing, throws nothing: whatever happens ends as one line
 * of the log in our state folder.
 * @param payloadText the last argument, as Codex gave it
 * @param options.trigger `stop`: from a Stop hook, before the turn's end is written, and beside `notify`
 * @param options.script our program, for the process that is left behind where a server is slow or overloaded
 * @returns whether a server took a turn
 */
export async function runNotifyHook(
  payloadText: string | undefined,
  env: NodeJS.ProcessEnv,
  { trigger, script }: { trigger: 'notify' | 'stop'; script: string },
): Promise<boolean> {
  const startedMs = Date.now();
  const places = runPlaces(env, homedir());
  const { stateDir } = places;
  const log: Log = (entry) =>
    appendLog(stateDir, { time: new Date().toISOString(), ...entry, ms: Date.now() - startedMs });
  try {
    const parsed = parseNotifyPayload(payloadText);
    const cwd = parsed.kind === 'turn' ? parsed.payload.cwd : undefined;
    // Another notifier is called by `notify` alone: it knows nothing of Stop hooks.
    if (trigger === 'notify') await forward(readForwardedNotifier(stateDir, cwd), payloadText);
    if (parsed.kind === 'other') log({ outcome: 'ignored', detail: `announcement of type ${parsed.type}` });
    if (parsed.kind === 'malformed') log({ outcome: 'problem', detail: parsed.reason });
    if (parsed.kind !== 'turn') return false;
    if (trigger === 'stop') await awaitTurnEnd(places.codexHome, parsed.payload);
    const run = new DeliveryRun({
      ...places,
      deadlineMs: startedMs + HOOK_MS,
      requestTimeoutMs: REQUEST_MS,
      abandonedMs: ABANDONED_MS,
    });
    let isDone = true;
    try {
      isDone = await deliver(run, parsed.payload, log);
    } finally {
      // What is still under way ends with the process.
      if (isDone) run.close();
      logOthers(stateDir, parsed.payload, run.reports);
    }
    await leaveProcesses(run, script, stateDir, isDone);
    return run.reports.some(({ outcome }) => outcome === 'sent');
  } catch (error) {
    log({ outcome: 'problem', detail: errorName(error) });
    return false;
  }
}

type Log = (entry: Omit<LogEntry, 'time' | 'ms'>) => void;

/**
 * Sends what was announced, says so in the log, and then what other threads have pending.
 * @returns whether that was done in the hook's time: large recordings, or a busy machine, may take longer
 */
async function deliver(run: DeliveryRun, payload: NotifyPayload, log: Log): Promise<boolean> {
  const { threadId: thread, turnId: turn, cwd = process.cwd(), isSessionEnd } = payload;
  const work = isSessionEnd ? deliverSessionEnd(run, payload) : deliverAnnounced(run, payload);
  const told = await inTime(run, work);
  const outcome = told ?? outOfTime(run, payload);
  // The end of a session is worth a line of its own only where something is left.
  if (!isSessionEnd || outcome.outcome === 'pending' || outcome.outcome === 'problem')
    log({ ...compact({ thread, turn }), ...(await withPassedOver(run, cwd, outcome)) });
  if (!told || LEFT_ALONE.includes(outcome.outcome)) return told !== undefined;
  const others = catchUpAfterLive(run, thread).then(() => true);
  return (await inTime(run, others)) ?? false;
}

/**
 * What goes on when the hook is over: one process that tries again, or that does what the hook had no time
 * for, and one that shows turns while they go on.
 */
async function leaveProcesses(
  run: DeliveryRun,
  script: string,
  stateDir: string,
  isDone: boolean,
): Promise<void> {
  if (!isDone || run.retryInMs !== undefined) await leaveRetryProcess(script, stateDir, run.environment);
  if (!run.wantsLive) return;
  const { leaveWatcher } = await import('../watch/leave-watcher.js');
  await leaveWatcher(script, stateDir);
}

/** A Stop hook runs before the turn's end is written, and other Stop hooks may take their time. */
async function awaitTurnEnd(home: string, payload: NotifyPayload): Promise<void> {
  const { threadId, turnId, isSessionEnd } = payload;
  const path = payload.recording ?? findRollout(home, threadId);
  if (!path || (!isSessionEnd && !isUsableTurnId(turnId))) return;
  const look = async () =>
    turnId === undefined ? (await readSessionTail(path)).isOver : await hasTurnEnded(path, turnId);
  const hasEnded = async () => (await look().catch(() => false)) || undefined;
  const waitMs = isSessionEnd ? SESSION_END_WAIT_MS : STOP_WAIT_MS;
  await poll(hasEnded, { everyMs: STOP_POLL_MS, untilMs: Date.now() + waitMs });
}

/** A line for every other turn this run tried: unannounced ones of the thread, and other threads'. */
function logOthers(stateDir: string, payload: NotifyPayload, reports: readonly TurnReport[]): void {
  for (const report of reports) {
    const isOwn = report.turnId === payload.turnId || !isUsableTurnId(payload.turnId);
    if (report.threadId === payload.threadId && isOwn && !payload.isSessionEnd) continue;
    const how = payload.isSessionEnd ? 'when the session ended' : 'caught up with by another turn';
    appendTurn(stateDir, report, how);
  }
}

/** Starts the notifier that had Codex's slot before ours, neither waiting for it nor telling it anything new. */
async function forward(argv: string[] | undefined, payloadText: string | undefined): Promise<void> {
  const [program, ...args] = argv ?? [];
  if (program === undefined) return;
  await startDetached(program, payloadText === undefined ? args : [...args, payloadText]);
}
