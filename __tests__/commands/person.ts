import { stripVTControlCharacters } from 'node:util';
import type { CommandIo } from '../../src/terminal/io.js';

/** Keys as a terminal sends them. */
export const ENTER = '\r';
export const NO = 'n';
export const CTRL_C = '\u0003';

/**
 * Somebody at the command's own streams, who types when a question comes: each answer once its question has been
 * shown, in this order.
 * @returns what was shown, without control sequences and without lines that only repeat the one before
 */
export function person(
  io: CommandIo,
  ...answers: readonly (readonly [question: string, keys: string])[]
): { shown: () => string; left: () => number } {
  let raw = '';
  let seen = 0;
  const waiting = [...answers];
  io.stdout.on('data', (part) => {
    raw += part;
    const next = waiting[0];
    const text = stripVTControlCharacters(raw);
    const at = next === undefined ? -1 : text.indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    seen = at + next[0].length;
    waiting.shift();
    // Once the question listens for keys.
    setImmediate(() => (io.stdin as unknown as NodeJS.WritableStream).write(next[1]));
  });
  return { shown: () => stripVTControlCharacters(raw), left: () => waiting.length };
}
