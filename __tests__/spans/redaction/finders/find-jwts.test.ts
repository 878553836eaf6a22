import { expect, test } from '@jest/globals';
import { findJwts, JWT_SIGN } from '../../../../src/spans/redaction/finders/find-jwts.js';
import { kindsOf, marked, workOf } from '../marked.js';

/** A header of ten characters, claims of as many as are wanted. */
const HEADER = 'eyJhbGciOi';
const claims = (length: number) => 'eyJzdWIiOiJhZGFsb3ZlbGFjZWFuZG5vYm9keWVsc2UifQ'.slice(0, length);
const SIGNATURE = 'k9Xq2Zr7w4LpB3vT8mNc5Hs-_dFg1RyW';

test.each([
  [`«${HEADER}.${claims(30)}»`],
  [`a «${HEADER}.${claims(30)}.${SIGNATURE}» b`],
  [`"«${HEADER}.${claims(30)}.${SIGNATURE}»"`],
  // Cut off behind a part; a full stop behind it is the sentence’s.
  [`«${HEADER}.${claims(30)}».`],
  [`«${HEADER}.${claims(30)}»... then`],
  // Forty characters count, one less does not.
  [`«${HEADER}.${claims(29)}»`],
  [`${HEADER}.${claims(28)}`],
  [`a ${HEADER}.${claims(28)}`],
  [`in x.y «${HEADER}.${claims(30)}»`],
  [`«${HEADER}${'a'.repeat(20)}.eyJabcdefghi»`],
  [`${HEADER}${'a'.repeat(20)}.eyJabcdefgh`],
  // A header of nine characters is none.
  [`eyJhbGciO.${claims(30)}`],
  // Claims that are no JSON count before a signature, of twelve characters or more.
  [`«${HEADER}.abcdefghijkl.${SIGNATURE}»`],
  [`${HEADER}.abcdefghijk.${SIGNATURE}`],
  [`«${HEADER}.eyJabcdefghi.${SIGNATURE}»`],
  [`${HEADER}.abcdefghijklmnopqrstuvwxyz0123456789`],
  // Encrypted ones have five parts, of which the second may be empty; the fifth dot ends them.
  [`«${HEADER}..${SIGNATURE}.x.y»`],
  [`«${HEADER}..${SIGNATURE}.x.y».z`],
  [`${HEADER}..${SIGNATURE}.x`],
  [`${HEADER}.a.${SIGNATURE}`],
  // A header alone, whatever its length, and what is no part behind it.
  [`${HEADER}${claims(40)}${SIGNATURE}`],
  [`${HEADER} . ${claims(40)}`],
  ['eyJ eyJ. eyJ.eyJ'],
  ['HeyJude, sing'],
  [`«${HEADER}.${claims(30)}», «${HEADER}.${claims(31)}»`],
  [`eyJ ${claims(3)}«${HEADER}.${claims(40)}»`.replace(`${claims(3)}«`, '«')],
])('%s', (row) => {
  expect(marked(findJwts, row)).toBe(row);
});

test('its kind and order', () => {
  const [one, other] = [`${HEADER}.${claims(30)}`, `${HEADER}.${claims(31)}`];
  expect(kindsOf(findJwts, `${one} ${other}`)).toEqual([
    ['jwt', one],
    ['jwt', other],
  ]);
});

test('of a longer one 16,384 characters are looked at, and each once', () => {
  const long = `${HEADER}.${'a'.repeat(20_000)}`;
  expect(workOf(findJwts, long)).toBe(16_384);
  expect(workOf(findJwts, `${HEADER}eyJeyJeyJ`)).toBe(19);
  expect(workOf(findJwts, 'eyJ.eyJ eyJ..')).toBe(10);
  expect(marked(findJwts, `«${HEADER}.${claims(12)}${'a'.repeat(16_384 - 23)}»aa`)).toBe(
    `«${HEADER}.${claims(12)}${'a'.repeat(16_384 - 23)}»aa`,
  );
});

test('a text without its first three characters needs no search', () => {
  expect([JWT_SIGN('an eyJ', 'an eyj'), JWT_SIGN('an eyj', 'an eyj')]).toEqual([true, false]);
});
