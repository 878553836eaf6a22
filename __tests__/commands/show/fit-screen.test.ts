import { describe, expect, test } from '@jest/globals';
import { fitScreen } from '../../../src/commands/show/fit-screen.js';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const drawnOf = (lines: string[], rows: number, columns = 10) =>
  fitScreen(`${lines.join('\n')}\n\n`, { rows, columns });

describe('what is drawn of a turn on a terminal', () => {
  test.each<[string, string[], number, string[], number]>([
    ['one line', ['head'], 24, ['head'], 1],
    ['all that has room above the cursor', ['head', ...numbers(1, 3)], 5, ['head', ...numbers(1, 3)], 4],
    ['else the first and the newest lines', ['head', ...numbers(1, 4)], 5, ['head', '…', '3', '4'], 4],
    [
      'of many lines no more than have room',
      ['head', ...numbers(1, 99)],
      6,
      ['head', '…', '97', '98', '99'],
      5,
    ],
    [
      'a head that takes two rows, with a line less',
      ['head'.repeat(4), ...numbers(1, 4)],
      6,
      ['head'.repeat(4), '…', '3', '4'],
      5,
    ],
    ['a long line with all of its rows', ['head', 'x'.repeat(21), 'y'], 6, ['head', 'x'.repeat(21), 'y'], 5],
    ['no line of which a part has no room', ['head', 'x'.repeat(21), 'y'], 5, ['head', '…', 'y'], 3],
    [
      'a line that is as long as the terminal is wide',
      ['head', 'x'.repeat(10)],
      3,
      ['head', 'x'.repeat(10)],
      2,
    ],
    ['an empty line within it', ['head', '', 'y'], 4, ['head', '', 'y'], 3],
    ['the head alone where there is no room at all', ['head', ...numbers(1, 4)], 2, ['head', '…'], 2],
  ])('is %s', (_, lines, rows, drawn, taken) => {
    expect(drawnOf(lines, rows)).toEqual({ lines: drawn, rows: taken });
  });

  test('is measured without its colours, and keeps its indentation', () => {
    const red = `  \u001b[31m${'x'.repeat(8)}\u001b[0m`;
    expect(drawnOf([red, 'y'], 3)).toEqual({ lines: [red, 'y'], rows: 2 });
  });
});
