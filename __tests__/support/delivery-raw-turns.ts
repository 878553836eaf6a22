import { readFileSync } from 'node:fs';

/** Lines of a copy stand closer together than this (measured); a model takes longer to answer. */
const COPY_PAUSE_MS = 20;

/** Had with another agent, and imported: no turn of Codex's. */
const IMPORTED = /^external-import-turn-/;

/**
 * How many turns of the user's a recording holds, by its raw lines and by rules of its own, apart from
 * the program's: a start line of the thread's own, a review entered without one, or (before 0.101) a
 * prompt outside of both. A subagent's turns are parts of another thread's.
 */
export function countRawTurns(file: string, threadId: string): number {
  const turns = new Set<string>();
  let [inTask, inReview, isCopying, isFirst] = [false, false, false, true];
  let [lastMs, others] = [0, 0];
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (text === '') continue;
    const { timestamp, type, payload } = JSON.parse(text);
    const ms = Date.parse(timestamp);
    if (type === 'session_meta') {
      if (isFirst && (payload.parent_thread_id || payload.source?.subagent)) return 0;
      if (!isFirst && payload.id !== threadId) isCopying = true;
      isFirst = false;
    }
    if (ms - lastMs > COPY_PAUSE_MS) isCopying = false;
    lastMs = ms;
    if (type !== 'event_msg') continue;
    const turnId: string | undefined = payload.turn_id;
    switch (payload.type === 'item_completed' ? payload.item?.type : payload.type) {
      case 'task_started':
        if (inReview || payload.turn_attribution?.parent_turn_id) break;
        inTask = true;
        if (turnId && !isOlder(turnId, threadId) && !IMPORTED.test(turnId)) turns.add(turnId);
        break;
      case 'task_complete':
      case 'turn_aborted':
        inTask = inTask && inReview;
        break;
      case 'entered_review_mode':
      case 'EnteredReviewMode':
        if (!inTask) turns.add(turnId ?? `review ${others++}`);
        inReview = true;
        break;
      case 'exited_review_mode':
      case 'ExitedReviewMode':
        inReview = false;
        break;
      case 'user_message':
        if (!inTask && !inReview && !isCopying) turns.add(`prompt ${others++}`);
    }
  }
  return turns.size;
}

/** Both ids begin with the time they were made: a turn older than its thread was copied into it. */
function isOlder(turnId: string, threadId: string): boolean {
  const time = (id: string) => id.replaceAll('-', '').slice(0, 12);
  return turnId.length === threadId.length && time(turnId) < time(threadId);
}
