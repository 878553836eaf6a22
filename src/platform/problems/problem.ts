import { readFileSync } from 'node:fs';

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

/** A file's text, `undefined` where there is none, or why it cannot be read. */
export function textOf(file: string): OrProblem<string | undefined> {
  try {
    return { kind: 'value', value: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'value', value: undefined };
    return problem(
      'file-unreadable',
      `${file} cannot be read (${code})`,
      `Make ${file} a readable file, or remove it`,
    );
  }
}
