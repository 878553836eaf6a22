import { readFileSync, statSync } from 'node:fs';

/**
 * The bytes of a file that a person keeps. A pipe in its place is refused: whoever opens one waits until somebody
 * writes into it, which a hook must not.
 * @throws what `readFileSync` throws; for a pipe, an error whose `code` is `a pipe`, made to stand in brackets behind
 *   "cannot be read".
 */
export function readWithoutWaiting(file: string): Buffer {
  if (statSync(file).isFIFO()) throw Object.assign(new Error('a pipe'), { code: 'a pipe' });
  return readFileSync(file);
}
