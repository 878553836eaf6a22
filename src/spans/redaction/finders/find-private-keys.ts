import type { Found } from '../search/finding.js';
import type { Sign } from '../search/sign.js';
import type { WorkBudget } from '../search/work-budget.js';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const LAST_LINE = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** A line's end, also as JSON text and JSON in JSON write it. */
const LINE_END = /\r?\n|(?:\\{1,4}r)?\\{1,4}n|\r|$/y;
/** What tools put before lines: a diff's sign, line numbers, quotes of a list, a comment's mark. No dash of a frame is. */
const DECORATION =
  /(?:(?!-----(?:BEGIN|END))[\s>|+\-#*:"',`]){0,24}(?:\d{1,6}(?:(?!-----(?:BEGIN|END))[\t :|→│+-]|\\{1,4}t){1,6})?["'`\s]{0,12}/y;
const BODY =
  /(?:[A-Za-z0-9+/]{1,512}={0,3}|=[A-Za-z0-9+/]{4}|(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID|Encryption|Public-Lines|Private-Lines|Private-MAC|Key-Derivation)[^\n\\]{0,120}|)(?=["'`,;+\s]{0,6}(?:\r?\n|\\{1,4}[rn]|$))/y;
/** What languages put behind a line: it is looked past, and stays where the key ends there. */
const TRAILING = /["'`,;+\s]{0,6}?(?=\r?\n|\\{1,4}[rn]|$)/y;
const MAX_LINES = 400;
const LEAST_KEY = 16;

/** From a key's beginning to its end, with a key in it or without. */
interface Frame {
  readonly start: number;
  readonly end: number;
}

/** What every text has in which `findPrivateKeys` finds anything. */
export const PRIVATE_KEY_SIGN: Sign = (text) =>
  text.includes('PRIVATE KEY') || text.includes('PuTTY-User-Key');

/**
 * Private keys as PEM, OpenSSH, PGP and PuTTY write them: whole, without their end (an output that was
 * cut), without their beginning, behind a diff's signs or line numbers, on one line or as JSON text.
 * A frame without a key in it, as documentation has, stays.
 */
export function findPrivateKeys(text: string, budget: WorkBudget): Found[] {
  const found: Found[] = [];
  const frames: Frame[] = [];
  const begin = new RegExp(BEGIN);
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const end = endOfKey(text, begin.lastIndex);
    budget.spend(end - match.index);
    const body = text.slice(begin.lastIndex, end).replace(/-----END[\s\S]*$/, '');
    if (longestRun(body) >= LEAST_KEY) found.push({ start: match.index, end, kind: 'private-key' });
    frames.push({ start: match.index, end });
    begin.lastIndex = end;
  }
  return [...found, ...endsAlone(text, frames, budget)];
}

function longestRun(body: string): number {
  return Math.max(
    0,
    ...[...body.matchAll(/[A-Za-z0-9+/]{4,}/g)].map(([run]) =>
      /^([A-Za-z.])\1*$/.test(run) ? 0 : run.length,
    ),
  );
}

/** Goes on line by line as long as lines are a key's. */
function endOfKey(text: string, start: number): number {
  let at = start;
  let keep = start;
  for (let line = 0; line < MAX_LINES; line++) {
    const content = after(DECORATION, text, at) ?? at;
    const closed = after(END, text, content);
    if (closed !== undefined) return closed;
    // One line with blanks or nothing between its parts.
    const body = after(BODY, text, content);
    // Behind a quote another text begins.
    if (body === undefined)
      return /["'`]/.test(text.slice(keep, content)) ? keep : (after(ONE_LINE, text, content) ?? keep);
    // Quotes and commas before an empty line may be the end of the text around, in JSON.
    if (body > content) keep = body;
    at = after(LINE_END, text, after(TRAILING, text, body) ?? body) ?? text.length;
  }
  return keep;
}

const ONE_LINE = /[A-Za-z0-9+/=\s]{16,8192}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/y;

/** Where a sticky pattern's match at a place ends. */
function after(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

const TAIL_LINE =
  /(?:^|\n|\\n)[\s>|+\-#*:"',`]{0,24}(?:\d{1,6}(?:[\t :|→│+-]|\\{1,4}t){1,6})?["'`\s]{0,12}[A-Za-z0-9+/]{8,}={0,3}["'`,;+\s]{0,6}(?:\r|\\r)?$/;

/** A key whose beginning was cut off: the lines before its end. */
function endsAlone(text: string, frames: readonly Frame[], budget: WorkBudget): Found[] {
  const alone: Found[] = [];
  for (const match of text.matchAll(LAST_LINE)) {
    const end = match.index + match[0].length;
    if (frames.some((frame) => frame.start < end && frame.end >= end)) continue;
    let start = match.index;
    for (let line = 0; line < MAX_LINES; line++) {
      const window = text
        .slice(Math.max(0, start - 200), start)
        .replace(/(?:\r?\n|\\{1,4}n)[\s>|+\-#*"',`]{0,24}(?:\d{1,6}(?:[\t :|→│+-]|\\{1,4}t){1,6})?$/, '');
      budget.spend(200);
      const tail = TAIL_LINE.exec(window);
      if (!tail) break;
      start = Math.max(0, start - 200) + tail.index;
      if (start === 0) break;
    }
    if (start < match.index) alone.push({ start, end, kind: 'private-key' });
  }
  return alone;
}
