import { liveRecords, UNSEEN_MS } from '../../delivery/store/live-records.js';
import { isLockFree } from '../../delivery/store/lock/lock.js';
import type { Finding } from '../../platform/problems/finding.js';
import { readTrackingUri } from '../../settings/files/tracking-uri.js';
import { WATCH_LOCK } from '../watch/leave-watcher.js';
import type { StatusContext } from './status-context.js';

/** Whether turns are shown while they go on, and what is left of those that were. */
export async function checkLive(context: StatusContext): Promise<Finding[]> {
  return [...(await checkWatcher(context)), ...checkShown(context.stateDir, context.nowMs)];
}

async function checkWatcher({ settings: found, stateDir }: StatusContext): Promise<Finding[]> {
  if (found.kind !== 'settings' || found.settings.live !== true) return [];
  if (readTrackingUri(found.settings.trackingUri).kind === 'databricks')
    return [{ code: 'live-not-there', level: 'info', args: {} }];
  const isWatched = !(await isLockFree(stateDir, WATCH_LOCK));
  return [{ code: 'live', level: 'info', args: { isWatched } }];
}

function checkShown(stateDir: string, nowMs: number): Finding[] {
  const records = liveRecords(stateDir);
  const open = records.filter(({ whole }) => whole === undefined);
  const watched = open.filter(({ seenMs }) => Math.abs(nowMs - seenMs) < UNSEEN_MS).length;
  const left = open.length - watched;
  const again = records.length - open.length;
  const all: Finding[] = [
    { code: 'turns-shown', level: 'info', args: { turns: watched } },
    { code: 'turns-left-running', level: 'warning', args: { turns: left } },
    { code: 'turns-once-more', level: 'info', args: { turns: again } },
  ];
  return all.filter((_, index) => [watched, left, again][index] !== 0);
}
