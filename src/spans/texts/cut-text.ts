import { type CutText, cutOf } from '../../codex/lines/kept-text.js';
import { clipEnds, utf8Length } from './clip.js';

/**
 * Characters on each side of a cut that are searched for secrets and then dropped: half a secret that the
 * cut left there has no form any more by which it could be found, and a value is known by the name before it.
 */
const EDGE = 512;
/** Characters on each side of a cut that are looked at beyond what is shown. */
const MARGIN = EDGE + 256;
/** A word of this length may be half a secret. */
const LONG_WORD = 20;
/** No half of a secret is taken to be longer than this. */
const LONGEST = 4096;

/** How many bytes a text had when it was recorded. */
export function recordedBytes(text: string): number {
  const cut = cutOf(text);
  return cut ? bytesOf(cut) : utf8Length(text);
}

/**
 * What of a long text is to be searched for secrets: as much as may be shown of it, and more on both sides
 * of the cut. The search looks at every character many times, so what will not be sent is left out before.
 * @param shownBytes how much of it is shown at most
 * @returns undefined where the text is to be searched whole
 */
export function roughCut(text: string, shownBytes: number): CutText | undefined {
  const before = cutOf(text);
  // Three bytes a UTF-16 unit at most: short texts need no counting.
  const maxBytes = shownBytes + 2 * MARGIN;
  if (!before && text.length * 3 <= maxBytes) return undefined;
  const total = before ? bytesOf(before) : utf8Length(text);
  if (!before && total <= maxBytes) return undefined;
  return clipEnds(before?.head ?? text, before?.tail ?? text, total, shownBytes, MARGIN);
}

function bytesOf({ head, tail, cutBytes }: CutText): number {
  return utf8Length(head) + cutBytes + utf8Length(tail);
}

/** The two sides of a cut, once they were searched, without what may be half a secret. */
export function withoutEdges({ head, tail, cutBytes }: CutText): CutText {
  const kept = { head: head.slice(0, endOfHead(head)), tail: tail.slice(startOfTail(tail)) };
  const dropped = utf8Length(head) + utf8Length(tail) - utf8Length(kept.head) - utf8Length(kept.tail);
  return { ...kept, cutBytes: cutBytes + dropped };
}

/** Where the beginning's edge starts: not within a long word. */
function endOfHead(head: string): number {
  const at = Math.max(0, head.length - EDGE);
  let start = at;
  while (start > 0 && at - start < LONGEST && !isBetweenWords(head.charCodeAt(start - 1))) start--;
  let end = at;
  while (end < head.length && !isBetweenWords(head.charCodeAt(end))) end++;
  return end - start < LONG_WORD ? at : start;
}

/**
 * Where the end's edge is over: not within a word, nor among lines of base64 (the rest of a key), also where
 * JSON writes their breaks as escapes.
 */
function startOfTail(tail: string): number {
  let at = Math.min(EDGE, tail.length);
  while (at < tail.length && at < LONGEST && !isBetweenWords(tail.charCodeAt(at))) at++;
  const lines = /^(?:(?:\s|\\{1,4}[nr])*[\w+/=-]{20,}(?![\w+/=.:-]))*/.exec(tail.slice(at, LONGEST));
  return at + (lines?.[0].length ?? 0);
}

/** Whether a character is none of a word that may be a secret: blank, or a quote, comma or bracket. */
function isBetweenWords(code: number): boolean {
  return code <= 0x20 || BETWEEN.has(code);
}

const BETWEEN = new Set([...'"\',;<>(){}[]\\'].map((character) => character.charCodeAt(0)));
