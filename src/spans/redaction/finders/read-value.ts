/** A value as it stands in a text, without its quotes. */
export interface ReadValue {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
  /** The character behind an unquoted value, or an empty text. */
  readonly next: string;
}

/**
 * Longer values are read to here first, and to their end only where they are secrets: a text of names
 * that are each other's values costs no more than this for each.
 */
const MAX_BARE = 160;
const MAX_QUOTED = 512;

/** Quotes, also as they stand in JSON text (`\"`), in JSON in JSON (`\\\"`), in HTML and in URLs. */
export const QUOTE = '\\\\{0,7}["\'`]|&quot;|&#3[49];|&apos;|%2[27]|\\\\{1,3}u002[27]';
// String prefixes of Python, C#, Rust, PHP and Objective-C.
const OPENING = new RegExp(`(?:[bBrRuUfF@$]{0,2}|new String\\()(${QUOTE})`, 'y');
const TRIPLE = /"""|'''/y;

/**
 * Reads the value that begins at `at`: in quotes to the same quote again, else to a blank or a
 * separator. Nothing where there is none.
 * @param stopAt further characters that end a value without quotes
 */
export function readValue(text: string, at: number, stopAt = ''): ReadValue | undefined {
  TRIPLE.lastIndex = at;
  if (TRIPLE.test(text)) return readQuoted(text, at + 3, text.slice(at, at + 3));
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  if (opening) return readQuoted(text, OPENING.lastIndex, opening[1] as string);
  return readBare(text, at, stopAt);
}

function readQuoted(text: string, start: number, quote: string): ReadValue | undefined {
  const limit = Math.min(text.length, start + MAX_QUOTED);
  const mark = quote.charAt(quote.length - 1);
  const isPlain = quote.length === 1;
  for (let i = start; i < limit; i++) {
    const character = text.charAt(i);
    if (character === '\n' && quote !== '"""' && quote !== "'''") return end(start, i);
    if (isPlain && character === '\\') {
      i++;
      continue;
    }
    if (text.startsWith(quote, i)) return end(start, i);
    // The end of the text around: `"…'…"`, `"…\\"…"`, with the inner quote cut off or never closed.
    if (character === '"' && (mark !== '"' || !isPlain)) return end(start, i);
  }
  return end(start, limit);

  function end(from: number, to: number): ReadValue | undefined {
    return to > from ? { start: from, end: to, isQuoted: true, next: '' } : undefined;
  }
}

/** What ends a value without quotes, by its code. */
const BARE_END = new Uint8Array(128);
for (const character of ' \t\r\n\f\v,;&|<>(){}[]"\'`\\') BARE_END[character.charCodeAt(0)] = 1;

function readBare(text: string, start: number, stopAt: string): ReadValue | undefined {
  const limit = Math.min(text.length, start + MAX_BARE);
  let i = start;
  while (i < limit && BARE_END[text.charCodeAt(i)] !== 1) {
    if (stopAt.includes(text.charAt(i))) break;
    i++;
  }
  return i > start ? { start, end: i, isQuoted: false, next: text.charAt(i) } : undefined;
}

/** Where the run of a value goes on to that was longer than what was looked at. */
export function endOfLongValue(text: string, end: number, start: number): number {
  let i = end;
  if (end - start < MAX_BARE) return end;
  while (i < text.length && BARE_END[text.charCodeAt(i)] !== 1) i++;
  return i;
}
