import { closeSync, openSync } from 'node:fs';
import type { SessionMeta } from '../lines/rollout-event.js';
import { threadIdOfFile } from '../recordings/find-rollout.js';
import { isCompressed, openRecording } from '../recordings/recording-stream.js';
import { readChunks, readEventsBackwards, readEventsForwards } from '../recordings/rollout-lines.js';
import { TurnSplitter } from '../segments/split-turns.js';
import type { LateItem, TurnSegment } from '../segments/turn-segment.js';
import { withWhatCameBefore } from './before-turn.js';
import { pickTurn, splitLocated, TurnCollector, type WantedTurn } from './turn-collector.js';

export { isUsableTurnId } from './turn-collector.js';

/** A turn's lines, and the file's first line. */
export interface RecordedTurn {
  readonly meta: SessionMeta | undefined;
  readonly segment: TurnSegment;
}

/** A turn that no other came after when it was read, as a reader from its beginning on would give it. */
export interface LastTurn extends PassedTurn {
  /** What stood in or after it of the tools of earlier turns. */
  readonly late: readonly LateItem[];
}

/** A turn that was looked for. */
interface FoundTurn extends RecordedTurn {
  readonly asLast?: LastTurn;
}

/** The first line of a file, undefined where it is none we know. @param file its descriptor */
export async function readSessionMeta(file: number): Promise<SessionMeta | undefined> {
  for await (const { event } of readEventsForwards(readChunks(file)))
    return event.kind === 'session_meta' ? event : undefined;
  return undefined;
}

/**
 * The lines of one turn, read from the end of the file backwards no further than its beginning, so
 * that the cost is that of the turn and of what came after it, never that of the session.
 * Without a usable id the newest turn with that prompt and answer is taken.
 */
export async function readTurn(path: string, wanted: WantedTurn): Promise<FoundTurn | undefined> {
  if (isCompressed(path)) return readCompressedTurn(path, wanted);
  const file = openSync(path, 'r');
  try {
    const meta = await readSessionMeta(file);
    const collector = new TurnCollector(wanted, meta);
    for await (const located of readEventsBackwards(file)) if (collector.see(located)) break;
    const { segments, total, late } = splitLocated(meta, collector.events);
    const found = pickTurn(segments, wanted);
    if (!found) return undefined;
    const named = meta ?? namedBy(path);
    const segment = await withWhatCameBefore(path, found);
    if (found !== segments.at(-1) || found.inherited) return { meta: named, segment };
    return { meta: named, segment, asLast: { ...passed(named, segment, true, total), late } };
  } finally {
    closeSync(file);
  }
}

/** A compressed file has no way back: its turns are passed one by one. */
async function readCompressedTurn(path: string, wanted: WantedTurn): Promise<RecordedTurn | undefined> {
  let found: RecordedTurn | undefined;
  for await (const { meta, segment } of readTurns(path)) {
    if (pickTurn([segment], wanted)) found = { meta, segment };
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

/** How much may stand between two turns, in bytes: settings, and what a shell printed. */
const GAP_BYTES = 1024 * 1024;

/** Whether nothing stands between two places of a recording that is a turn's, or what became of one's tools. */
export async function isBetweenTurns(path: string, from: number, to: number): Promise<boolean> {
  if (from === to) return true;
  if (from > to || to - from > GAP_BYTES) return false;
  const splitter = new TurnSplitter({ meta: undefined, total: undefined });
  for await (const { event, start, end } of readEventsForwards(openRecording(path, from), from)) {
    if (start >= to) return true;
    if (splitter.push(event, start, end) || splitter.takeLate().length > 0) return false;
    if (event.kind === 'task_started' || event.kind === 'user_message') return false;
  }
  return false;
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
  const file = openSync(path, 'r');
  try {
    for await (const { event } of readEventsBackwards(file)) {
      if (event.turnId !== turnId) continue;
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') return true;
      // Anything but a command that was cut off comes before the end.
      if (event.kind !== 'tool_item') return false;
    }
    return false;
  } finally {
    closeSync(file);
  }
}
