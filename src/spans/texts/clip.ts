import type { CutText } from '../../codex/lines/kept-text.js';

/** The number of bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  // By Node's own means, and not character by character: V8 optimises such a loop while a hook runs, which costs
  // 3 ms of its CPU and is done too late (Node 20).
  return Buffer.byteLength(text);
}

/** How many characters JSON adds to a text inside its quotes. */
export function jsonAddedLength(text: string): number {
  return JSON.stringify(text).length - 2 - text.length;
}

export interface Clipped {
  readonly text: string;
  /** Bytes of the original that are not in `text`. */
  readonly cutBytes: number;
}

/** The part of a text that its beginning gets where the middle is cut; the end, where errors stand, has the rest. */
const HEAD_PART = 2 / 3;

/**
 * Keeps a text within a number of bytes (UTF-8), cutting its middle between characters, with a
 * marker that says how much is gone. The end is kept as well: errors stand there.
 */
export function clip(text: string, maxBytes: number): Clipped {
  // Three bytes a UTF-16 unit at most: short texts need no counting.
  if (text.length * 3 <= maxBytes) return { text, cutBytes: 0 };
  const total = utf8Length(text);
  if (total <= maxBytes) return { text, cutBytes: 0 };
  const { head, tail, cutBytes } = clipEnds(text, text, total, roomBeside(total, maxBytes));
  return { text: head + cutMarker(cutBytes) + tail, cutBytes };
}

/**
 * The same for a text whose middle is gone already: one marker says what is missing in all.
 * @param head its beginning, @param tail its end, @param cutBytes what is gone between them
 */
export function clipCut({ head, tail, cutBytes }: CutText, maxBytes: number): Clipped {
  const total = utf8Length(head) + cutBytes + utf8Length(tail);
  const cut = clipEnds(head, tail, total, roomBeside(total, maxBytes));
  return { text: cut.head + cutMarker(cut.cutBytes) + cut.tail, cutBytes: cut.cutBytes };
}

function roomBeside(cutBytes: number, maxBytes: number): number {
  return Math.max(0, maxBytes - utf8Length(cutMarker(cutBytes)));
}

/**
 * The beginning of one text and the end of another, within a number of bytes.
 * @param totalBytes of all that they are the sides of
 * @param edge characters more on each side
 */
export function clipEnds(
  headOf: string,
  tailOf: string,
  totalBytes: number,
  maxBytes: number,
  edge = 0,
): CutText {
  const head = takeHead(headOf, Math.ceil(maxBytes * HEAD_PART) + edge);
  const tail = takeTail(tailOf, Math.floor(maxBytes * (1 - HEAD_PART)) + edge);
  return { head, tail, cutBytes: totalBytes - utf8Length(head) - utf8Length(tail) };
}

/** What stands where a text was cut. @param bytes how many are gone */
export function cutMarker(bytes: number): string {
  return `\n[… ${bytes} bytes cut by mlflow-codex …]\n`;
}

function takeHead(text: string, maxBytes: number): string {
  const side = text.slice(0, maxBytes);
  if (utf8Length(side) === side.length) return side;
  let bytes = 0;
  let i = 0;
  while (i < text.length) {
    const [size, units] = characterAt(text, i);
    if (bytes + size > maxBytes) break;
    bytes += size;
    i += units;
  }
  return text.slice(0, i);
}

function takeTail(text: string, maxBytes: number): string {
  const side = text.slice(Math.max(0, text.length - maxBytes));
  if (utf8Length(side) === side.length) return side;
  let bytes = 0;
  let i = text.length;
  while (i > 0) {
    const units = i > 1 && isLow(text.charCodeAt(i - 1)) && isHigh(text.charCodeAt(i - 2)) ? 2 : 1;
    const size = characterAt(text, i - units)[0];
    if (bytes + size > maxBytes) break;
    bytes += size;
    i -= units;
  }
  return text.slice(i);
}

/** Bytes in UTF-8 and units in UTF-16 of the character at an index. */
function characterAt(text: string, index: number): [bytes: number, units: number] {
  const code = text.charCodeAt(index);
  if (code < 0x80) return [1, 1];
  if (code < 0x800) return [2, 1];
  return isHigh(code) && isLow(text.charCodeAt(index + 1)) ? [4, 2] : [3, 1];
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
