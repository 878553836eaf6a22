import { homedir } from 'node:os';
import { type NotifyPayload, parseNotifyPayload } from '../../codex/notify-payload.js';
import { deliverAnnounced } from '../../delivery/announced/deliver-announced.js';
import { deliverSessionEnd } from '../../delivery/announced/deliver-session-end.js';
import { withPassedOver } from '../../delivery/announced/passed-over.js';
import { catchUpAfterLive } from '../../delivery/live/catch-up-after-live.js';
import { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import { appendLog, type LogEntry } from '../../delivery/store/journal.js';
import { readForwardedNotifier } from '../../install/codex-config/forwarded-notifier.js';
import { compact } from '../../platform/json.js';
import { errorName } from '../../platform/problems/error-name.js';
import { startDetached } from '../../platform/process/start-detached.js';
import { leaveRetryProcess } from '../retry-pending/leave-retry-process.js';
import { awaitTurnEnd } from './await-turn-end.js';
import { hookRunOptions } from './hook-times.js';
import { inTime, outOfTime } from './in-time.js';
import { logOthers } from './log-others.js';

/** After these a hook leaves: where nothing is traced it sends nothing of other threads' either. */
const LEFT_ALONE: readonly string[] = ['untraced', 'disabled', 'ignored'];

/** How a hook came to be run. */
export interface HookOptions {
  /** `stop`: from a Stop hook, before the turn's end is written, and beside `notify`. */
  readonly trigger: 'notify' | 'stop';
  /** Our program, for the process that is left behind where a server is slow or overloaded. */
  readonly script: string;
  /** Since when its time runs, in ms since the epoch; by default it is now. */
  readonly startedMs?: number;
}

/**
 * What Codex runs after each turn. Prints nothing, throws nothing: whatever happens ends as one line
 * of the log in our state folder.
 * @param payloadText the last argument, as Codex gave it
 * @returns whether a server took a turn
 */
export async function runNotifyHook(
  payloadText: string | undefined,
  env: NodeJS.ProcessEnv,
  { trigger, script, startedMs = Date.now() }: HookOptions,
): Promise<boolean> {
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
    const run = new DeliveryRun(hookRunOptions(places, startedMs));
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

/** Starts the notifier that had Codex's slot before ours, neither waiting for it nor telling it anything new. */
async function forward(argv: string[] | undefined, payloadText: string | undefined): Promise<void> {
  const [program, ...args] = argv ?? [];
  if (program === undefined) return;
  await startDetached(program, payloadText === undefined ? args : [...args, payloadText]);
}
