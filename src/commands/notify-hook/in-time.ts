import type { NotifyPayload } from '../../codex/notify-payload.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import type { HookOutcome } from '../../delivery/hook-outcome.js';
import { compact } from '../../platform/json.js';

/** Of a hook's time for the log's line and for the process that goes on, where it was too short for the work. */
const LAST_WORD_MS = 100;

/** Waits for work as long as a run has time. @returns undefined where it is not over then */
export async function inTime<Result>(run: DeliveryRun, work: Promise<Result>): Promise<Result | undefined> {
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
  return compact({ outcome: own?.outcome ?? 'pending', detail: own ? own.detail : 'out of time' });
}
