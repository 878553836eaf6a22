/** Something that keeps turns from being sent until a person mends it; the turns are pending meanwhile. */
export interface Problem {
  kind: 'problem';
  code: string;
  message: string;
  /** What to do about it: a command, a variable, an edit. */
  hint: string;
  /** It may pass by itself: the server was there but slow or overloaded, or is not to be reached now. */
  server?: 'slow' | 'down';
}

/** A value, or the problem that stands in its place. */
export type OrProblem<T> = { kind: 'value'; value: T } | Problem;

/** Makes a problem; neither text may hold a credential. */
export function problem(code: string, message: string, hint: string): Problem {
  return { kind: 'problem', code, message, hint };
}

/** Refuses what HTTP cannot carry in a header: control characters, and anything beyond ASCII. */
export function headerValue(value: string, source: string): OrProblem<string> {
  if (/^[\x20-\x7e]*$/.test(value)) return { kind: 'value', value };
  return problem(
    'header-value',
    `${source} holds a character that no HTTP header can carry (a line break, another control character, or one beyond ASCII)`,
    `Set ${source} again, without it; often it is a line break copied along`,
  );
}
