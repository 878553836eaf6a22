import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import { hasTurnEnded, isUsableTurnId, readTurn, readTurns } from '../codex/read-turns.js';
import type { TurnSegment } from '../codex/segments/split-turns.js';
import { sha256 } from '../platform/sha256.js';
import type { Announcement } from './store/inbox.js';
import type { ThreadState } from './store/thread-state.js';

/** How long to wait for the end of a turn that was just announced (0.169: there within 3 ms, 0.101: 6 ms). */
const END_WAIT_MS = 500;
const POLL_MS = 5;

/** Where an announced turn begins in its recording. */
export interface LocatedTurn {
  readonly start: number;
  /** The thread's running total of tokens before it, where the recording tells one. */
  readonly totalBefore?: number;
}

/**
 * Finds an announced turn, waiting a little for its lines; undefined where it is not in the file. Only
 * a new announcement is waited for: its lines are as old as it is, or will never be.
 */
export async function locateAnnounced(
  path: string,
  announcement: Announcement,
  known: ThreadState | undefined,
): Promise<LocatedTurn | undefined> {
  const untilMs = Math.min(Date.now(), announcement.atMs) + END_WAIT_MS;
  for (;;) {
    const isLastTry = Date.now() >= untilMs;
    const segment = await find(path, announcement, known, isLastTry);
    if (segment) {
      const { startOffset: start, previousTotal } = segment;
      return { start, ...(previousTotal === undefined ? {} : { totalBefore: previousTotal }) };
    }
    if (isLastTry) return undefined;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function find(
  path: string,
  announcement: Announcement,
  known: ThreadState | undefined,
  lastTry: boolean,
): Promise<TurnSegment | undefined> {
  const { turnId } = announcement;
  if (isUsableTurnId(turnId)) {
    if (!lastTry && !(await hasTurnEnded(path, turnId))) return undefined;
    return (await readTurn(path, { turnId }))?.segment;
  }
  return findByDigest(path, announcement, known);
}

/** Up to 0.80 ids are all `"0"`: the newest turn with that answer is meant, and that prompt if several have it. */
async function findByDigest(
  path: string,
  digests: Announcement,
  known: ThreadState | undefined,
): Promise<TurnSegment | undefined> {
  const from = known && known.cursor > 0 ? { offset: known.cursor, total: known.total } : undefined;
  // Among the turns not yet sent, as a rule; a hook that comes late means an older one.
  const recent = from && (await bestMatch(readTurns(path, from), digests));
  return recent ?? bestMatch(readTurns(path), digests);
}

async function bestMatch(
  turns: AsyncIterable<{ readonly segment: TurnSegment }>,
  { promptDigest, answerDigest }: Announcement,
): Promise<TurnSegment | undefined> {
  let best: TurnSegment | undefined;
  let bestScore = 0;
  for await (const { segment } of turns) {
    const answered = answerDigest !== undefined && says(segment.events, 'assistant', answerDigest);
    const asked = promptDigest !== undefined && says(segment.events, 'user', promptDigest);
    const score = (answered ? 2 : 0) + (asked ? 1 : 0);
    if (score >= 2 && score >= bestScore) {
      best = segment;
      bestScore = score;
    }
  }
  return best;
}

function says(events: readonly RolloutEvent[], role: 'user' | 'assistant', digest: string): boolean {
  return events.some(
    (event) =>
      (role === 'user' ? event.kind === 'user_message' : event.kind === 'message' && event.role === role) &&
      'content' in event &&
      event.content.some((part) => part.type === 'text' && sha256(part.text) === digest),
  );
}
