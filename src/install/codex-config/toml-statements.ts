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
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let lineStart = at;
  for (;;) {
    at = blanks(text, at);
    if (at >= text.length) return statements;
    const lineBreak = lineBreakAt(text, at);
    if (lineBreak > 0 || text[at] === '#') {
      at = lineBreak > 0 ? at + lineBreak : commentEnd(text, at);
      if (lineBreak > 0) lineStart = at;
      continue;
    }
    const start = at;
    const isHeader = text[at] === '[';
    const { path, end } = isHeader ? header(text, at) : keyValue(text, at);
    if (isHeader) isTopLevel = false;
    at = blanks(text, end);
    if (text[at] === '#') at = commentEnd(text, at);
    const ending = lineBreakAt(text, at);
    if (ending === 0 && at < text.length) throw new NotToml(at);
    at += ending;
    statements.push({
      kind: isHeader ? 'header' : 'key',
      path,
      isTopLevel,
      start,
      end,
      lineStart,
      lineEnd: at,
    });
    lineStart = at;
  }
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
  const quote = text[at] ?? '';
  const isMultiLine = text.startsWith(quote.repeat(3), at);
  let i = at + (isMultiLine ? 3 : 1);
  for (; ; i += 1) {
    const sign = text[i];
    if (sign === undefined || (!isMultiLine && sign === '\n')) throw new NotToml(i);
    if (sign === '\\' && quote === '"') i += 1;
    else if (sign === quote) {
      if (!isMultiLine) return i + 1;
      const run = lengthAt(quote === '"' ? /"+/y : /'+/y, text, i);
      // Up to two quotes may stand before the closing three.
      if (run >= 3) return i + run;
      i += run - 1;
    }
  }
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
