import { compact } from '../../platform/json.js';
import { announcesTurn, clearPending, dropAnnouncement, type Mail } from '../store/inbox.js';
import { appendTurn } from '../store/journal.js';
import { loadThreadState, saveThreadState } from '../store/state-file.js';
import { isPending, RECORDING_GONE, type ThreadState, type TurnEntry } from '../store/thread-state.js';

/** A recording that is only being moved, or written late, is there long before. */
const GIVEN_UP_MS = 24 * 60 * 60 * 1000;
/** Stands for the file of a turn that no file has. */
const NO_FILE = 'none';

/**
 * Announcements whose turn has not come up in its recording for a day: it never will. They are lost. The
 * end of a session is done with once it was looked at.
 * @returns how many
 */
export function dropStale(stateDir: string, mail: readonly Mail[], nowMs: number): number {
  let count = 0;
  for (const { file, announcement } of mail) {
    if (!announcement.isSessionEnd && Math.abs(nowMs - announcement.atMs) < GIVEN_UP_MS) continue;
    dropAnnouncement(file);
    if (!announcesTurn(announcement)) continue;
    count++;
    const { threadId, turnId } = announcement;
    appendTurn(stateDir, compact({ threadId, turnId, outcome: 'lost', ms: 0 }), 'no recording has this turn');
    const loaded = loadThreadState(stateDir, threadId);
    if (loaded.kind !== 'state') continue;
    const start = loaded.state.turns.filter((turn) => turn.file === NO_FILE).length;
    const message = 'it was announced, and no recording has it';
    save(stateDir, withLost(loaded.state, [{ file: NO_FILE, start, turnId }], message, nowMs));
  }
  return count;
}

/**
 * Gives up what is pending of a thread whose recording has been gone for a day; until then notes down since when
 * it is: a folder that is mounted elsewhere for a while, or only now, takes nothing away.
 */
export function giveUpGone(stateDir: string, state: ThreadState, nowMs: number): ThreadState {
  const pending = state.turns.filter(isPending);
  if (pending.length === 0 && !state.waiting) return state;
  const sinceMs = state.waiting?.reason === RECORDING_GONE ? Date.parse(state.waiting.since) : Number.NaN;
  if (Number.isNaN(sinceMs)) {
    const since = new Date(nowMs).toISOString();
    const noted = { ...state, waiting: { since, reason: RECORDING_GONE, blocked: true } };
    save(stateDir, noted);
    return noted;
  }
  if (Math.abs(nowMs - sinceMs) < GIVEN_UP_MS) return state;
  // Of turns from the cursors on, nothing says any more how many they were: one entry stands for all.
  const rest = state.waiting && pending.length === 0 ? [{ file: NO_FILE, start: 0 }] : [];
  const { waiting: _, ...known } = state;
  const kept = { ...known, turns: state.turns.filter((turn) => !isPending(turn)) };
  const given = withLost(kept, [...pending, ...rest], 'the recording is gone', nowMs);
  if (save(stateDir, given)) clearPending(stateDir, state.threadId);
  return given;
}

function withLost(
  state: ThreadState,
  lost: readonly (Pick<TurnEntry, 'file' | 'start'> & { turnId?: string | undefined })[],
  message: string,
  nowMs: number,
): ThreadState {
  const at = new Date(nowMs).toISOString();
  const entries = lost.map(({ file, start, turnId }) =>
    compact({ file, start, turnId, status: 'lost', at, message }),
  );
  return { ...state, turns: [...state.turns, ...entries] };
}

function save(stateDir: string, state: ThreadState): boolean {
  try {
    saveThreadState(stateDir, state);
    return true;
  } catch {
    // The next pass tries it again.
    return false;
  }
}
