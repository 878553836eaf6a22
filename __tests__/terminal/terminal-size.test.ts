import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { terminalSize } from '../../src/terminal/terminal-size.js';

test.each([
  [
    { columns: 80, rows: 50 },
    { columns: 80, rows: 50 },
  ],
  [{}, { columns: 100, rows: 24 }],
  // A pseudo-terminal that nobody has given a size.
  [
    { columns: 0, rows: 0 },
    { columns: 100, rows: 24 },
  ],
])('an output that says %j has room for %j', (said, size) => {
  expect(terminalSize(Object.assign(new PassThrough(), said))).toEqual(size);
});
