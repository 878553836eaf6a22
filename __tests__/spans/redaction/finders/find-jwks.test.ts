import { expect, test } from '@jest/globals';
import { findJwkParts, JWK_SIGN } from '../../../../src/spans/redaction/finders/find-jwks.js';
import { kindsOf, marked, workOf } from '../marked.js';

const D = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyW';
const P = 'Zt4bQ8nV1xKs7LwE2rYf6GhM3pJc9DuA';

test.each([
  [`{"kty":"RSA","n":"${P}","e":"AQAB","d":"«${D}»","p":"«${P}»"}`],
  [`{"d":"«${D}»","kty":"EC"}`],
  [`{"kty":"OKP","crv":"Ed25519","x":"${P}","d":"«${D}»"}`],
  [`{"kty":"oct","k":"«${D}»"}`],
  [`{ kty : 'RSA' , dp : '«${D}»', dq : '«${D}»', qi: '«${P}»', q: '«${P}»' }`],
  [`{\\"kty\\":\\"RSA\\",\\"d\\":\\"«${D}»\\"}`],
  [`{"kty":"RSA","id":"${D}","x":"${P}"}`],
  [`{"kty":"DSA","d":"${D}"}`],
  [`{"d":"${D}"}`],
  // Sixteen characters that look drawn at random.
  [`{"kty":"EC","d":"«${D.slice(0, 16)}»"}`],
  [`{"kty":"EC","d":"${D.slice(0, 15)}"}`],
  [`{"kty":"EC","d":"client-token-secret-of"}`],
  // Near the type of the key alone: 4096 characters before it, and as many behind its beginning.
  [`"d":"«${D}»"${' '.repeat(4096 - 38)}"kty":"EC"`],
  [`"d":"${D}"${' '.repeat(4097 - 38 + 4)}"kty":"EC"`],
  [`"kty":"EC"${' '.repeat(4096 - 10 - 37)}"d":"«${D}»`],
  [`"kty":"EC"${' '.repeat(4096)}"d":"${D}"`],
  // Two keys, near one another and far apart.
  [`{"kty":"EC","d":"«${D}»"},{"kty":"EC","d":"«${P}»"}`],
  [`{"kty":"EC","d":"«${D}»"}${' '.repeat(9000)}{"kty":"EC","d":"«${P}»"}`],
  [`{"kty":"EC","d":"«${D}»"}${' '.repeat(6000)}{"d":"«${P}»","kty":"EC"}`],
])('%#: the private parts of a key', (row) => {
  expect(marked(findJwkParts, row)).toBe(row);
});

test('its kind, each once and in their order', () => {
  expect(kindsOf(findJwkParts, `{"kty":"EC","d":"${D}"},{"kty":"EC","d":"${P}"}`)).toEqual([
    ['private-key', D],
    ['private-key', P],
  ]);
});

test('what is near two keys is looked at once', () => {
  const key = '"kty":"EC"';
  expect(workOf(findJwkParts, key)).toBe(10);
  expect(workOf(findJwkParts, `${key}${' '.repeat(90)}${key}`)).toBe(110);
  expect(workOf(findJwkParts, `${key}${' '.repeat(9990)}${key}`)).toBe(4096 + 4096 + 10);
  expect(workOf(findJwkParts, `${key}${' '.repeat(4990)}${key}`)).toBe(5010);
});

test('a text without a type of key needs no search', () => {
  expect([JWK_SIGN('{"kty":1}', ''), JWK_SIGN('{"key":1}', '')]).toEqual([true, false]);
});
