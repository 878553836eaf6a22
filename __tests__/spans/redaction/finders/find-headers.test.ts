import { describe, expect, test } from '@jest/globals';
import { findHeaders, HEADER_SIGN } from '../../../../src/spans/redaction/finders/find-headers.js';
import { kindsOf, marked, workOf } from '../marked.js';

const RANDOM = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyW';

describe('an authorization', () => {
  test.each([
    ['Authorization: Basic «YWRhOmh1bnRlcjI=»'],
    ['Authorization: Bearer «hunter2x»\nHost: h'],
    ['AUTHORIZATION: bearer «hunter2x»'],
    ['"Authorization": "token «hunter2x»", "a": 1'],
    ["{'authorization': 'Bot «hunter2x»'}"],
    ['headers["Authorization"] = "ApiKey «hunter2x»"'],
    ["('Authorization', 'Splunk «hunter2x»')"],
    ["'Authorization' => 'GenieKey «hunter2x»'"],
    ['{\\"Authorization\\": \\"SSWS «hunter2x»\\"}'],
    ['Authorization: Negotiate «hunter2x»  '],
    ['<h>Authorization: key   «hunter2x»</h>'],
    // Eight characters, with a digit, a sign or a capital among small letters, in one piece.
    ['Authorization: Bearer hunter2'],
    ['Authorization: Bearer lanterns'],
    ['Authorization: Bearer «lanternS»'],
    ['Authorization: Bearer «lantern=»'],
    ['Authorization: Bearer hunter2x of mine'],
    ['Authorization: Bearer hunter2x, mine'],
    ['Authorization: Bearer hünter2x'],
    ['Authorization: Bearer $TOKEN12'],
    ['Authorization: Bearer your-token-1'],
    // Of a scheme that nobody knows, or of none, what looks drawn at random.
    [`Authorization: Norda «${RANDOM.slice(0, 16)}»`],
    [`Authorization: Norda ${RANDOM.slice(0, 15)}`],
    [`Authorization: Norda ${RANDOM} x`],
    ['Authorization: Norda hunter2x'],
    [`Authorization: «${RANDOM.slice(0, 16)}»`],
    [`Authorization: ${RANDOM.slice(0, 15)}`],
    [`Authorization: «${RANDOM} --verbose»`],
    [`Authorization: Norda ${RANDOM},x`],
    [`Authorization: $TOKEN_${RANDOM}`],
    [
      'Authorization: AWS4-HMAC-SHA256 «Credential=AKIDEXAMPLQ/x, Signature=5d672d79c15b13162d9279b0855cfba6»',
    ],
    ['Authorization: Digest «username=ada, response=6629fae49393a053»'],
    ['Authorization: Digest username=ada, response=6629fae49393a05'],
    // Quotes end a value that stands in them; what has no value has none.
    ['Authorization: '],
    ['Authorization:\n\n'],
    ['the authorization of hunter2x'],
    [`Authorization: Bearer «hunter2x»\nAuthorization: Basic «hunter3x»`],
    ['Authorization: Authorization: Bearer hunter2x'],
    [`Authorization: Norda «${RANDOM}»${' '.repeat(5)}`],
  ])('%s', (row) => {
    expect(marked(findHeaders, row)).toBe(row);
  });

  test('of 2048 characters and more is taken out as far as it was looked at', () => {
    const long = RANDOM.repeat(70);
    expect(marked(findHeaders, `Authorization: Norda ${long}`)).toBe(
      `Authorization: Norda «${long.slice(0, 2042)}»${long.slice(2042)}`,
    );
  });
});

