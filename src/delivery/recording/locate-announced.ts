import type { RolloutEvent } from '../../codex/lines/rollout-event.js';
import {
  hasTurnEnded,
  isUsableTurnId,
  type LastTurn,
  readTurn,
  readTurns,
} from '../../codex/reading/read-turns.js';
import { readSessionTail } from '../../codex/reading/untold-turns.js';
import type { Recording } from '../../codex/recordings/find-rollout.js';
import { isCompressed } from '../../codex/recordings/recording-stream.js';
import type { TurnSegment } from '../../codex/segments/turn-segment.js';
import { compact } from '../../platform/json.js';
import { poll } from '../../platform/poll.js';
import { sha256 } from '../../platform/sha256.js';
import type { Announcement } from '../store/inbox.js';
import { cursorOf, type ThreadState } from '../store/thread-state.js';
import type { LocatedTurn } from './recording-port.js';

/** How long to wait for the end of a turn that was just announced (0.169: there within 3 ms, 0.101: 6 ms). */
const END_WAIT_MS = 500;
const POLL_MS = 5;
/** Takes the last turn of the file with a key, as it was read. */
type OnRead = (key: string, turn: LastTurn) => void;

/** A turn that is still not there then may stand in a file that has only just been made. */
const LATE_MS = 50;

/**
 * Finds an announced turn in the files of its thread, waiting a little for its lines; undefined where it
 * is in none. Only a new announcement is waited for: its lines are as old as it is, or will never be.
 * The end of a session stands for its last turn, and in a thread that nothing is known of for the first
 * of those at its end that no Stop hook told of.
 * @param filesOf the files; those made meanwhile as well, where the turn is late
 * @param onRead told of the turn, whose lines were read to find it
 */
export async function locateAnnounced(
  filesOf: (isLate: boolean) => Promise<readonly Recording[]>,
  announcement: Announcement,
  state: ThreadState | undefined,
  onRead: OnRead = () => {},
): Promise<LocatedTurn | undefined> {
  if (announcement.isSessionEnd) return locateAtEnd(await filesOf(true), state);
  const startMs = Date.now();
  let lookedForMore = false;
  const found = await poll(
    async () => {
      const isLate = !lookedForMore && Date.now() - startMs > LATE_MS;
      lookedForMore ||= isLate;
      return find(await filesOf(isLate), announcement, state, onRead, true);
    },
    { everyMs: POLL_MS, untilMs: Math.min(startMs, announcement.atMs) + END_WAIT_MS },
  );
  return found ?? find(await filesOf(true), announcement, state, onRead, false);
}

async function locateAtEnd(
  files: readonly Recording[],
  state: ThreadState | undefined,
): Promise<LocatedTurn | undefined> {
  const newest = files.at(-1);
  if (!newest) return undefined;
  const { lastTurnId, untoldTurnId } = await readSessionTail(newest.path);
  const turnId = state ? lastTurnId : untoldTurnId;
  const found = turnId === undefined ? undefined : await readTurn(newest.path, { turnId });
  return found && located(newest.key, found.segment);
}

async function find(
  files: readonly Recording[],
  announcement: Announcement,
  state: ThreadState | undefined,
  onRead: OnRead,
  mustHaveEnded: boolean,
): Promise<LocatedTurn | undefined> {
  const { turnId } = announcement;
  if (!isUsableTurnId(turnId)) return findByDigest(files, announcement, state);
  for (const { key, path } of files) {
    if (mustHaveEnded && !isCompressed(path) && !(await hasTurnEnded(path, turnId))) continue;
    const found = await readTurn(path, { turnId });
    if (!found) continue;
    if (found.asLast) onRead(key, found.asLast);
    return located(key, found.segment);
  }
  return undefined;
}

/** Up to 0.80 ids are all `"0"`: the newest turn with that answer is meant, and that prompt if several have it. */
async function findByDigest(
  files: readonly Recording[],
  digests: Announcement,
  state: ThreadState | undefined,
): Promise<LocatedTurn | undefined> {
  // Among the turns not yet sent, as a rule; a hook that comes late means an older one.
  for (const isRecent of state ? [true, false] : [false]) {
    for (const { key, path } of [...files].reverse()) {
      const from = isRecent && state ? cursorOf(state, key) : { cursor: 0 };
      const best =
        from && (await bestMatch(readTurns(path, { offset: from.cursor, total: from.total }), digests));
      if (best) return located(key, best);
    }
  }
  return undefined;
}

function located(file: string, { startOffset, previousTotal }: TurnSegment): LocatedTurn {
  return compact({ file, start: startOffset, total: previousTotal });
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
