import type { NotifyPayload } from '../../codex/notify-payload.js';
import { hasTurnEnded, isUsableTurnId } from '../../codex/reading/read-turns.js';
import { readSessionTail } from '../../codex/reading/untold-turns.js';
import { findRollout } from '../../codex/recordings/find-rollout.js';
import { poll } from '../../platform/poll.js';

/** How long the process that a Stop hook leaves behind waits for the turn's end. */
const STOP_WAIT_MS = 8000;
/** How long it waits at a session's end, when every turn is over (its line was there each time, 0.152 to 0.171). */
const SESSION_END_WAIT_MS = 500;
const POLL_MS = 50;

/**
 * A Stop hook runs before the turn's end is written, and other Stop hooks may take their time.
 * @param waitMs how long it is waited for at most
 */
export async function awaitTurnEnd(
  home: string,
  payload: NotifyPayload,
  waitMs: number = payload.isSessionEnd ? SESSION_END_WAIT_MS : STOP_WAIT_MS,
): Promise<void> {
  const { threadId, turnId, isSessionEnd } = payload;
  const path = payload.recording ?? findRollout(home, threadId);
  if (!path || (!isSessionEnd && !isUsableTurnId(turnId))) return;
  const look = async () =>
    turnId === undefined ? (await readSessionTail(path)).isOver : await hasTurnEnded(path, turnId);
  // Not yet, or it cannot be read yet.
  const hasEnded = async () => (await look().catch(() => false)) || undefined;
  await poll(hasEnded, { everyMs: POLL_MS, untilMs: Date.now() + waitMs });
}
