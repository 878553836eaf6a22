import { type OrProblem, problem } from '../problems/problem.js';
import { readWithoutWaiting } from './read-without-waiting.js';

/** A file's text, `undefined` where there is none, or why it cannot be read. */
export function textOfFile(file: string): OrProblem<string | undefined> {
  try {
    return { kind: 'value', value: readWithoutWaiting(file).toString('utf8') };
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
