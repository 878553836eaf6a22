import { describe, expect, test } from '@jest/globals';
import { findTokens } from '../../../../src/spans/redaction/finders/find-tokens.js';
import { kindsOf, marked, workOf } from '../marked.js';

const R = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWzQ0uE';
const plain = (length: number) => R.repeat(3).slice(0, length);
const hex = (length: number) => '8f14e45fceea167a5a36dedd4bea2543'.repeat(3).slice(0, length);
const GHP = `ghp_${plain(30)}`;
const AWS = 'AKIAQ2ZR7W4LPB3VT8MN';

describe('a token of a published form', () => {
  test.each([
    [`«${GHP}»`],
    [`a «${GHP}» b «${AWS}» c`],
    [`"«${GHP}»"`],
    // Its beginning in any case; a word’s beginning alone.
    [`«GHP_${plain(30)}»`.replace('GHP', 'ghp')],
    [`x${GHP}`],
    [`7${AWS}`],
    [`x_«${GHP}»`],
    [`x-«${GHP}»`],
    [`(«${GHP}»)`],
    [`ü«${GHP}»`],
    // Behind an escape of JSON, of a URL, of a colour.
    [`x\\n«${GHP}»`],
    [`x\\u003d«${GHP}»`],
    [`x\\x3d«${GHP}»`],
    [`x%3D«${GHP}»`],
    [`\u001b[31m«${GHP}»`],
    [`\u001b[1;31m«${GHP}»`],
    [`x[«${GHP}»]`],
    [`x;«${GHP}»`],
    // Two side by side in one run of such characters, and one in a query.
    [`«${GHP}»:«${GHP}»`],
    [`https://h/p?a=«${GHP}»&b=«${AWS}»&c`],
    // What goes on behind its form is part of it, a dash and another sign are not.
    [`«${AWS.slice(0, 20)}»-x`],
    [`«npm_${plain(37)}»`],
    [`«npm_${plain(37).repeat(2)}»`],
    [`«npm_${plain(36)}»/x`],
    // One character less than the form has.
    [`ghp_${plain(29)}`],
    [AWS.slice(0, 19)],
    [`AKIA${AWS.slice(4)}X`],
    // Stand-ins.
    [`ghp_${'x'.repeat(36)}`],
    [`ghp_${plain(12)}xxxxxx${plain(16)}`],
    [`ghp_your${plain(30)}`],
    [`ghp_EXAMPLE${plain(30)}`],
    [`ghp_${'ab'.repeat(18)}`],
    // Of a form that says little by itself the rest has to look drawn at random.
    [`«sk-${plain(20)}»`],
    ['sk-learn-client-token-secret-of'],
    ['sk-clientTokenSecretOfTheApplication'],
    [`«sk-proj-${plain(24)}»`],
    [`«sk-kXqZrwLpBvTmNcHsJdFg»`],
    // Two thirds of words are too many, unless letters of both cases stand in no word.
    ['«sk-proj-clientXKQZWVBTMPGJHDRF»'],
    ['sk-proj-xkqzwvbtmpgjhdrfxkqz'],
    ['sk-proj-XKQZWVBTMPGJHDRFXKQZ'],
    [`sk-your${plain(20)}`],
    // A form that ends does so at an edge, an open one anywhere.
    [`«p8e-${plain(32)}»`],
    [`«p8e-${plain(32)}»-x`],
    [`«ops_eyJ${plain(250 % 111)}${plain(111)}${plain(111)}»`],
    [`«GR1348941${plain(25)}»`],
    [`«LTAI${plain(20)}»`],
    [`LTAI${plain(21)}`],
    [`«EZAK${plain(54)}»`],
    // Of some forms a token has to hold more bits a character than hexadecimal digits do.
    [`«AKCp${plain(69)}»`],
    [`AKCp${hex(69)}`],
    // A form that is its vendor's alone says enough.
    ['«ghp_clientTokenSecretOfTheApplication»'],
    [`«ghp_${'abcd1234'.repeat(4)}»`],
    // The end of a colour's code stands behind a bracket or a semicolon only.
    [`(31m${GHP})`],
    // Less than any form has.
    ['ghp_k9Xq2Zr7w4L'],
    [''],
  ])('%s', (row) => {
    expect(marked(findTokens, row)).toBe(row);
  });

  test('stands in the middle of a long text as it does alone', () => {
    const words = 'these are ordinary words of a long text\n'.repeat(100);
    expect(marked(findTokens, `${words}«${GHP}»\n${words}`)).toBe(`${words}«${GHP}»\n${words}`);
  });

  test('goes on for 200 characters behind its form at most', () => {
    const whole = `npm_${plain(48)}${plain(100)}${plain(100)}`;
    expect(marked(findTokens, whole + plain(10))).toBe(`«${whole}»${plain(10)}`);
  });
});

