import path from 'node:path';
import { readWithoutWaiting } from '../platform/files/read-without-waiting.js';
import { accessRemedy } from '../platform/files/unusable-files.js';
import { UserError } from '../platform/problems/user-error.js';

/**
 * Reads a text file; `undefined` where there is none.
 * @throws UserError for a folder in its place, a file that cannot be read, or one that is not UTF-8.
 */
export function readTextFile(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readWithoutWaiting(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') return undefined;
    if (code === 'EISDIR') throw new UserError(`${file} is a folder`, `Move it away: a file belongs there`);
    if (code === 'ENOTDIR') throw new UserError(`${path.dirname(file)} is not a folder`, 'Move it away');
    throw new UserError(`${file} cannot be read (${code})`, accessRemedy(file));
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) {
    throw new UserError(`${file} is not UTF-8`, 'Save it as UTF-8');
  }
  return text;
}
