import { homedir } from 'node:os';
import { findRollout } from '../../codex/find-rollout.js';
import { type NotifyPayload, parseNotifyPayload } from '../../codex/notify-payload.js';
import { hasTurnEnded, isUsableTurnId } from '../../codex/read-turns.js';
import { readSessionTail } from '../../codex/untold-turns.js';
import { catchUp } from '../../delivery/catch-up.js';
import { deliverAnnounced } from '../../delivery/deliver-announced.js';
import { deliverSessionEnd } from '../../delivery/deliver-session-end.js';
import { DeliveryRun } from '../../delivery/delivery-run.js';
import { withPassedOver } from '../../delivery/passed-over.js';
import { appendLog, appendTurn, type LogEntry } from '../../delivery/store/journal.js';
import type { TurnReport } from '../../delivery/turn-report.js';
import { readForwardedNotifier } from '../../install/codex-config/forwarded-notifier.js';
import { currentUser } from '../../platform/current-user.js';
import { errorName } from '../../platform/error-name.js';
import { codexHome, stateDir } from '../../platform/folders.js';
import { poll } from '../../platform/poll.js';
import { leaveRetryProcess } from '../retry-pending/leave-retry-process.js';

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

/**
 * What Codex runs after each turn. Prints nothing, throws nothing: whatever happens ends as one line
 * of the log in our state folder.
 * @param payloadText the last argument, as Codex gave it
 * @param options.trigger `stop`: from a Stop hook, before the turn's end is written, and beside `notify`
 * @param options.script our program, for the process that is left behind where a server is slow or overloaded
 */
export async function runNotifyHook(
  payloadText: string | undefined,
  env: NodeJS.ProcessEnv,
  options: { trigger: 'notify' | 'stop'; script: string },
): Promise<void> {
  const startedMs = Date.now();
  const homeDir = homedir();
  const home = codexHome(env, homeDir);
  const state = stateDir(home);
  const log = (entry: Omit<LogEntry, 'time' | 'ms'>) =>
    appendLog(state, { time: new Date().toISOString(), ...entry, ms: Date.now() - startedMs });
  try {
    const parsed = parseNotifyPayload(payloadText);
    const cwd = parsed.kind === 'turn' ? parsed.payload.cwd : undefined;
    // Another notifier is called by `notify` alone: it knows nothing of Stop hooks.
    if (options.trigger === 'notify') await forward(readForwardedNotifier(state, cwd), payloadText);
    if (parsed.kind === 'other')
      return log({ outcome: 'ignored', detail: `announcement of type ${parsed.type}` });
    if (parsed.kind === 'malformed') return log({ outcome: 'problem', detail: parsed.reason });
    const { payload } = parsed;
    const names = {
      thread: payload.threadId,
      ...(payload.turnId === undefined ? {} : { turn: payload.turnId }),
    };
    const reports: TurnReport[] = [];
    const run = new DeliveryRun({
      env,
      homeDir,
      userName: currentUser(env),
      codexHome: home,
      stateDir: state,
      deadlineMs: startedMs + HOOK_MS,
      requestTimeoutMs: REQUEST_MS,
      abandonedMs: ABANDONED_MS,
      onTurn: (report) => reports.push(report),
    });
    try {
      if (options.trigger === 'stop') await awaitTurnEnd(home, payload);
      const outcome = await (payload.isSessionEnd
        ? deliverSessionEnd(run, payload)
        : deliverAnnounced(run, payload, reports));
      // The end of a session is worth a line of its own only where something is left.
      if (!payload.isSessionEnd || outcome.outcome === 'pending' || outcome.outcome === 'problem')
        log({ ...names, ...(await withPassedOver(run, cwd ?? process.cwd(), outcome)) });
      if (outcome.outcome !== 'untraced' && outcome.outcome !== 'disabled' && outcome.outcome !== 'ignored') {
        await catchUp(run, payload.threadId);
      }
    } finally {
      run.close();
      logOthers(state, payload, reports);
    }
    if (run.retryInMs !== undefined) await leaveRetryProcess(options.script, state);
  } catch (error) {
    log({ outcome: 'problem', detail: errorName(error) });
  }
}

/** A Stop hook runs before the turn's end is written, and other Stop hooks may take their time. */
async function awaitTurnEnd(home: string, payload: NotifyPayload): Promise<void> {
  const { threadId, turnId, isSessionEnd } = payload;
  const path = payload.recording ?? (await findRollout(home, threadId));
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
  try {
    // Loaded on use: most hooks start no other, and it is a tenth of their start.
    const { spawn } = await import('node:child_process');
    const child = spawn(program, payloadText === undefined ? args : [...args, payloadText], {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
    });
    child.on('error', () => {});
    child.unref();
  } catch {
    // A program that cannot be started is silent in Codex as well.
  }
}
