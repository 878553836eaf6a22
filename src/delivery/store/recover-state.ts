import { readTurns } from '../../codex/read-turns.js';
import type { TurnSegment } from '../../codex/segments/split-turns.js';
import { type LogEntry, readLog } from './journal.js';
import { owedTurn } from './state-moves.js';
import type { OwedTurn, SetAsideTurn, ThreadState } from './thread-state.js';

/**
 * Makes a thread's state anew from its recording and our log, where the state itself was damaged or
 * belongs to another recording: the thread begins with the first turn that the log tells of; what
 * that says was sent is sent, and all else is owed.
 * @returns undefined where the log knows of no turn: then the thread begins as a new one
 */
export async function rebuildState(
  stateDir: string,
  threadId: string,
  path: string,
): Promise<ThreadState | undefined> {
  const sent = new Set<string>();
  const refused = new Map<string, LogEntry>();
  const told = new Set<string>();
  for (const entry of readLog(stateDir)) {
    if (entry.thread !== threadId || entry.turn === undefined) continue;
    if (!['sent', 'owed', 'refused'].includes(entry.outcome)) continue;
    told.add(entry.turn);
    if (entry.outcome === 'sent') sent.add(entry.turn);
    if (entry.outcome === 'refused') refused.set(entry.turn, entry);
  }
  let origin: number | undefined;
  let cursor = 0;
  let count = 0;
  let total: number | undefined;
  const owed: OwedTurn[] = [];
  const setAside: SetAsideTurn[] = [];
  for await (const { segment, isLast, totalAfter } of readTurns(path)) {
    const { turnId, startOffset } = segment;
    if (origin === undefined && (turnId === undefined || !told.has(turnId))) continue;
    origin ??= startOffset;
    if (origin === startOffset) cursor = startOffset;
    const refusal = turnId === undefined ? undefined : refused.get(turnId);
    const wasSent = turnId !== undefined && sent.has(turnId);
    // The last one may be going on: it is owed as what comes after the cursor.
    if (isLast && !wasSent && !refusal) break;
    if (wasSent) count++;
    else if (refusal) setAside.push(asRefused(segment, refusal));
    else owed.push(owedTurn(segment));
    cursor = segment.endOffset;
    total = totalAfter;
  }
  if (origin === undefined) return undefined;
  return {
    version: 1,
    threadId,
    origin,
    cursor,
    ...(total === undefined ? {} : { total }),
    sent: count,
    early: [],
    owed,
    setAside,
    announced: [],
  };
}

function asRefused({ startOffset, turnId }: TurnSegment, { time, detail }: LogEntry): SetAsideTurn {
  return {
    start: startOffset,
    at: time,
    status: Number(/\d{3}$/.exec(detail ?? '')?.[0] ?? 0),
    message: 'refused before the state was lost',
    ...(turnId === undefined ? {} : { turnId }),
  };
}
