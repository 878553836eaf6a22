import { dropAnnouncement, type Mail } from './store/inbox.js';
import { appendTurn } from './store/journal.js';
import { clearPending } from './store/pending.js';
import { saveThreadState } from './store/state-file.js';
import type { ThreadState } from './store/thread-state.js';

/** A recording that is only being moved is back long before. */
const GIVEN_UP_MS = 24 * 60 * 60 * 1000;

/** Announcements whose turn has not come up in its recording for a day: it never will. */
export function dropStale(stateDir: string, mail: readonly Mail[], nowMs: number): void {
  for (const { file, announcement } of mail) {
    if (Math.abs(nowMs - announcement.atMs) < GIVEN_UP_MS) continue;
    dropAnnouncement(file);
    if (announcement.leaveOut) continue;
    const { threadId, turnId } = announcement;
    const who = { threadId, ...(turnId === undefined ? {} : { turnId }) };
    appendTurn(stateDir, { ...who, outcome: 'lost', ms: 0 }, 'no recording has this turn');
  }
}

/** Sets aside what is owed of a thread whose recording has been gone for a day. */
export function giveUpGone(stateDir: string, state: ThreadState, nowMs: number): ThreadState {
  const sinceMs = Date.parse(state.waiting?.since ?? '');
  const isOld = Number.isNaN(sinceMs) || Math.abs(nowMs - sinceMs) >= GIVEN_UP_MS;
  if (!isOld || (state.owed.length === 0 && !state.waiting)) return state;
  const at = new Date(nowMs).toISOString();
  const why = { status: 0, message: 'the recording is gone' };
  // From the cursor on nobody knows any more how many they were: one entry stands for all.
  const rest = state.waiting ? [{ start: state.cursor }] : [];
  const { waiting: _, ...known } = state;
  const given: ThreadState = {
    ...known,
    owed: [],
    setAside: [
      ...state.setAside,
      ...[...state.owed, ...rest].map((turn: { start: number; turnId?: string }) => ({
        start: turn.start,
        ...(turn.turnId === undefined ? {} : { turnId: turn.turnId }),
        at,
        ...why,
      })),
    ],
  };
  try {
    saveThreadState(stateDir, given);
    clearPending(stateDir, state.threadId);
  } catch {
    // Next time.
  }
  return given;
}
