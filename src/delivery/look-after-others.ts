import { statSync } from 'node:fs';
import { findRollout } from '../codex/find-rollout.js';
import type { DeliveryRun } from './delivery-run.js';
import { threadsWithAnnouncements } from './store/inbox.js';
import { pendingThreads } from './store/pending.js';
import { knownThreads, loadThreadState, threadFile } from './store/state-file.js';
import type { ThreadState } from './store/thread-state.js';
import { isStuck } from './stumbles.js';
import { workFamily } from './thread-work.js';

/** Threads without a mark that are looked at in one run of the hook, so that its cost does not grow with their number. */
const MAX_THREADS = 40;
/** A recording that has just grown belongs to a turn that is going on, or to a hook about to start. */
const QUIET_MS = 5000;

/**
 * In the time the hook has left, sends what other threads owe: their own hook found no server, was
 * killed, or was never started because Codex announces no failed or interrupted turn.
 */
export async function lookAfterOthers(run: DeliveryRun, own: string): Promise<void> {
  const seen = new Set([own]);
  for (const { threadId, state } of await threadsInNeed(run)) {
    if (run.requestMs() === 0) return;
    if (seen.has(threadId) || (await isHopeless(run, state))) continue;
    await workFamily(run, threadId, {}, seen);
  }
}

interface InNeed {
  readonly threadId: string;
  /** Undefined where there is none, or none that can be read. */
  readonly state?: ThreadState;
}

/**
 * Threads with anything to be done: announcements first, then what has waited longest, and last what
 * a server keeps failing over, which may take all the time there is.
 */
async function threadsInNeed(run: DeliveryRun): Promise<InNeed[]> {
  const { stateDir, codexHome } = run.options;
  const announced = new Set(threadsWithAnnouncements(stateDir));
  const candidates = new Set([...pendingThreads(stateDir), ...recentThreads(stateDir, MAX_THREADS)]);
  const found: InNeed[] = [];
  for (const threadId of candidates) {
    if (announced.has(threadId)) continue;
    const loaded = loadThreadState(stateDir, threadId);
    if (loaded.kind === 'unreadable') found.push({ threadId });
    if (loaded.kind !== 'state') continue;
    const { state } = loaded;
    const isOwed = state.owed.length > 0 || state.waiting !== undefined;
    if (isOwed || (await hasGrown(codexHome, state))) found.push({ threadId, state });
  }
  const inOrder = found
    .map((entry) => ({ entry, order: orderOf(entry) }))
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  return [...[...announced].map((threadId) => ({ threadId })), ...inOrder.map(({ entry }) => entry)];
}

function orderOf({ state }: InNeed): string {
  return `${state?.owed.some(isStuck) ? 1 : 0} ${state?.waiting?.since ?? ''}`;
}

/** A server that is down, or has asked to wait, need not be told so from the recordings of all its threads. */
async function isHopeless(run: DeliveryRun, state: ThreadState | undefined): Promise<boolean> {
  if (state?.cwd === undefined || !state.waiting) return false;
  const route = await run.route(state.cwd);
  return route.kind === 'route' && run.obstacle(route.destination) !== undefined;
}

async function hasGrown(codexHome: string, { threadId, cursor }: ThreadState): Promise<boolean> {
  const file = await findRollout(codexHome, threadId);
  if (!file || file.endsWith('.zst')) return false;
  const found = statSync(file, { throwIfNoEntry: false });
  // A time in the future is a clock that was put back: it says nothing of a turn that is going on.
  return found !== undefined && found.size > cursor && Math.abs(Date.now() - found.mtimeMs) > QUIET_MS;
}

/** The threads last worked on, by their state's age. */
function recentThreads(stateDir: string, max: number): string[] {
  // Ids begin with the time the thread began (UUIDv7): the newest come last. Ten times as many as are
  // looked at leave room for old threads that were resumed.
  return knownThreads(stateDir)
    .sort()
    .slice(-10 * max)
    .map((threadId) => ({
      threadId,
      ms: statSync(threadFile(stateDir, threadId), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, max)
    .map(({ threadId }) => threadId);
}