describe('a token that its vendor’s name tells', () => {
  test.each([
    [`adafruit_key = "«${plain(32)}»"`],
    [`ADAFRUIT_KEY="«${plain(32)}»"`],
    [`adafruit: «${plain(32)}»`],
    [`adafruit => '«${plain(32)}»'`],
    [`x\\nadafruit: «${plain(32)}»`],
    [`xadafruit: ${plain(32)}`],
    [`x_adafruit: «${plain(32)}»`],
    [`adafruit: ${plain(31)}`],
    [`adafruit: ${plain(33)}`],
    ['adafruit: client-token-secret-of-the-app9'],
    [`adafruit: ${'a1'.repeat(16)}`],
    [`adafruit and then ${plain(32)}`],
    [`adafruit: «${plain(32)}» and adafruit: «${plain(32)}»`],
    [`adafruit ${' '.repeat(60)}: ${plain(32)}`],
    [`${' '.repeat(90)}adafruit_key_of_mine: «${plain(32)}»`],
    [`adafruit: ${'a1b2'.repeat(8)}`],
    ['adafruit: kXqZrwLpBvTmNcHsJdFgRyWKxQzRbVt'],
    [`x\\tadafruit: «${plain(32)}»`],
    [`x\\zadafruit: ${plain(32)}`],
    [`xnadafruit: ${plain(32)}`],
    [`adafruit: «${plain(32)}»\nadafruit: «${plain(31)}Q»`],
    // Twice the name, once the value.
    [`adafruit_adafruit: «${plain(32)}»`],
  ])('%s', (row) => {
    expect(marked(findTokens, row)).toBe(row);
  });

  test('in a long text as well', () => {
    const words = 'These are ordinary words of a long text.\n'.repeat(20);
    const row = `${words}ADAFRUIT_KEY="«${plain(32)}»"\n${words}`;
    expect(marked(findTokens, row)).toBe(row);
  });
});

describe('a token of a vendor that nobody has listed', () => {
  test.each([
    [`«acme_tok_${plain(20)}»`],
    [`acme_tok_${plain(19)}`],
    [`a «tok-live-${plain(24)}» b`],
    [`x\\n«acme_tok_${plain(20)}»`],
    [`x_acme_${plain(20)}`],
    [`fix-«glpat-${plain(20)}»`],
    [`X-qlm_${plain(32)}`],
    [`X_qlm_${plain(32)}`],
    [`fix_«${GHP}»`],
    [`é«qlm_${plain(32)}»`],
    [`«qlm_${plain(32)}» «qlm_${plain(33)}»`],
    [`1.«qlm_${plain(32)}»`],
  ])('%s', (row) => {
    expect(marked(findTokens, row)).toBe(row);
  });
});

test('their kinds, in their order', () => {
  expect(kindsOf(findTokens, `${GHP} ${AWS} acme_tok_${plain(20)} adafruit: ${plain(32)}`)).toEqual([
    ['github-token', GHP],
    ['aws-access-key', AWS],
    ['token', `acme_tok_${plain(20)}`],
    ['adafruit-api-key', plain(32)],
  ]);
});

test('two in one run of such characters, in their order', () => {
  expect(kindsOf(findTokens, `${GHP}:${AWS}`)).toEqual([
    ['github-token', GHP],
    ['aws-access-key', AWS],
  ]);
});

test.each([
  ['a short text', 0],
  ['ordinary words_of_a_text', 0],
  // A form that is tried costs 64, its token the length, and a look for vendors the length of the text.
  [GHP, 64 + 34 + 34],
  [`(${GHP})`, 64 + 34 + 36],
  // A vendor's name costs what stands from it to the run's end besides.
  [`adafruit: ${plain(32)}`, 42 + 42 + 64 + 32],
])('%s costs %s characters', (text, work) => {
  expect(workOf(findTokens, text)).toBe(work);
});

test('a mere repetition is looked at once', () => {
  const once = workOf(findTokens, `sk-${'a-'.repeat(100)}`);
  expect(workOf(findTokens, `sk-${'sk-'.repeat(66)}`)).toBeLessThan(2 * once);
});

test('of hexadecimal digits a token may be, too', () => {
  expect(kindsOf(findTokens, `dapi${hex(32)} sqp_${hex(40)}`)).toEqual([
    ['databricks-token', `dapi${hex(32)}`],
    ['sonar-token', `sqp_${hex(40)}`],
  ]);
});
