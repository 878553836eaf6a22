import type { NotifyPayload } from '../../codex/notify-payload.js';
import { isUsableTurnId } from '../../codex/reading/read-turns.js';
import type { TurnReport } from '../../delivery/run/turn-report.js';
import { appendTurn } from '../../delivery/store/journal.js';

/** A line of the log for every other turn that a hook tried: unannounced ones of the thread, and other threads'. */
export function logOthers(
  stateDir: string,
  payload: Pick<NotifyPayload, 'threadId' | 'turnId' | 'isSessionEnd'>,
  reports: readonly TurnReport[],
): void {
  const how = payload.isSessionEnd ? 'when the session ended' : 'caught up with by another turn';
  for (const report of reports) {
    const isOwn = report.turnId === payload.turnId || !isUsableTurnId(payload.turnId);
    if (report.threadId === payload.threadId && isOwn && !payload.isSessionEnd) continue;
    appendTurn(stateDir, report, how);
  }
}
