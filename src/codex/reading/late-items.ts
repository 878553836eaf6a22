import { openRecording } from '../recordings/recording-stream.js';
import { readEventsForwards } from '../recordings/rollout-lines.js';
import { TurnSplitter } from '../segments/split-turns.js';
import { type LateItem, withLateItems } from '../segments/turn-segment.js';
import { type PassedTurn, readFirstLine, readTurns } from './read-turns.js';

/**
 * The items of a recording that stand after their turn's own lines, in the order of the file: from an
 * offset on, those of turns that were read before it as well.
 * @param from the end of a turn that was read before, in bytes; 0 for the whole file
 */
export async function* readLateItems(path: string, from = 0): AsyncGenerator<LateItem> {
  const known = from > 0 ? { meta: await readFirstLine(path), total: undefined } : undefined;
  const splitter = new TurnSplitter(known);
  for await (const { event, start, end } of readEventsForwards(openRecording(path, from), from)) {
    splitter.push(event, start, end);
    yield* splitter.takeLate();
  }
}

/**
 * The turns of a whole recording, oldest first, each with what was written of it later. The file is
 * read twice, so that one turn at a time is in memory.
 */
export async function* readWholeTurns(path: string): AsyncGenerator<PassedTurn> {
  const late: LateItem[] = [];
  for await (const item of readLateItems(path)) late.push(item);
  for await (const turn of readTurns(path)) {
    yield { ...turn, segment: withLateItems(turn.segment, late) };
  }
}
