import { readdirSync, statSync } from 'node:fs';
import { findRollout } from '../codex/find-rollout.js';
import type { DeliveryRun } from './delivery-run.js';
import { threadsWithAnnouncements } from './inbox.js';
import { loadThreadState, threadFile, threadsDir } from './thread-state.js';
import { workThread } from './thread-work.js';

/** Threads looked at in one run of the hook, so that its cost does not grow with their number. */
const MAX_THREADS = 40;
/** A recording that has just grown belongs to a turn that is going on, or to a hook about to start. */
const QUIET_MS = 5000;

/** Known threads with anything owed: what a server did not take, and what nobody announced. */
async function threadsInNeed(run: DeliveryRun): Promise<string[]> {
  const { stateDir, codexHome } = run.options;
  const waiting = threadsWithAnnouncements(stateDir);
  const result = new Set(waiting);
  for (const threadId of recentThreads(stateDir, MAX_THREADS)) {
    const loaded = loadThreadState(stateDir, threadId);
    if (loaded.kind === 'unreadable') result.add(threadId);
    if (loaded.kind !== 'state') continue;
    const { state } = loaded;
    if (state.owed.length > 0 || state.waiting) result.add(threadId);
    else if (await hasGrown(codexHome, threadId, state.cursor)) result.add(threadId);
  }
  return [...result];
}

/**
 * In the time the hook has left, sends what other threads owe: their own hook found no server, was
 * killed, or was never started because Codex announces no failed or interrupted turn.
 */
export async function lookAfterOthers(run: DeliveryRun, own: string): Promise<void> {
  for (const threadId of await threadsInNeed(run)) {
    if (run.requestMs() === 0) return;
    if (threadId === own) continue;
    await workThread(run, threadId);
  }
}

async function hasGrown(codexHome: string, threadId: string, cursor: number): Promise<boolean> {
  const file = await findRollout(codexHome, threadId);
  if (!file || file.endsWith('.zst')) return false;
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && found.size > cursor && Date.now() - found.mtimeMs > QUIET_MS;
}

/** All threads we have a state of. */
export function knownThreads(stateDir: string): string[] {
  try {
    return readdirSync(threadsDir(stateDir)).flatMap((name) =>
      name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
    );
  } catch {
    return [];
  }
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
