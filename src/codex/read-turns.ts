import { type FileHandle, open } from 'node:fs/promises';
import { uuidTimeMs } from '../platform/uuid-time.js';
import { withWhatCameBefore } from './before-turn.js';
import { threadIdOfFile } from './find-rollout.js';
import type { SessionMeta } from './lines/rollout-event.js';
import { isCompressed, openRecording } from './recording-stream.js';
import { type LocatedEvent, readChunks, readEventsBackwards, readEventsForwards } from './rollout-lines.js';
import { type LateItem, type TurnSegment, TurnSplitter } from './segments/split-turns.js';

/** A turn's lines, and the file's first line. */
export interface RecordedTurn {
  readonly meta: SessionMeta | undefined;
  readonly segment: TurnSegment;
}

/** What is known of a turn before its lines are read. */
export interface WantedTurn {
  /** As announced; `"0"` and undefined name none. */
  readonly turnId?: string;
  /** Tell one turn from another where ids do not. */
  readonly prompt?: string;
  readonly answer?: string;
}

/** How far before a turn to look for the thread's running total of tokens. */
const TOTAL_SEARCH_BYTES = 4 * 1024 * 1024;

/** The first line of a file, undefined where it is none we know. */
export async function readSessionMeta(file: FileHandle): Promise<SessionMeta | undefined> {
  for await (const { event } of readEventsForwards(readChunks(file)))
    return event.kind === 'session_meta' ? event : undefined;
  return undefined;
}

/**
 * The lines of one turn, read from the end of the file backwards no further than its beginning, so
 * that the cost is that of the turn and of what came after it, never that of the session.
 * Without a usable id the newest turn with that prompt and answer is taken.
 */
export async function readTurn(path: string, wanted: WantedTurn): Promise<RecordedTurn | undefined> {
  if (isCompressed(path)) return readCompressedTurn(path, wanted);
  const file = await open(path, 'r');
  try {
    const meta = await readSessionMeta(file);
    const events = await collectBack(file, wanted);
    const { segments } = split(meta, events);
    const segment = pick(segments, wanted);
    return segment && { meta: meta ?? namedBy(path), segment: await withWhatCameBefore(path, segment) };
  } finally {
    await file.close();
  }
}

/** A compressed file has no way back: its turns are passed one by one. */
async function readCompressedTurn(path: string, wanted: WantedTurn): Promise<RecordedTurn | undefined> {
  let found: RecordedTurn | undefined;
  for await (const { meta, segment } of readTurns(path)) {
    if (pick([segment], wanted)) found = { meta, segment };
  }
  return found;
}

/** A turn met on the way through a recording. */
export interface PassedTurn extends RecordedTurn {
  /** No other turn begins after it: it may still be going on. */
  readonly isLast: boolean;
  /** The thread's running total of tokens after it, where the recording tells one. */
  readonly totalAfter?: number;
}

/**
 * The turns of a recording, oldest first, one in memory at a time. Those that a fork or subagent of
 * an older Codex has copied from another thread are left out.
 * @param from the end of a turn that was read before, and the thread's total of tokens there
 * @param onLate told of the items that stand after their turn's own lines, before the turn is given that
 * they stand in or before
 */
export async function* readTurns(
  path: string,
  from?: { offset: number; total?: number | undefined },
  onLate?: (item: LateItem) => void,
): AsyncGenerator<PassedTurn> {
  const inMiddle = from !== undefined && from.offset > 0;
  const splitter = new TurnSplitter(
    inMiddle ? { meta: await readFirstLine(path), total: from.total } : undefined,
  );
  const offset = inMiddle ? from.offset : 0;
  const complete = async (segment: TurnSegment) =>
    inMiddle ? await withWhatCameBefore(path, segment) : segment;
  for await (const { event, start, end } of readEventsForwards(openRecording(path, offset), offset)) {
    const before = splitter.total;
    const segment = splitter.push(event, start, end);
    for (const item of splitter.takeLate()) onLate?.(item);
    if (segment && !segment.inherited)
      yield passed(splitter.meta ?? namedBy(path), await complete(segment), false, before);
  }
  const last = splitter.finish();
  if (last && !last.inherited)
    yield passed(splitter.meta ?? namedBy(path), await complete(last), true, splitter.total);
}

function passed(
  meta: SessionMeta | undefined,
  segment: TurnSegment,
  isLast: boolean,
  totalAfter: number | undefined,
): PassedTurn {
  return { meta, segment, isLast, ...(totalAfter === undefined ? {} : { totalAfter }) };
}

/** What a recording says of its thread, by its path, compressed or not. */
export async function readFirstLine(path: string): Promise<SessionMeta | undefined> {
  for await (const { event } of readEventsForwards(openRecording(path))) {
    return event.kind === 'session_meta' ? event : undefined;
  }
  return undefined;
}

