import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { samples } from '../../../scripts/lab/secrets/corpus.mjs';
import { Redactor } from '../../../src/spans/redaction/redactor.js';

const redactor = new Redactor({ personalData: { userName: 'lovelace' } });
const redact = (text: string) => redactor.begin().redact(text);

/** Pieces of transcripts: secrets, their beginnings, escapes, quotes, signs, in any order. */
const piece = fc.oneof(
  fc.constantFrom(...samples(3).map(({ text }) => text)),
  fc.constantFrom(...samples(4).map(({ text }) => text.slice(0, Math.ceil(text.length / 2)))),
  fc.constantFrom(
    '\n',
    '\t',
    '"',
    "'",
    '\\',
    '\\n',
    '\\"',
    '\u001b[31m',
    ' ',
    '=',
    ': ',
    'é',
    '€',
    '😀',
    '\ud83d',
    'ada@example.com',
    '/home/lovelace/',
    'tok_',
    '{',
    '}',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

const MARK = /\[REDACTED:[a-z0-9-]+(?:#\d+)?\]/;
/** A mark in a number's place in JSON brings its quotes along. */
const IN_QUOTES = new RegExp(`(?:\\\\{0,7}["'\`])?${MARK.source}(?:\\\\{0,7}["'\`])?`);

describe('whatever the text', () => {
  test('JSON stays JSON of the same shape, once and twice', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, text, { maxKeys: 3 }), (one, more) => {
        const once = JSON.stringify({ list: [one, 1, null], nested: more });
        const twice = JSON.stringify({ body: once });
        expect(JSON.parse(redact(once)).list).toHaveLength(3);
        expect(Object.keys(JSON.parse(redact(twice)))).toEqual(['body']);
      }),
      { numRuns: 400 },
    );
  });

  test('only what a mark stands for is gone, and all else stands in its order', () => {
    fc.assert(
      fc.property(text, (whole) => {
        let at = 0;
        for (const part of redact(whole).split(IN_QUOTES)) {
          const found = whole.indexOf(part, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + part.length;
        }
      }),
      { numRuns: 400 },
    );
  });

  test('a second look finds nothing that the first has left at its marks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples(6)), fc.constantFrom(...samples(7)), (a, b) => {
        const clean = redact(`${a.text}\n${b.text}\n`);
        expect(redact(clean)).toBe(clean);
      }),
      { numRuns: 300 },
    );
  });
});
