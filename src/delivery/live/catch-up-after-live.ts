import { catchUp } from '../pass/catch-up.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { hasLiveRecords, UNSEEN_MS } from '../store/live-records.js';

/** As `catchUp`; and where turns were shown live, those that their watcher has left, and those to be sent once more. */
export async function catchUpAfterLive(run: DeliveryRun, own: string): Promise<void> {
  const { stateDir } = run.options;
  const after = hasLiveRecords(stateDir) ? await import('./after-live.js') : undefined;
  after?.announceLiveTurns(stateDir, Date.now(), UNSEEN_MS);
  await catchUp(run, own);
  await after?.repeatWholeTurns(run);
}
