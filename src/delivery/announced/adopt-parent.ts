import { existsSync } from 'node:fs';
import { findParent } from '../../codex/family/find-parent.js';
import { hasTurnEnded, isUsableTurnId, readFirstLine, readTurn } from '../../codex/reading/read-turns.js';
import { findRollout } from '../../codex/recordings/find-rollout.js';
import { poll } from '../../platform/poll.js';
import { assembleTurn } from '../../turn/assemble-turn.js';
import type { Turn } from '../../turn/turn.js';
import { drainThread } from '../pass/drain-thread.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { announcementFile, putAnnouncement } from '../store/inbox.js';
import { loadThreadState } from '../store/state-file.js';
import type { FreshAnnouncement } from './announcement.js';

/** A review's parent ends some 10 ms after the reviewer (0.140, 0.169); nothing announces it. */
const REVIEW_WAIT_MS = 3000;
const POLL_MS = 50;

/**
 * Sees to it that the turn above an announced subagent's turn is wanted as well, since its trace has no
 * root without it: Codex announces no parent of a review, and none that fails or is interrupted.
 * A review's parent is waited for and sent; any other has a hook of its own to come.
 */
export async function adoptParent(
  run: DeliveryRun,
  { threadId, turnId: announcedId, cwd }: FreshAnnouncement,
): Promise<void> {
  const { codexHome, stateDir } = run.options;
  const path = findRollout(codexHome, threadId);
  if (!path || !isUsableTurnId(announcedId)) return;
  const meta = await readFirstLine(path);
  const parentThreadId = meta?.parentThreadId;
  if (parentThreadId === undefined) return;
  const isReview = meta?.subagent === 'review';
  const known = loadThreadState(stateDir, parentThreadId).kind !== 'none';
  if (known && !isReview) return;
  const recorded = await readTurn(path, { turnId: announcedId });
  if (!recorded) return;
  const turn = assembleTurn(recorded.segment, recorded.meta);
  const turnId = isReview ? await reviewedTurnId(run, turn, parentThreadId) : turn.parentTurnId;
  if (turnId === undefined) return;
  const announcement = { threadId: parentThreadId, turnId, cwd, place: run.environment, atMs: Date.now() };
  // The parent's own announcement knows more: its client.
  if (!existsSync(announcementFile(stateDir, announcement))) putAnnouncement(stateDir, announcement);
  await drainThread(run, parentThreadId);
}

/** The turn that a review was entered in, once it is over. */
async function reviewedTurnId(
  run: DeliveryRun,
  child: Turn,
  parentThreadId: string,
): Promise<string | undefined> {
  const { codexHome } = run.options;
  const path = findRollout(codexHome, parentThreadId);
  if (!path) return undefined;
  let turnId = child.parentTurnId;
  const untilMs = Date.now() + Math.min(REVIEW_WAIT_MS, run.requestMs());
  await poll(
    async () => {
      // Up to 0.140 the id stands only in the parent's end line.
      turnId ??= (await findParent(codexHome, parentThreadId, child))?.turnId;
      return (turnId !== undefined && (await hasTurnEnded(path, turnId))) || undefined;
    },
    { everyMs: POLL_MS, untilMs },
  );
  return turnId;
}
