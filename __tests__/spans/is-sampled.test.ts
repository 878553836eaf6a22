import { expect, test } from '@jest/globals';
import { isSampled } from '../../src/spans/is-sampled.js';
import { type SpanSpec, textLength } from '../../src/spans/span-spec.js';

/** A trace id whose last 56 bits are these 14 digits. */
const drawn = (digits: string) => `ffffffffffffffffff${digits}`;

test.each([
  // Kept where the last 56 bits, as a share of all there are, are 1 - ratio or more.
  ['80000000000000', 0.5, true],
  ['7ffffffffffff0', 0.5, false],
  ['7fffffffffffff', 0.5, false],
  ['c0000000000000', 0.25, true],
  ['bffffffffffff0', 0.25, false],
  ['fffffffffffff0', 0, false],
  ['00000000000000', 1, true],
  ['00000000000000', 2, true],
  ['00000000000000', 0.999, false],
] as const)('a trace that ends in %s is of a share of %d: %s', (digits, ratio, expected) => {
  expect(isSampled(drawn(digits), ratio)).toBe(expected);
});

test('the length of a span is that of its texts', () => {
  const attributes = { a: 'four', b: 7, c: ['listed'], d: true, e: 'é' };
  expect(textLength({ attributes } as unknown as SpanSpec)).toBe(5);
});
