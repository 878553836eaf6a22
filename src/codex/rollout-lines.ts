import type { FileHandle } from 'node:fs/promises';
import { parseRolloutLine } from './lines/parse-rollout-line.js';
import type { RolloutEvent } from './lines/rollout-event.js';

/** An event and where its line stands in the file, in bytes; `end` is after the newline. */
export interface LocatedEvent {
  readonly event: RolloutEvent;
  readonly start: number;
  readonly end: number;
}

const CHUNK_BYTES = 64 * 1024;
/** `compacted` lines of several MB are common; one of 2 GB has been seen, and a string cannot hold it. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 10;

/**
 * The events of a file from its end backwards, in bounded memory (a chunk and the longest line of up
 * to 32 MiB; longer ones are given as skipped). A last line without its newline is half written and
 * left out. What is appended meanwhile is not read.
 * @param end where to begin, by default the file's present size
 * @param atLeast what lies before it is not read: a line may be 2 GB long
 */
export async function* readEventsBackwards(
  file: FileHandle,
  end?: number,
  atLeast = 0,
): AsyncGenerator<LocatedEvent> {
  let position = end ?? (await file.stat()).size;
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
    const chunk = await readExactly(file, position, size);
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
 * The events of a stream of bytes from its beginning, in bounded memory. A last line without its
 * newline is left out.
 * @param startOffset what the first byte's offset in the file is
 */
export async function* readEventsForwards(
  stream: AsyncIterable<Uint8Array>,
  startOffset = 0,
): AsyncGenerator<LocatedEvent> {
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let tooLong = false;
  let lineStart = startOffset;
  let position = startOffset;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const end = position + at + 1;
      // An empty line is no line.
      if (end - lineStart > 1) yield locate([...parts, chunk.subarray(from, at)], tooLong, lineStart, end);
      parts = [];
      partBytes = 0;
      tooLong = false;
      from = at + 1;
      lineStart = end;
    }
    partBytes += chunk.length - from;
    if (partBytes > MAX_LINE_BYTES) {
      tooLong = true;
      parts = [];
    } else if (from < chunk.length) {
      parts.push(chunk.subarray(from));
    }
    position += chunk.length;
  }
}

/**
 * The bytes of a file from an offset to its end; leaves the handle open, as its own stream does not.
 * @param upTo no chunk begins at or after it
 */
export async function* readChunks(
  file: FileHandle,
  from = 0,
  upTo = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  for (let position = from; position < upTo; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function locate(parts: readonly Uint8Array[], tooLong: boolean, start: number, end: number): LocatedEvent {
  if (tooLong) return { event: { kind: 'skipped', timeMs: Number.NaN, reason: 'too long' }, start, end };
  return { event: parseRolloutLine(Buffer.concat(parts).toString('utf8')), start, end };
}

async function readExactly(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(buffer, filled, size - filled, position + filled);
    // Truncated meanwhile: what is missing reads as nothing.
    if (bytesRead === 0) return buffer.subarray(0, filled);
    filled += bytesRead;
  }
  return buffer;
}