/** A file whose first line is lost still has its thread's id in its name. */
function namedBy(path: string): SessionMeta | undefined {
  const threadId = threadIdOfFile(path);
  return threadId === undefined ? undefined : { kind: 'session_meta', timeMs: Number.NaN, threadId };
}

/** Whether a turn's end line stands in the file; looks no further back than the turn's beginning. */
export async function hasTurnEnded(path: string, turnId: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    for await (const { event } of readEventsBackwards(file)) {
      if (event.turnId !== turnId) continue;
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') return true;
      // Anything but a command that was cut off comes before the end.
      if (event.kind !== 'tool_item') return false;
    }
    return false;
  } finally {
    await file.close();
  }
}

/**
 * Whether an id tells a turn from the others of its thread. Up to 0.80 it counts what one process was
 * told, from `"0"`, and stands in no recording.
 */
export function isUsableTurnId(turnId: string | undefined): turnId is string {
  return turnId !== undefined && !/^\d*$/.test(turnId);
}

async function collectBack(file: FileHandle, wanted: WantedTurn): Promise<LocatedEvent[]> {
  const collected: LocatedEvent[] = [];
  const wantedMs = uuidTimeMs(wanted.turnId);
  const byId = isUsableTurnId(wanted.turnId);
  let foundAt: number | undefined;
  let modern = false;
  for await (const located of readEventsBackwards(file)) {
    const { event } = located;
    if (foundAt !== undefined) {
      // Only the total before the turn is still missing.
      if (event.kind === 'token_count') collected.push(located);
      if (event.kind === 'token_count' || foundAt - located.start > TOTAL_SEARCH_BYTES) break;
      continue;
    }
    collected.push(located);
    if (event.kind === 'task_started') {
      modern = true;
      const found =
        byId && event.turnId !== wanted.turnId
          ? undefined
          : pick(split(undefined, collected.slice().reverse()).segments, wanted);
      if (found) {
        // Counts are compared with the total before, unless the turn has exact records.
        if (found.events.some(({ kind }) => kind === 'token_usage_record')) break;
        foundAt = located.start;
      } else if (
        byId &&
        wantedMs !== undefined &&
        (uuidTimeMs(event.turnId) ?? wantedMs) < wantedMs - 60_000
      ) {
        // Turns from here on are older than the one we look for.
        break;
      }
    } else if (!byId && !modern && TELLS_BEGINNING.has(event.kind)) {
      if (isCertain(collected.slice().reverse(), wanted)) break;
    }
  }
  return collected.reverse();
}

const TELLS_BEGINNING = new Set(['user_message', 'token_count', 'review_mode']);

/**
 * Without start lines a turn's beginning is certain once another turn stands before it, and its
 * tokens are once a total does that is not a reviewer's.
 */
function isCertain(events: readonly LocatedEvent[], wanted: WantedTurn): boolean {
  const { segments } = split(undefined, events);
  const found = pick(segments, wanted);
  if (!found || found === segments[0]) return false;
  const [review] = events.filter(({ event }) => event.kind === 'review_mode');
  const beginsInReview = review?.event.kind === 'review_mode' && review.event.phase === 'exited';
  return found.previousTotal !== undefined && !beginsInReview;
}

function split(meta: SessionMeta | undefined, events: readonly LocatedEvent[]): { segments: TurnSegment[] } {
  const splitter = new TurnSplitter();
  splitter.meta = meta;
  const segments: TurnSegment[] = [];
  for (const { event, start, end } of events) {
    const segment = splitter.push(event, start, end);
    if (segment) segments.push(segment);
  }
  const last = splitter.finish();
  if (last) segments.push(last);
  return { segments };
}

function pick(segments: readonly TurnSegment[], wanted: WantedTurn): TurnSegment | undefined {
  if (isUsableTurnId(wanted.turnId)) return segments.findLast((segment) => segment.turnId === wanted.turnId);
  const { prompt: _, ...answerOnly } = wanted;
  return (
    segments.findLast((segment) => matches(segment, wanted)) ??
    (wanted.answer === undefined ? undefined : segments.findLast((segment) => matches(segment, answerOnly)))
  );
}

function matches(segment: TurnSegment, wanted: WantedTurn): boolean {
  const said = (kind: 'user' | 'assistant', text: string | undefined) =>
    text === undefined ||
    segment.events.some((event) => {
      if (kind === 'user' && event.kind === 'user_message') return hasText(event.content, text);
      return event.kind === 'message' && event.role === kind && hasText(event.content, text);
    });
  return said('user', wanted.prompt) && said('assistant', wanted.answer);
}

function hasText(
  content: readonly { readonly type: string; readonly text?: string }[],
  text: string,
): boolean {
  return content.some((part) => part.type === 'text' && part.text === text);
}
