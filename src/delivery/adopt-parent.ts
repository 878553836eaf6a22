import { findParent } from '../codex/find-parent.js';
import { findRollout } from '../codex/find-rollout.js';
import type { NotifyPayload } from '../codex/notify-payload.js';
import { hasTurnEnded, isUsableTurnId, readFirstLine, readTurn } from '../codex/read-turns.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import type { Turn } from '../turn/turn.js';
import type { DeliveryRun } from './delivery-run.js';
import { putAnnouncement } from './store/inbox.js';
import { loadThreadState } from './store/state-file.js';
import { workThread } from './thread-work.js';

/** A review's parent ends some 10 ms after the reviewer (0.140, 0.169); nobody announces it. */
const REVIEW_WAIT_MS = 3000;
const POLL_MS = 50;

/**
 * Sees to it that the turn above an announced subagent's turn is owed as well, since its trace has no
 * root without it: Codex announces no parent of a review, and none that fails or is interrupted.
 * A review's parent is waited for and sent; any other has a hook of its own to come.
 */
export async function adoptParent(run: DeliveryRun, payload: NotifyPayload, cwd: string): Promise<void> {
  const { codexHome, stateDir } = run.options;
  const path = await findRollout(codexHome, payload.threadId);
  if (!path || !isUsableTurnId(payload.turnId)) return;
  const meta = await readFirstLine(path);
  const parentThreadId = meta?.parentThreadId;
  if (parentThreadId === undefined) return;
  const isReview = meta?.subagent === 'review';
  const known = loadThreadState(stateDir, parentThreadId).kind !== 'none';
  if (known && !isReview) return;
  const recorded = await readTurn(path, { turnId: payload.turnId });
  if (!recorded) return;
  const turn = assembleTurn(recorded.segment, recorded.meta);
  const turnId = await parentTurnId(run, turn, parentThreadId, isReview);
  if (turnId === undefined) return;
  putAnnouncement(stateDir, { threadId: parentThreadId, turnId, cwd, atMs: Date.now() });
  await workThread(run, parentThreadId);
}

/** The parent's turn, once it is over where it is a review's. */
async function parentTurnId(
  run: DeliveryRun,
  child: Turn,
  parentThreadId: string,
  isReview: boolean,
): Promise<string | undefined> {
  if (!isReview) return child.parentTurnId;
  const path = await findRollout(run.options.codexHome, parentThreadId);
  if (!path) return undefined;
  const untilMs = Date.now() + Math.min(REVIEW_WAIT_MS, run.requestMs());
  for (;;) {
    // Up to 0.140 the id stands only in the parent's end line.
    const turnId =
      child.parentTurnId ?? (await findParent(run.options.codexHome, parentThreadId, child))?.turnId;
    if (turnId !== undefined && (await hasTurnEnded(path, turnId))) return turnId;
    if (Date.now() >= untilMs) return turnId;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
