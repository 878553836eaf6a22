import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { findRollout } from '../codex/find-rollout.js';
import type { DeliveryRun } from './delivery-run.js';
import { threadsWithAnnouncements } from './inbox.js';
import { loadThreadState, threadsDir } from './thread-state.js';
import { workThread } from './thread-work.js';

/** Threads looked at in one run of the hook, so that its cost does not grow with their number. */
const MAX_THREADS = 40;
/** A recording that has just grown belongs to a turn that is going on, or to a hook about to start. */
const QUIET_MS = 5000;

/** Known threads with anything owed: what a server did not take, and what nobody announced. */
export async function threadsInNeed(run: DeliveryRun, options: { max?: number } = {}): Promise<string[]> {
  const { stateDir, codexHome } = run.options;
  const waiting = threadsWithAnnouncements(stateDir);
  const result = new Set(waiting);
  for (const threadId of recentThreads(stateDir, options.max ?? Number.POSITIVE_INFINITY)) {
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
  for (const threadId of await threadsInNeed(run, { max: MAX_THREADS })) {
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

/** The threads last worked on, by their state's age. */
function recentThreads(stateDir: string, max: number): string[] {
  const folder = threadsDir(stateDir);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  // Ids begin with the time the thread began (UUIDv7): the newest come last. Twice as many as are
  // looked at leave room for old threads that were resumed.
  const youngest = Number.isFinite(max) ? names.sort().slice(-10 * max) : names;
  return youngest
    .map((name) => ({ name, ms: statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, max)
    .map(({ name }) => name.slice(0, -'.json'.length));
}
