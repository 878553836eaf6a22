import type { SessionMeta } from '../lines/rollout-event.js';

/** Threads that a model's call or a user's command started, though they are not the user's own. */
const STARTED_FOR_SOMEBODY = new Set(['thread_spawn', 'review']);

/**
 * Whether Codex started a thread by itself and for itself: a reviewer of approvals (`guardian`,
 * 0.144 to 0.171), a compaction, the upkeep of its memory. No call names such a thread, and no
 * notification is fired for its turns.
 */
export function isOwnHelper(meta: SessionMeta | undefined): boolean {
  return meta?.subagent !== undefined && !STARTED_FOR_SOMEBODY.has(meta.subagent);
}

/** Whether a thread is Codex's own and belongs to no other: none of its turns is one of the user's. */
export function isParentless(meta: SessionMeta | undefined): boolean {
  return isOwnHelper(meta) && meta?.parentThreadId === undefined;
}

/** What the agent of a thread is called: by its path, its nickname, or its kind as recorded. */
export function agentNameOf(meta: SessionMeta | undefined): string | undefined {
  if (meta?.subagent === undefined) return undefined;
  const kind = meta.subagent === 'thread_spawn' ? 'subagent' : meta.subagent;
  return meta.agentPath ?? meta.agentNickname ?? kind;
}
