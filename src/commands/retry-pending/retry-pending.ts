import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { catchUpAfterLive } from '../../delivery/live/catch-up-after-live.js';
import { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import { appendTurn } from '../../delivery/store/journal.js';
import { tryLock } from '../../delivery/store/lock/lock.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { envFlag } from '../../platform/process/environment.js';
import { placeInEnvironment } from '../../settings/place-of-turns.js';
import { ABANDONED_MS } from '../notify-hook/hook-times.js';
import { retryLock, takeWish } from './leave-retry-process.js';

/** The process is over after this, whatever is left, in ms; the next hook takes it up. 10 minutes. */
export const RETRY_MS = 600_000;
/** For one request, in ms: a cold MLflow on a busy machine took up to 20 s for its first one (3.17.2). */
const REQUEST_MS = 30_000;
/** The pauses between two rounds, in ms: each twice the one before. */
const PAUSES: RetryPauses = { firstMs: 5000, longestMs: 60_000 };

interface RetryPauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** For tests: shorter times. */
export interface RetryOptions {
  readonly homeDir?: string;
  readonly pauses?: RetryPauses;
  readonly requestTimeoutMs?: number;
  readonly lifeMs?: number;
}

/**
 * What a hook leaves behind where a server was there but slow or overloaded: tries again with growing
 * pauses until nothing is pending, or until its time is over. One a home and environment. Prints nothing, throws
 * nothing; a turn that it sends has its line in the log.
 */
export async function runRetryPending(env: NodeJS.ProcessEnv, options: RetryOptions = {}): Promise<void> {
  if (envFlag(env, 'MLFLOW_CODEX_DISABLED')) return;
  const endMs = Date.now() + (options.lifeMs ?? RETRY_MS);
  const homeDir = options.homeDir ?? homedir();
  const state = stateDir(codexHome(env, homeDir));
  const place = placeInEnvironment(env);
  const round = () => {
    takeWish(state, place);
    return sendPending(env, homeDir, endMs, options.requestTimeoutMs ?? REQUEST_MS);
  };
  let retryInMs: number | undefined = 0;
  let rounds = 0;
  do {
    const lock = await tryLock(state, retryLock(place));
    if (!lock) return;
    try {
      while (retryInMs !== undefined) {
        const waitMs = Math.max(retryInMs, pauseMs(rounds++, Math.random(), options.pauses));
        if (Date.now() + waitMs >= endMs) return;
        await sleep(waitMs);
        retryInMs = await round();
      }
    } finally {
      await lock.release();
    }
    // A hook that found the lock taken until just now has left no process of its own.
    retryInMs = 0;
    rounds = 0;
  } while (takeWish(state, place));
}

/**
 * The pause before a round, in ms. Machines that met the same overload do not come back at the same moment.
 * @param round how many there were before it
 * @param drawn from 0 to 1
 */
export function pauseMs(round: number, drawn: number, { firstMs, longestMs }: RetryPauses = PAUSES): number {
  return Math.round(Math.min(firstMs * 2 ** round, longestMs) * (0.8 + 0.4 * drawn));
}

/** Nobody waits for the process that a hook leaves behind: everything else on the machine goes first. */
export async function stepBack(): Promise<void> {
  try {
    const { constants, setPriority } = await import('node:os');
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Not everywhere allowed.
  }
}

/** Sends what all threads have pending, with one request to a server that takes none. @returns as `DeliveryRun.retryInMs` */
async function sendPending(
  env: NodeJS.ProcessEnv,
  homeDir: string,
  deadlineMs: number,
  requestTimeoutMs: number,
): Promise<number | undefined> {
  const places = runPlaces(env, homeDir);
  const run = new DeliveryRun({
    ...places,
    deadlineMs,
    requestTimeoutMs,
    abandonedMs: ABANDONED_MS,
    maxRequests: 1,
    onTurn: (report) => {
      if (report.outcome !== 'pending') appendTurn(places.stateDir, report, 'tried again');
    },
  });
  try {
    await catchUpAfterLive(run, '');
    return run.retryInMs;
  } finally {
    run.close();
  }
}
