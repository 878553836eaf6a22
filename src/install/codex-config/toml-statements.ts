/** A statement of a TOML text, by its places: everything that is needed to cut it out or replace it. */
export interface TomlStatement {
  /** `key = value`, or the header of a table. */
  kind: 'key' | 'header';
  /** The key's or the table's own name, its dotted parts apart. */
  path: string[];
  /** True before the first header: what stands there belongs to no table. */
  isTopLevel: boolean;
  /** Offset of its first sign. */
  start: number;
  /** Offset behind its last sign; a comment after it is not its own. */
  end: number;
  /** Offset of the line it begins on. */
  lineStart: number;
  /** Offset behind the line it ends on, line break included. */
  lineEnd: number;
}

/** The text is not TOML as this scanner reads it. */
export class NotToml extends Error {
  constructor(readonly offset: number) {
    super(`not TOML at offset ${offset}`);
    this.name = 'NotToml';
  }
}

/**
 * Finds every statement of a TOML 1.1 text. It is no judge of TOML: hand it only what a parser took,
 * and let a parser read again what was made with it.
 * @throws NotToml where it cannot follow.
 */
export function tomlStatements(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let isTopLevel = true;
  let lineStart = text.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    const start = blanks(text, lineStart);
    if (start >= text.length) return statements;
    if (text[start] === '#' || lineBreakAt(text, start) > 0) {
      lineStart = lineEndAt(text, start);
      continue;
    }
    const kind = text[start] === '[' ? 'header' : 'key';
    const { path, end } = kind === 'header' ? header(text, start) : keyValue(text, start);
    if (kind === 'header') isTopLevel = false;
    const lineEnd = lineEndAt(text, end);
    statements.push({ kind, path, isTopLevel, start, end, lineStart, lineEnd });
    lineStart = lineEnd;
  }
}

/** The offset behind a line of which only blanks and a comment are left. */
function lineEndAt(text: string, at: number): number {
  const rest = blanks(text, at);
  const end = text[rest] === '#' ? commentEnd(text, rest) : rest;
  const lineBreak = lineBreakAt(text, end);
  if (lineBreak === 0 && end < text.length) throw new NotToml(end);
  return end + lineBreak;
}

function header(text: string, at: number): { path: string[]; end: number } {
  const brackets = text.startsWith('[[', at) ? 2 : 1;
  const { path, end } = key(text, blanks(text, at + brackets));
  const close = blanks(text, end);
  if (!text.startsWith(']'.repeat(brackets), close)) throw new NotToml(close);
  return { path, end: close + brackets };
}

function keyValue(text: string, at: number): { path: string[]; end: number } {
  const { path, end } = key(text, at);
  const equals = blanks(text, end);
  if (text[equals] !== '=') throw new NotToml(equals);
  const from = blanks(text, equals + 1);
  // A bare value outside of brackets may hold blanks (`1979-05-27 07:32:00`).
  return { path, end: value(text, from, /[^\r\n#]*[^\r\n#\s]/y) };
}

function key(text: string, at: number): { path: string[]; end: number } {
  const path: string[] = [];
  for (let i = at; ; ) {
    const quote = text[i];
    let end: number;
    if (quote === '"' || quote === "'") {
      end = string(text, i);
      const body = text.slice(i + 1, end - 1);
      path.push(quote === '"' ? unescaped(body) : body);
    } else {
      end = i + lengthAt(/[^\s.=\]"'#]+/y, text, i);
      if (end === i) throw new NotToml(i);
      path.push(text.slice(i, end));
    }
    const dot = blanks(text, end);
    if (text[dot] !== '.') return { path, end };
    i = blanks(text, dot + 1);
  }
}

function value(text: string, at: number, bare: RegExp): number {
  const first = text[at];
  if (first === '"' || first === "'") return string(text, at);
  if (first === '[' || first === '{') return bracketed(text, at);
  const end = at + lengthAt(bare, text, at);
  if (end === at) throw new NotToml(at);
  return end;
}

/** An array or inline table; both may span lines and hold comments (TOML 1.1). */
function bracketed(text: string, at: number): number {
  const isTable = text[at] === '{';
  const close = isTable ? '}' : ']';
  let i = gap(text, at + 1);
  while (text[i] !== close) {
    if (isTable) {
      const equals = gap(text, key(text, i).end);
      if (text[equals] !== '=') throw new NotToml(equals);
      i = gap(text, equals + 1);
    }
    i = gap(text, value(text, i, /[^\r\n#,\]}]*[^\r\n#,\]}\s]/y));
    if (text[i] === ',') i = gap(text, i + 1);
    else if (text[i] !== close) throw new NotToml(i);
  }
  return i + 1;
}

function string(text: string, at: number): number {
  const quote = text[at] === "'" ? "'" : '"';
  return text.startsWith(quote.repeat(3), at)
    ? multiLineString(text, at + 3, quote)
    : oneLineString(text, at + 1, quote);
}

type Quote = '"' | "'";

function oneLineString(text: string, from: number, quote: Quote): number {
  let i = from;
  while (text[i] !== quote) {
    if (text[i] === undefined || text[i] === '\n') throw new NotToml(i);
    i += signLength(text, i, quote);
  }
  return i + 1;
}

function multiLineString(text: string, from: number, quote: Quote): number {
  const quotes = quote === '"' ? /"+/y : /'+/y;
  let i = from;
  while (i < text.length) {
    const run = lengthAt(quotes, text, i);
    // Up to two quotes may stand before the closing three.
    if (run >= 3) return i + run;
    i += run > 0 ? run : signLength(text, i, quote);
  }
  throw new NotToml(i);
}

/** Between double quotes a backslash and the sign behind it are one; between single ones it is any sign. */
function signLength(text: string, at: number, quote: Quote): number {
  return quote === '"' && text[at] === '\\' ? 2 : 1;
}

const SIMPLE: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };

function unescaped(body: string): string {
  return body.replace(/\\(?:x(\p{AHex}{2})|u(\p{AHex}{4})|U(\p{AHex}{8})|(.))/gsu, (_, x, u, long, sign) => {
    const hex = x ?? u ?? long;
    return hex === undefined ? (SIMPLE[sign] ?? sign) : String.fromCodePoint(Number.parseInt(hex, 16));
  });
}

/** Blanks, line breaks and comments. */
function gap(text: string, at: number): number {
  let i = at;
  for (;;) {
    i += lengthAt(/[ \t\r\n]+/y, text, i);
    if (text[i] !== '#') return i;
    i = commentEnd(text, i);
  }
}

function blanks(text: string, at: number): number {
  return at + lengthAt(/[ \t]+/y, text, at);
}

function commentEnd(text: string, at: number): number {
  return at + lengthAt(/[^\r\n]*(?:\r(?!\n)[^\r\n]*)*/y, text, at);
}

function lineBreakAt(text: string, at: number): number {
  return lengthAt(/\r?\n/y, text, at);
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
