import { isUsableTurnId } from '../../codex/reading/read-turns.js';
import { compact } from '../../platform/json.js';
import { type LogEntry, readLog } from './journal.js';
import { enqueueTurn, type ReadTurn, type Settlement, settleTurn } from './settle-turn.js';
import { newState, type ThreadState } from './thread-state.js';

/** What is needed of a recording here: its turns, oldest first, from the beginning. */
interface Turns {
  readonly threadId: string;
  turns(cursorIn: () => { cursor: number }): AsyncIterable<ReadTurn & { readonly isOver: boolean }>;
}

/** What the log says of a thread's turns, by their ids. */
interface Told {
  readonly sent: ReadonlySet<string>;
  readonly rejected: ReadonlyMap<string, LogEntry>;
  readonly all: ReadonlySet<string>;
}

/**
 * Makes a thread's state anew from its recording and our log, where the state itself was damaged or
 * belongs to another recording: the thread begins with the first turn that the log tells of; what
 * that says was sent is sent, and all else is pending.
 * @returns undefined where the log knows of no turn: then the thread begins as a new one
 */
export async function rebuildState(stateDir: string, recording: Turns): Promise<ThreadState | undefined> {
  return rebuild(recording, tellingEntries(stateDir, recording.threadId));
}

/**
 * The same where there is no state: it was removed, or a turn was sent without one (from its announcement
 * alone, or while our folder took no files).
 * @returns undefined where the log knows of no sent turn: then the thread is new
 */
export async function rebuildSent(stateDir: string, recording: Turns): Promise<ThreadState | undefined> {
  const told = tellingEntries(stateDir, recording.threadId);
  return [...told.sent].some(isUsableTurnId) ? rebuild(recording, told) : undefined;
}

/** Whether the log says that a turn was sent; never of one whose id does not tell it from others (Codex up to 0.80). */
export function wasSent(stateDir: string, threadId: string, turnId: string | undefined): boolean {
  return isUsableTurnId(turnId) && tellingEntries(stateDir, threadId).sent.has(turnId);
}

async function rebuild(recording: Turns, told: Told): Promise<ThreadState | undefined> {
  let state: ThreadState | undefined;
  for await (const turn of recording.turns(() => ({ cursor: 0 }))) {
    const { turnId } = turn;
    if (!state && (turnId === undefined || !told.all.has(turnId))) continue;
    state ??= newState(recording.threadId, { file: turn.file, start: turn.start }, turn.total);
    const settlement = settlementOf(turnId, told);
    // The last one may be going on: it is left to be read from the cursor on.
    if (!turn.isOver && !settlement) break;
    state = settlement
      ? settleTurn(state, turn, settlement)
      : settleTurn(enqueueTurn(state, turn), turn, { status: 'enqueued' });
  }
  return state;
}

/** How the log says that a turn ended; undefined where it does not. */
function settlementOf(turnId: string | undefined, told: Told): Settlement | undefined {
  if (turnId === undefined) return undefined;
  if (told.sent.has(turnId)) return { status: 'delivered' };
  const rejection = told.rejected.get(turnId);
  return rejection && asRejected(rejection);
}

/** Lines of state version 1's time say `owed` and `refused`. */
function tellingEntries(stateDir: string, threadId: string): Told {
  const sent = new Set<string>();
  const rejected = new Map<string, LogEntry>();
  const all = new Set<string>();
  for (const entry of readLog(stateDir)) {
    if (entry.thread !== threadId || entry.turn === undefined) continue;
    const outcome: string = entry.outcome;
    if (!['sent', 'pending', 'owed', 'rejected', 'refused'].includes(outcome)) continue;
    all.add(entry.turn);
    if (outcome === 'sent') sent.add(entry.turn);
    if (outcome === 'rejected' || outcome === 'refused') rejected.set(entry.turn, entry);
  }
  return { sent, rejected, all };
}

function asRejected({ time, detail }: LogEntry): Settlement {
  const httpStatus = Number(detail?.match(/\d{3}$/)?.[0]) || undefined;
  return compact({
    status: 'rejected',
    at: time,
    httpStatus,
    message: 'refused before the state was lost',
  });
}
