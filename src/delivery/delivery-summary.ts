import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { findRollout, listRollouts } from '../codex/find-rollout.js';
import { isCompressed } from '../codex/recording-stream.js';
import { countOwed } from './count-turns.js';
import { threadsWithAnnouncements } from './store/inbox.js';
import { type LogEntry, readLog } from './store/journal.js';
import { knownThreads, loadThreadState, threadFile, threadsDir } from './store/state-file.js';
import type { SetAsideTurn, ThreadState } from './store/thread-state.js';

/** A thread with turns that no server has accepted yet. */
export interface OwedThread {
  readonly threadId: string;
  readonly turns: number;
  /** ISO 8601; since when a server has been asked in vain. */
  readonly since?: string;
  /** Why, in few words: an HTTP status, a code of Node's, or a sentence. */
  readonly reason?: string;
  /** Waiting alone will not help: somebody must mend something. */
  readonly blocked: boolean;
}

/** A turn that servers refused in every form. */
export interface RefusedTurn extends SetAsideTurn {
  readonly threadId: string;
}

/** What delivery has to say of itself, for `status`. Reads, and changes nothing. */
export interface DeliverySummary {
  readonly owed: readonly OwedThread[];
  readonly setAside: readonly RefusedTurn[];
  /** Files of ours that cannot be read, or were put aside because they could not be. */
  readonly unreadable: readonly string[];
  /** The log's last entries, oldest first. */
  readonly lastRuns: readonly LogEntry[];
  /** Turns that a server took only without some of their content, as far back as the log goes. */
  readonly reduced: readonly LogEntry[];
  /** Recordings of the last days that no hook has ever been told of, newest first. */
  readonly unknownThreads: readonly { readonly threadId: string; readonly modifiedMs: number }[];
}

const LAST_RUNS = 10;
/** Recordings looked at for threads that nobody announced. */
const RECENT_FILES = 50;
const RECENT_MS = 3 * 24 * 60 * 60 * 1000;
/** A turn that has only just fallen silent is not called owed. */
const SURELY_OVER = { abandonedMs: 5 * 60 * 1000 };
/** Counting reads what is owed; a thread with more than this is said to owe "some". */
const MAX_COUNTED_BYTES = 256 * 1024 * 1024;

/** Gathers the summary from the state folder and the recordings. */
export async function readDeliverySummary(
  stateDir: string,
  codexHome: string,
  nowMs: number,
): Promise<DeliverySummary> {
  const announced = new Set(threadsWithAnnouncements(stateDir));
  const owed: OwedThread[] = [];
  const setAside: RefusedTurn[] = [];
  const unreadable = putAside(stateDir);
  const known = new Set(knownThreads(stateDir));
  for (const threadId of known) {
    const loaded = loadThreadState(stateDir, threadId);
    if (loaded.kind === 'unreadable') unreadable.push(threadFile(stateDir, threadId));
    if (loaded.kind !== 'state') continue;
    const { state } = loaded;
    setAside.push(...state.setAside.map((turn) => ({ ...turn, threadId })));
    const turns = await turnsOwed(codexHome, state, nowMs);
    if (turns > 0) owed.push({ threadId, turns, ...why(state) });
    announced.delete(threadId);
  }
  for (const threadId of announced)
    owed.push({ threadId, turns: 1, blocked: false, reason: 'announced, not taken up yet' });
  const log = readLog(stateDir);
  return {
    owed,
    setAside,
    unreadable,
    lastRuns: log.slice(-LAST_RUNS),
    reduced: log.filter((entry) => entry.isReduced),
    unknownThreads: await unknownThreads(codexHome, known, nowMs),
  };
}

function why({ waiting }: ThreadState): { since?: string; reason?: string; blocked: boolean } {
  return waiting
    ? { since: waiting.since, reason: waiting.reason, blocked: waiting.blocked }
    : { blocked: false };
}

async function turnsOwed(codexHome: string, state: ThreadState, nowMs: number): Promise<number> {
  const file = await findRollout(codexHome, state.threadId);
  if (!file || isCompressed(file)) return state.owed.length;
  const { size, mtimeMs } = await stat(file);
  // A turn that has just ended is on its way.
  const settling = nowMs - mtimeMs < 2000 && !state.waiting;
  if (size <= state.cursor || settling) return state.owed.length;
  if (size - state.cursor > MAX_COUNTED_BYTES) return state.owed.length + 1;
  return (await countOwed(file, state, SURELY_OVER)).owed;
}

function putAside(stateDir: string): string[] {
  try {
    return readdirSync(threadsDir(stateDir))
      .filter((name) => name.includes('.unreadable-'))
      .map((name) => `${threadsDir(stateDir)}/${name}`);
  } catch {
    return [];
  }
}

async function unknownThreads(
  codexHome: string,
  known: ReadonlySet<string>,
  nowMs: number,
): Promise<{ threadId: string; modifiedMs: number }[]> {
  const result = [];
  let looked = 0;
  for await (const { threadId, modifiedMs } of listRollouts(codexHome)) {
    if (++looked > RECENT_FILES) break;
    if (!known.has(threadId) && nowMs - modifiedMs < RECENT_MS) result.push({ threadId, modifiedMs });
  }
  return result;
}
