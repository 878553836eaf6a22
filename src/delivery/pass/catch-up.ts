import { statSync } from 'node:fs';
import { type Recording, recordingFinder } from '../../codex/recordings/find-rollout.js';
import { isCompressed } from '../../codex/recordings/recording-stream.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { givesWay } from '../sending/retry-policy.js';
import { pendingThreads, threadsWithAnnouncements } from '../store/inbox.js';
import { knownThreads, loadThreadState, threadFile } from '../store/state-file.js';
import { cursorOf, isPending, type ThreadState } from '../store/thread-state.js';
import { drainFamily } from './drain-thread.js';

/** Threads without an inbox entry that are looked at in one run of the hook, so that its cost does not grow with their number. */
const MAX_THREADS = 40;
/** A recording that has just grown belongs to a turn that is going on, or to a hook about to start. */
const QUIET_MS = 5000;

/**
 * In the time the hook has left, sends what is pending of other threads: their own hook found no server,
 * was killed, or was never started because Codex announces no failed or interrupted turn.
 */
export async function catchUp(run: DeliveryRun, own: string): Promise<void> {
  const seen = new Set([own]);
  for (const { threadId, state } of threadsInNeed(run, own)) {
    if (run.requestMs() === 0) return;
    if (seen.has(threadId) || (await isElsewhere(run, state)) || (await isHopeless(run, state))) continue;
    await drainFamily(run, threadId, {}, seen);
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
function threadsInNeed(run: DeliveryRun, own: string): InNeed[] {
  const { stateDir, codexHome } = run.options;
  const recordingsOf = recordingFinder(codexHome);
  const announced = new Set(threadsWithAnnouncements(stateDir));
  const candidates = new Set([...pendingThreads(stateDir), ...recentThreads(stateDir, MAX_THREADS)]);
  const found: InNeed[] = [];
  for (const threadId of candidates) {
    if (announced.has(threadId) || threadId === own) continue;
    const loaded = loadThreadState(stateDir, threadId);
    if (loaded.kind === 'damaged') found.push({ threadId });
    if (loaded.kind !== 'state') continue;
    const { state } = loaded;
    const isInNeed = state.waiting !== undefined || state.turns.some(isPending);
    if (isInNeed || hasGrown(state, recordingsOf(threadId))) found.push({ threadId, state });
  }
  const inOrder = found
    .map((entry) => ({ entry, order: orderOf(entry) }))
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  return [...[...announced].map((threadId) => ({ threadId })), ...inOrder.map(({ entry }) => entry)];
}

function orderOf({ state }: InNeed): string {
  const comesLast = state?.turns.some((turn) => isPending(turn) && givesWay(turn));
  return `${comesLast ? 1 : 0} ${state?.waiting?.since ?? ''}`;
}

/** Said here already, so that the lock of such a thread need not be taken by every hook. */
async function isElsewhere(run: DeliveryRun, state: ThreadState | undefined): Promise<boolean> {
  return state?.cwd !== undefined && !(await run.isPlaceOf(state.place, state.cwd));
}

/** A server that is down, or has asked to wait, need not be told so from the recordings of all its threads. */
async function isHopeless(run: DeliveryRun, state: ThreadState | undefined): Promise<boolean> {
  if (state?.cwd === undefined || !state.waiting) return false;
  const route = await run.route(state.cwd);
  return route.kind === 'deliver' && run.obstacle(route.destination) !== undefined;
}

function hasGrown(state: ThreadState, recordings: readonly Recording[]): boolean {
  for (const { key, path } of recordings) {
    const from = cursorOf(state, key);
    if (!from || isCompressed(path)) continue;
    const found = statSync(path, { throwIfNoEntry: false });
    // A time in the future is a clock that was put back: it says nothing of a turn that is going on.
    if (found && found.size > from.cursor && Math.abs(Date.now() - found.mtimeMs) > QUIET_MS) return true;
  }
  return false;
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
