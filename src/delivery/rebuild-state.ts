import { readTurns } from '../codex/read-turns.js';
import { readLog } from './hook-log.js';
import { owedTurn } from './state-moves.js';
import type { OwedTurn, ThreadState } from './thread-state.js';

/**
 * Makes a thread's state anew from its recording and our log, where the state itself was damaged:
 * what the log says was sent is sent, every turn after the first of those is owed otherwise.
 * @returns undefined where the log knows of no turn: then the thread begins as a new one
 */
export async function rebuildState(
  stateDir: string,
  threadId: string,
  path: string,
): Promise<ThreadState | undefined> {
  const sent = new Set<string>();
  for (const entry of readLog(stateDir)) {
    if (entry.thread === threadId && entry.outcome === 'sent' && entry.turn !== undefined)
      sent.add(entry.turn);
  }
  let origin: number | undefined;
  let cursor = 0;
  let count = 0;
  let total: number | undefined;
  const owed: OwedTurn[] = [];
  for await (const { segment, isLast, totalAfter } of readTurns(path)) {
    const wasSent = segment.turnId !== undefined && sent.has(segment.turnId);
    if (origin === undefined && !wasSent) continue;
    origin ??= segment.startOffset;
    if (isLast && !wasSent) break;
    if (wasSent) count++;
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
    setAside: [],
    announced: [],
  };
}
