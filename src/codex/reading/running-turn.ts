import { closeSync, fstatSync, openSync } from 'node:fs';
import type { SessionMeta } from '../lines/rollout-event.js';
import { isCompressed } from '../recordings/recording-stream.js';
import { readChunks, readEventsBackwards, readEventsForwards } from '../recordings/rollout-lines.js';
import { TurnSplitter } from '../segments/split-turns.js';
import type { TurnSegment } from '../segments/turn-segment.js';
import { isUsableTurnId, readTurn } from './read-turns.js';

/**
 * A turn at the end of a recording whose end line is not written yet, followed while Codex writes it
 * (0.169 to 0.171 write each line within 0.2 s): each look reads on from where the last one came to.
 */
export class RunningTurn {
  readonly #splitter: TurnSplitter;
  readonly #before: Pick<TurnSegment, 'settings' | 'tools'>;
  #offset: number;
  #isOver = false;
  #lastLineMs: number;

  private constructor(
    readonly path: string,
    readonly turnId: string,
    readonly meta: SessionMeta | undefined,
    segment: TurnSegment,
  ) {
    const { settings, tools, startOffset, previousTotal } = segment;
    this.#splitter = new TurnSplitter({ meta, total: previousTotal });
    this.#before = { ...(settings && { settings }), ...(tools && { tools }) };
    this.#offset = startOffset;
    this.#lastLineMs = segment.events[0]?.timeMs ?? Number.NaN;
    this.start = startOffset;
    this.startMs = this.#lastLineMs;
  }

  /** Where it begins in its file, in bytes. */
  readonly start: number;
  /** When it began, in ms since the epoch; NaN where its first line tells no time. */
  readonly startMs: number;

  /**
   * Looks for a turn at the end of a file that has a start line and no end line; undefined where there is
   * none. Turns without a start line of their own (Codex up to 0.80) have no end line either, so nothing
   * tells whether they go on.
   */
  static async find(path: string): Promise<RunningTurn | undefined> {
    const turnId = isCompressed(path) ? undefined : await openTurnId(path);
    if (!isUsableTurnId(turnId)) return undefined;
    const found = await readTurn(path, { turnId });
    if (!found?.segment.started || found.segment.ended || found.segment.inherited) return undefined;
    return new RunningTurn(path, turnId, found.meta, found.segment);
  }

  /** Its end line has been read, or the thread has gone on with another turn, or the file is another one. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** When its newest line was written, in ms since the epoch; NaN where none tells. */
  get lastLineMs(): number {
    return this.#lastLineMs;
  }

  /** How many bytes of it have been read. */
  get bytes(): number {
    return this.#offset - this.start;
  }

  /** Its lines so far; undefined before the first of them has been read. */
  get segment(): TurnSegment | undefined {
    const { current } = this.#splitter;
    return current && { ...this.#before, ...current };
  }

  /** Reads what has been written since. @returns whether that was anything */
  async readOn(): Promise<boolean> {
    if (this.#isOver) return false;
    const file = openSync(this.path, 'r');
    const from = this.#offset;
    try {
      // A file that has become shorter was rewritten: what is in it now is another story.
      if (fstatSync(file).size < from) this.#isOver = true;
      else
        for await (const { event, start, end } of readEventsForwards(readChunks(file, from), from)) {
          const next = this.#splitter.push(event, start, end);
          this.#splitter.takeLate();
          if (next || this.#splitter.current?.ended) {
            this.#isOver = true;
            break;
          }
          this.#offset = end;
          if (!Number.isNaN(event.timeMs)) this.#lastLineMs = event.timeMs;
        }
    } finally {
      closeSync(file);
    }
    return this.#isOver || this.#offset > from;
  }
}

/** The id of the last turn that was begun, where no turn's end stands after its start. */
async function openTurnId(path: string): Promise<string | undefined> {
  const file = openSync(path, 'r');
  try {
    for await (const { event } of readEventsBackwards(file)) {
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') return undefined;
      if (event.kind === 'task_started') return event.turnId;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}
