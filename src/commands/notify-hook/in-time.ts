import type { NotifyPayload } from '../../codex/notify-payload.js';
import type { HookOutcome } from '../../delivery/announced/hook-outcome.js';
import type { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { readAnnouncements } from '../../delivery/store/inbox.js';
import { loadThreadState } from '../../delivery/store/state-file.js';
import { compact } from '../../platform/json.js';

/** Of a hook's time for the log's line and for the process that goes on, where it was too short for the work. */
const LAST_WORD_MS = 100;

/** Waits for work as long as a run has time. @returns undefined where it is not over then */
export async function inTime<Result>(
  run: Pick<DeliveryRun, 'remainingMs'>,
  work: Promise<Result>,
): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), run.remainingMs() - LAST_WORD_MS);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** What became of the announced turn as far as is known when the time is over. */
export function outOfTime(run: DeliveryRun, { threadId, turnId }: NotifyPayload): HookOutcome {
  const own = run.reports.findLast((report) => report.threadId === threadId && report.turnId === turnId);
  if (own) return compact({ outcome: own.outcome, detail: own.detail });
  return isKept(run.options.stateDir, threadId)
    ? { outcome: 'pending', detail: 'out of time' }
    : { outcome: 'lost', detail: 'out of time, and nothing keeps the turn' };
}

/** Of a thread without a recording (`--ephemeral`), and where our folder takes no files, nothing is left to be sent later. */
function isKept(stateDir: string, threadId: string): boolean {
  return (
    readAnnouncements(stateDir, threadId).length > 0 || loadThreadState(stateDir, threadId).kind !== 'none'
  );
}
