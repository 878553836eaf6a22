import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isCompressed } from '../../codex/recordings/recording-stream.js';
import { compact } from '../../platform/json.js';
import { CodexRecording } from '../recording/codex-recording.js';
import {
  announcesTurn,
  markedRecordings,
  readAnnouncements,
  threadsWithAnnouncements,
} from '../store/inbox.js';
import { type LogEntry, readLog } from '../store/journal.js';
import { knownThreads, loadThreadState, threadFile, threadsDir } from '../store/state-file.js';
import {
  cursorOf,
  pendingTurns,
  RECORDING_GONE,
  type ThreadState,
  type TurnEntry,
} from '../store/thread-state.js';
import { countPending } from './count-pending.js';
import { findUnknownThreads, type UnknownThread, YOUNG_MS } from './unknown-threads.js';

/** A thread with turns that no server has accepted yet. */
export interface PendingThread {
  readonly threadId: string;
  readonly turns: number;
  /** ISO 8601; since when a server has been asked in vain. */
  readonly since?: string;
  /** Why, in few words: an HTTP status, a code of Node's, or a sentence. */
  readonly reason?: string;
  /** Waiting alone will not help: a person must mend something. */
  readonly blocked: boolean;
}

/** A turn that will not be sent: servers refused it in every form, or nothing of it is left. */
export interface GivenUpTurn extends TurnEntry {
  readonly threadId: string;
}

/** What delivery has to say of itself, for `status`. Reads, and changes nothing. */
export interface DeliverySummary {
  readonly pending: readonly PendingThread[];
  readonly rejected: readonly GivenUpTurn[];
  readonly lost: readonly GivenUpTurn[];
  /** Files of ours that cannot be read, or were put aside because they could not be. */
  readonly unreadable: readonly string[];
  /** States that a newer version of ours has written; their threads are left to it. */
  readonly newer: readonly string[];
  /** The log's last entries, oldest first. */
  readonly lastRuns: readonly LogEntry[];
  /** Turns that a server took only without some of their content, as far back as the log goes. */
  readonly reduced: readonly LogEntry[];
  /** Threads of the last days that no hook has ever been told of, newest first. */
  readonly unknownThreads: readonly UnsentThread[];
}

/** A thread that no hook was told of, and why it will not be sent where that is so. */
export interface UnsentThread extends UnknownThread {
  readonly untraced?: string;
}

const LAST_RUNS = 10;
/** Recordings looked at for threads that nothing announced. */
const RECENT_FILES = 50;
/** A turn that has only just fallen silent is not called pending. */
const SURELY_OVER = { abandonedMs: 5 * 60 * 1000 };
/** Counting reads what is pending; a thread with more than this is said to have one turn more. */
const MAX_COUNTED_BYTES = 256 * 1024 * 1024;

interface Places {
  readonly stateDir: string;
  readonly codexHome: string;
}

/**
 * Gathers the summary from the state folder and the recordings.
 * @param whyUntraced says of a folder why nothing is sent from there; undefined where it is
 * @param isElsewhere whether a thread is left to hooks of another environment: see `isSamePlace`
 */
