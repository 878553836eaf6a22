import { fstatSync, readSync } from 'node:fs';
import { parseRolloutLine } from '../lines/parse-rollout-line.js';
import type { RolloutEvent } from '../lines/rollout-event.js';

/** An event and where its line stands in the file, in bytes; `end` is after the newline. */
export interface LocatedEvent {
  readonly event: RolloutEvent;
  readonly start: number;
  readonly end: number;
}

/**
 * Events for a `for await`. Files are read synchronously: promises and streams were a tenth of a hook's CPU. Now
 * and then an event comes as a promise, so that the clock that ends a hook comes to its turn as well.
 */
export type Events = Iterable<LocatedEvent | Promise<LocatedEvent>> | AsyncIterable<LocatedEvent>;

const CHUNK_BYTES = 64 * 1024;
/** `compacted` lines of several MB are common; one of 2 GB has been seen, and a string cannot hold it. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
/** Read and parsed in less than 0.1 s. */
const GIVE_WAY_BYTES = 8 * 1024 * 1024;
const NEWLINE = 10;

/**
 * The events of a file from its end backwards, in bounded memory (a chunk and the longest line of up
 * to 32 MiB; longer ones are given as skipped). A last line without its newline is half written and
 * left out. What is appended meanwhile is not read.
 * @param file its descriptor
 * @param end where to begin, by default the file's present size
 * @param atLeast what lies before it is not read: a line may be 2 GB long
 */
export function readEventsBackwards(file: number, end?: number, atLeast = 0): Events {
  return givingWay(eventsBackwards(file, end ?? fstatSync(file).size, atLeast));
}

function* eventsBackwards(file: number, end: number, atLeast: number): Generator<LocatedEvent> {
  let position = end;
  let lineEnd = position;
  /** What of the current line is already read, last part first. */
  let parts: Buffer[] = [];
  let partBytes = 0;
  let tooLong = false;
  let complete = false;
  let chunkBytes = CHUNK_BYTES / 4;
  while (position > atLeast) {
    const size = Math.min(chunkBytes, position - atLeast);
    chunkBytes = Math.min(chunkBytes * 2, 16 * CHUNK_BYTES);
    position -= size;
    const chunk = readExactly(file, position, size);
    let stop = chunk.length;
    for (let at = newlineBefore(chunk, chunk.length); at >= 0; at = newlineBefore(chunk, at)) {
      const start = position + at + 1;
      // An empty line is no line.
      if (complete && lineEnd - start > 1) {
        yield locate([chunk.subarray(at + 1, stop), ...parts.reverse()], tooLong, start, lineEnd);
      }
      parts = [];
      partBytes = 0;
      tooLong = false;
      complete = true;
      stop = at;
      lineEnd = start;
    }
    partBytes += stop;
    if (partBytes > MAX_LINE_BYTES) {
      tooLong = true;
      parts = [];
    } else if (stop > 0) {
      parts.push(chunk.subarray(0, stop));
    }
  }
  // Where reading has stopped before the file's beginning, the line is not whole.
  if (complete && lineEnd > 1 && position === 0) yield locate(parts.reverse(), tooLong, 0, lineEnd);
}

/** The last newline before an index; -1 where there is none (an index below 0 would count from the end). */
function newlineBefore(chunk: Buffer, index: number): number {
  return index > 0 ? chunk.lastIndexOf(NEWLINE, index - 1) : -1;
}

/**
 * The events of bytes from their beginning, in bounded memory. A last line without its newline is left
 * out.
 * @param startOffset what the first byte's offset in the file is
 */
export function readEventsForwards(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  startOffset = 0,
): Events {
  const lines = new LineCutter(startOffset);
  return Symbol.asyncIterator in chunks
    ? eventsOfStream(chunks, lines)
    : givingWay(eventsOfChunks(chunks, lines));
}

function* eventsOfChunks(chunks: Iterable<Uint8Array>, lines: LineCutter): Generator<LocatedEvent> {
  for (const chunk of chunks) yield* lines.cut(chunk);
}

async function* eventsOfStream(
  chunks: AsyncIterable<Uint8Array>,
  lines: LineCutter,
): AsyncGenerator<LocatedEvent> {
  for await (const chunk of chunks) yield* lines.cut(chunk);
}

/** Cuts bytes into lines, chunk by chunk. */
class LineCutter {
  /** What of the current line came with earlier chunks. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #tooLong = false;
  #lineStart: number;
  #position: number;

  constructor(startOffset: number) {
    this.#lineStart = startOffset;
    this.#position = startOffset;
  }

  *cut(chunk: Uint8Array): Generator<LocatedEvent> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const end = this.#position + at + 1;
      const parts = [...this.#parts, chunk.subarray(from, at)];
      // An empty line is no line.
      if (end - this.#lineStart > 1) yield locate(parts, this.#tooLong, this.#lineStart, end);
      this.#parts = [];
      this.#partBytes = 0;
      this.#tooLong = false;
      from = at + 1;
      this.#lineStart = end;
    }
    this.#partBytes += chunk.length - from;
    if (this.#partBytes > MAX_LINE_BYTES) {
      this.#tooLong = true;
      this.#parts = [];
    } else if (from < chunk.length) {
      this.#parts.push(chunk.subarray(from));
    }
    this.#position += chunk.length;
  }
}

/** Lets whatever else is due have its turn now and then. */
function* givingWay(events: Iterable<LocatedEvent>): Generator<LocatedEvent | Promise<LocatedEvent>> {
  let bytes = 0;
  for (const located of events) {
    bytes += located.end - located.start;
    if (bytes < GIVE_WAY_BYTES) {
      yield located;
      continue;
    }
    bytes = 0;
    yield new Promise<LocatedEvent>((resolve) => setImmediate(resolve, located));
  }
}

/**
 * The bytes of a file from an offset to its end.
 * @param file its descriptor, which stays open
 * @param upTo no chunk begins at or after it
 * @param chunkBytes how many are read at once
 */
export function* readChunks(
  file: number,
  from = 0,
  upTo = Number.POSITIVE_INFINITY,
  chunkBytes = CHUNK_BYTES,
): Generator<Buffer> {
  for (let position = from; position < upTo; ) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const bytesRead = readSync(file, chunk, 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

function locate(parts: readonly Uint8Array[], tooLong: boolean, start: number, end: number): LocatedEvent {
  if (tooLong) return { event: { kind: 'skipped', timeMs: Number.NaN, reason: 'too long' }, start, end };
  return { event: parseRolloutLine(Buffer.concat(parts).toString('utf8')), start, end };
}

function readExactly(file: number, position: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const bytesRead = readSync(file, buffer, filled, size - filled, position + filled);
    // Truncated meanwhile: what is missing reads as nothing.
    if (bytesRead === 0) return buffer.subarray(0, filled);
    filled += bytesRead;
  }
  return buffer;
}
