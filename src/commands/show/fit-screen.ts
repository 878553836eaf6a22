import { stripVTControlCharacters } from 'node:util';
import type { TerminalSize } from '../../terminal/terminal-size.js';

/** Lines that fit on a terminal, and how many of its rows they take. */
export interface FittingLines {
  readonly lines: readonly string[];
  readonly rows: number;
}

/**
 * The lines of a text that a terminal has room for, with the cursor on the row below them: all, or the first,
 * a mark, and the newest.
 */
export function fitScreen(text: string, size: TerminalSize): FittingLines {
  const [head = '', ...body] = text.trimEnd().split('\n');
  const room = size.rows - 1 - rowsOf(head, size);
  const whole = newest(body, room, size);
  if (whole.length === body.length) return measured([head, ...body], size);
  return measured([head, '…', ...newest(body, room - 1, size)], size);
}

function newest(lines: readonly string[], room: number, size: TerminalSize): string[] {
  let left = room;
  const from = lines.findLastIndex((line) => {
    left -= rowsOf(line, size);
    return left < 0;
  });
  return lines.slice(from + 1);
}

function measured(lines: readonly string[], size: TerminalSize): FittingLines {
  return { lines, rows: lines.reduce((rows, line) => rows + rowsOf(line, size), 0) };
}

/** How many rows of the terminal a line takes. */
function rowsOf(line: string, { columns }: TerminalSize): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
}