describe('a bearer token', () => {
  test.each([
    [`bearer «${RANDOM.slice(0, 12)}»`],
    [`a BASIC  «${RANDOM}» b`],
    [`x\\nBearer «${RANDOM}»`],
    [`xbearer ${RANDOM}`],
    [`bearer ${RANDOM.slice(0, 11)}`],
    ['bearer client-token-secret'],
    [`bearer $${RANDOM}`],
    [`bearer ${RANDOM.slice(0, 13)}your`],
    [`bearer «${RANDOM}» and basic «${RANDOM}»`],
    ['the bearer of this letter, a basic understanding'],
  ])('%s', (row) => {
    expect(marked(findHeaders, row)).toBe(row);
  });

  test('is judged by its first 400 characters', () => {
    const words = 'clientTokenSecret'.repeat(40);
    const mixed = RANDOM.repeat(13).slice(0, 400);
    expect(marked(findHeaders, `bearer «${mixed}${words}»`)).toBe(`bearer «${mixed}${words}»`);
    expect(marked(findHeaders, `bearer ${words.slice(0, 400)}${RANDOM.repeat(30)}`)).not.toContain('«');
  });
});

describe('a cookie', () => {
  test.each([
    [`Cookie: sid=«${RANDOM}»; lang=en; other=«${RANDOM.slice(0, 12)}»`],
    [`Set-Cookie: sid=«${RANDOM}»; Path=/; Expires=${RANDOM}; Domain=${RANDOM}; HttpOnly`],
    [`curl -b 'sid=«${RANDOM}»' https://h`],
    [`curl --cookie "sid=«${RANDOM}»" https://h`],
    [`["-b", "sid=«${RANDOM}»"]`],
    [`"cookies": "sid=«${RANDOM}»"`],
    [`Cookie: sid=${RANDOM.slice(0, 11)}`],
    ['Cookie: sid=client-token-secret'],
    [`Cookie: sid=$TOKEN_${RANDOM}`],
    [`Cookie: sid=your-${RANDOM}`],
    [`cookie: f(sid=${RANDOM})`],
    [`cookie: a == b; sid=${RANDOM}`],
    [`cookie: a || b; sid=${RANDOM}`],
    [`cookies ${RANDOM}`],
    [`Cookie: ${RANDOM}`],
    [`Cookie: sid=«${RANDOM}»\nCookie: sid=«${RANDOM}»`],
    [`Cookie: cookie: sid=«${RANDOM}»`],
    ['Cookie: '],
    [`mybiscookie: sid=${RANDOM}`],
    [`x -bsid=${RANDOM}`],
  ])('%s', (row) => {
    expect(marked(findHeaders, row)).toBe(row);
  });

  test('is judged by its first 400 characters', () => {
    const words = 'clientTokenSecret'.repeat(40);
    expect(marked(findHeaders, `Cookie: sid=${words.slice(0, 400)}${RANDOM.repeat(30)}`)).not.toContain('«');
  });
});

test('their kinds, in the order of their searches', () => {
  const OTHER = RANDOM.slice(1);
  const text = `Cookie: cookie: a=${RANDOM}; b=${OTHER}\nbearer ${RANDOM}, basic ${OTHER}\nAuthorization: Norda ${RANDOM}\nAuthorization: key hunter2x`;
  expect(kindsOf(findHeaders, text)).toEqual([
    ['authorization', RANDOM],
    ['authorization', 'hunter2x'],
    ['authorization', RANDOM],
    ['authorization', OTHER],
    ['cookie', RANDOM],
    ['cookie', OTHER],
  ]);
});

test.each([
  ['Authorization: key hunter2x', 15 + 12],
  ['bearer hunter2hunter2', 21],
  ['Cookie: a=b; c=d', 8],
  [`Authorization: Bearer ${RANDOM}`, 15 + 39 + 39],
  ['the Author of a cook', 0],
])('%s costs %s characters', (text, work) => {
  expect(workOf(findHeaders, text)).toBe(work);
});

test.each([
  ['Authorization', true],
  ['BEARER', true],
  ['basic', true],
  ['Set-Cookie', true],
  ['curl -b x', true],
  ['curl -b=x', true],
  ['["-b","x"]', true],
  ["-b'x'", true],
  ['-b\\nx', true],
  ['-b,', true],
  ['-bx', false],
  ['author, bear, base, cook', false],
])('a text may hold a header: %s %s', (text, may) => {
  expect(HEADER_SIGN(text, text.toLowerCase())).toBe(may);
});
