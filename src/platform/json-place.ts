/** Where something is in a text: both count from 1, a column in UTF-16 units. */
export interface Place {
  line: number;
  column: number;
}

/** Turns an offset into the line and column an editor shows. CRLF, LF and CR each end a line. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split(/\r\n|\n|\r/).length, column: before.replace(/^.*[\r\n]/s, '').length + 1 };
}

/** A member of the outermost object: where its key begins, and its value's first offset and the one behind it. */
export interface JsonMember {
  name: string;
  keyStart: number;
  start: number;
  end: number;
}

/**
 * Either the first place that is not JSON, or where each value begins, by its path (`tags.team`), and the
 * members of the outermost object in their order.
 */
export type JsonPlaces =
  | { kind: 'error'; offset: number; expected: string }
  | { kind: 'json'; offsets: Map<string, number>; members: JsonMember[] };

type Found = { offsets: Map<string, number>; members: JsonMember[] };

class NotJson extends Error {
  constructor(
    readonly offset: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

/**
 * Finds places in a JSON text. `JSON.parse` does not say them: Node 20 leaves the position out of
 * short texts and quotes the text in its message, where a credential may stand.
 */
export function jsonPlaces(text: string): JsonPlaces {
  const found: Found = { offsets: new Map(), members: [] };
  try {
    const end = space(text, value(text, space(text, 0), undefined, found));
    if (end < text.length) throw new NotJson(end, 'the end of the file');
  } catch (error) {
    if (error instanceof NotJson) return { kind: 'error', offset: error.offset, expected: error.expected };
    throw error;
  }
  return { kind: 'json', ...found };
}

function space(text: string, at: number): number {
  let i = at;
  while (/[ \t\r\n]/.test(text.charAt(i))) i += 1;
  return i;
}

/** @param path of the value; absent for the outermost one */
function value(text: string, at: number, path: string | undefined, found: Found): number {
  found.offsets.set(path ?? '', at);
  const first = text[at];
  if (first === '"') return string(text, at);
  if (first === '{' || first === '[') return members(text, at, path, found);
  const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
  scalar.lastIndex = at;
  const matched = scalar.exec(text);
  if (!matched) throw new NotJson(at, 'a value');
  return at + matched[0].length;
}

/** @param at of the opening quote */
function string(text: string, at: number): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string
  const body = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
  body.lastIndex = at;
  body.test(text);
  const end = body.lastIndex;
  if (text[end] !== '"') throw new NotJson(end, text[end] === '\\' ? 'a valid escape' : 'a closing quote');
  return end + 1;
}

function members(text: string, at: number, path: string | undefined, found: Found): number {
  const isObject = text[at] === '{';
  const close = isObject ? '}' : ']';
  let i = space(text, at + 1);
  if (text[i] === close) return i + 1;
  for (let index = 0; ; index += 1) {
    const keyStart = i;
    const { name, start } = isObject ? key(text, i) : { name: String(index), start: i };
    const end = value(text, start, path === undefined ? name : `${path}.${name}`, found);
    if (isObject && path === undefined) found.members.push({ name, keyStart, start, end });
    i = space(text, end);
    if (text[i] === close) return i + 1;
    if (text[i] !== ',') throw new NotJson(i, `a comma or ${close}`);
    i = space(text, i + 1);
  }
}

/** A member's name, and where its value begins. */
function key(text: string, at: number): { name: string; start: number } {
  if (text[at] !== '"') throw new NotJson(at, 'a key in double quotes');
  const end = string(text, at);
  const name = JSON.parse(text.slice(at, end)) as string;
  const colon = space(text, end);
  if (text[colon] !== ':') throw new NotJson(colon, 'a colon');
  return { name, start: space(text, colon + 1) };
}
