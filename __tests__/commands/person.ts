import type { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { CommandIo } from '../../src/terminal/io.js';

/** Keys as a terminal sends them. */
export const ENTER = '\r';
export const NO = 'n';
export const CTRL_C = '\u0003';

/**
 * Somebody at a command's own streams, who types each answer once its question is shown, in this order.
 * @returns the lines that are left on the screen in the end, without the prompts' frame
 */
export function person(
  { stdin, stdout }: CommandIo,
  ...answers: readonly (readonly [question: string, keys: string])[]
): { shown: () => string[] } {
  let text = '';
  let seen = 0;
  const waiting = [...answers];
  stdout.on('data', (part) => {
    text = stripVTControlCharacters(text + part);
    const [next] = waiting;
    const at = next === undefined ? -1 : text.indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    seen = at + next[0].length;
    waiting.shift();
    // Once the question listens for keys.
    setImmediate(() => (stdin as unknown as Writable).write(next[1]));
  });
  const shown = () =>
    text
      // A question that waits is drawn anew once it is answered.
      .replace(/◆[^◇◆]*?└\n/g, '')
      .split('\n')
      .map((line) => line.replace(/^[┌│◇■▲◆├└] {0,2}/, '').replace(/[ ─]*[│╮╯]?$/, ''))
      .filter((line) => line !== '');
  return { shown };
}