export async function readDeliverySummary(
  stateDir: string,
  codexHome: string,
  nowMs: number,
  whyUntraced: (folder: string) => Promise<string | undefined>,
  isElsewhere: (thread: ThreadState) => Promise<boolean> = async () => false,
): Promise<DeliverySummary> {
  const announced = new Set(threadsWithAnnouncements(stateDir));
  const pending: PendingThread[] = [];
  const givenUp: GivenUpTurn[] = [];
  const unreadable = putAside(stateDir);
  const newer: string[] = [];
  for (const threadId of knownThreads(stateDir)) {
    const loaded = loadThreadState(stateDir, threadId);
    const file = threadFile(stateDir, threadId);
    if (loaded.kind === 'damaged' || loaded.kind === 'unreadable') unreadable.push(file);
    if (loaded.kind === 'newer') newer.push(file);
    if (loaded.kind !== 'state') continue;
    const { state } = loaded;
    givenUp.push(...state.turns.map((turn) => ({ ...turn, threadId })));
    const waiting = await pendingOf({ stateDir, codexHome }, state, nowMs, isElsewhere);
    if (waiting) pending.push(waiting);
    announced.delete(threadId);
  }
  for (const threadId of announced)
    pending.push({ threadId, turns: 1, blocked: false, reason: 'announced, not taken up yet' });
  const log = readLog(stateDir);
  const recent = await findUnknownThreads(codexHome, stateDir, nowMs - YOUNG_MS, RECENT_FILES);
  // Those that Codex started for another thread go with that one.
  const unknown = recent.filter(({ parentThreadId }) => parentThreadId === undefined);
  const withReason = async (thread: UnknownThread): Promise<UnsentThread> => {
    const untraced = thread.cwd === undefined ? undefined : await whyUntraced(thread.cwd);
    return compact({ ...thread, untraced });
  };
  return {
    pending,
    rejected: givenUp.filter(({ status }) => status === 'rejected'),
    lost: givenUp.filter(({ status }) => status === 'lost'),
    unreadable,
    newer,
    lastRuns: log.slice(-LAST_RUNS),
    reduced: log.filter((entry) => entry.isReduced),
    unknownThreads: await Promise.all(unknown.map(withReason)),
  };
}

async function pendingOf(
  places: Places,
  state: ThreadState,
  nowMs: number,
  isElsewhere: (thread: ThreadState) => Promise<boolean>,
): Promise<PendingThread | undefined> {
  const { threadId } = state;
  const { turns, isGone } = await countTurns(places, state, nowMs);
  const missing = announcedTurns(places.stateDir, threadId);
  if (turns + missing === 0) return undefined;
  const gone = isGone && turns > 0 ? { reason: RECORDING_GONE, blocked: true } : {};
  const told = { ...why(state, missing), ...gone };
  const reason = (await isElsewhere(state)) ? withPlace(told.reason) : told.reason;
  return compact({ threadId, turns: turns + missing, ...told, reason });
}

/** Turns that were announced and that no pass has found in the recording. */
function announcedTurns(stateDir: string, threadId: string): number {
  return readAnnouncements(stateDir, threadId).filter(({ announcement }) => announcesTurn(announcement))
    .length;
}

function withPlace(reason: string | undefined): string {
  return [reason, 'had with other MLFLOW_… variables than here'].filter(Boolean).join('; ');
}

function why(
  { waiting }: ThreadState,
  missing: number,
): { since?: string; reason?: string; blocked: boolean } {
  if (waiting) return { since: waiting.since, reason: waiting.reason, blocked: waiting.blocked };
  return missing > 0
    ? { reason: 'announced, and not in the recording yet', blocked: false }
    : { blocked: false };
}

async function countTurns(
  { stateDir, codexHome }: Places,
  state: ThreadState,
  nowMs: number,
): Promise<{ turns: number; isGone: boolean }> {
  const listed = pendingTurns(state).length;
  const { recording } = CodexRecording.find(
    codexHome,
    state.threadId,
    markedRecordings(stateDir, state.threadId),
  );
  // Of turns from the cursors on, nothing says any more how many they are.
  if (!recording) return { turns: listed || (state.waiting ? 1 : 0), isGone: true };
  const unread = await unreadBytes(recording, state, nowMs);
  if (unread === 0) return { turns: listed, isGone: false };
  if (unread > MAX_COUNTED_BYTES) return { turns: listed + 1, isGone: false };
  return { turns: (await countPending(recording, state, SURELY_OVER)).pending, isGone: false };
}

/** How much of a thread's files has not been dealt with, of those that have been quiet for a while. */
async function unreadBytes(recording: CodexRecording, state: ThreadState, nowMs: number): Promise<number> {
  let bytes = 0;
  for (const { key, path } of recording.recordings) {
    const from = cursorOf(state, key);
    if (!from || isCompressed(path)) continue;
    const { size, mtimeMs } = await stat(path);
    // A turn that has just ended is on its way.
    const isSettling = nowMs - mtimeMs < 2000 && !state.waiting;
    if (!isSettling) bytes += Math.max(0, size - from.cursor);
  }
  return bytes;
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
