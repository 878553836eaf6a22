import { expect, test } from '@jest/globals';
import { familyToken } from '../../../../src/spans/redaction/forms/token-family.js';
import { WorkBudget } from '../../../../src/spans/redaction/search/work-budget.js';

const R = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWzQ0uE';
const plain = (length: number) => R.repeat(8).slice(0, length);
const hex = (length: number) => '8f14e45fceea167a5a36dedd4bea2543'.repeat(3).slice(0, length);

function found(row: string): string {
  const at = Math.max(0, row.indexOf('^'));
  const text = row.replace(/[«»^]/g, '');
  const token = familyToken(text, at, new WorkBudget(Number.POSITIVE_INFINITY));
  if (!token) return row.replace(/[«»]/g, '');
  if (token.kind !== 'token') throw new Error(token.kind);
  return `${text.slice(0, token.start)}${row.includes('^') ? '^' : ''}«${text.slice(token.start, token.end)}»${text.slice(token.end)}`;
}

test.each([
  [`«acme_sk_${plain(20)}»`],
  [`a ^«acme_sk_${plain(20)}» b`],
  [`«acme-token-${plain(20)}»`],
  [`«acmetoken_${plain(20)}»`],
  [`«apikey_${plain(20)}» `],
  [`«key-${plain(20)}»`],
  [`«vtkey_live_${plain(20)}»`],
  [`«acme_sk_${plain(20)}»--`],
  [`«acme_sk_${plain(20)}».x`],
  [`«acme_sk_${plain(12)}_${plain(10)}»`],
  // Nineteen characters are too few.
  [`acme_sk_${plain(19)}`],
  [`sk_${plain(19)}`],
  [`sk_${plain(20)}`.replace(/^/, '«').concat('»')],
  // Four parts before it at most, none of more than twelve characters, the first of fifteen at most.
  [`«a_b_c_sk_${plain(20)}»`],
  [`a_b_c_d_sk_${plain(20)}`],
  [`«abcdefghijkl_sk_${plain(20)}»`],
  [`abcdefghijklmn_sk_${plain(20)}`],
  [`abcdefghijklmnop_sk_${plain(20)}`],
  // No part before it, or what is none.
  [plain(40)],
  [`_sk_${plain(20)}`],
  [`-sk_${plain(20)}`],
  [`sk.${plain(24)}`],
  // Ids, and what may be public.
  [`call_sk_${plain(20)}`],
  [`pk_${plain(24)}`],
  [`acme_pub_sk_${plain(20)}`],
  [`sha256-${plain(24)}`],
  // Of hexadecimal digits only behind a word that says nothing else.
  [`«acme_sk_${hex(24)}»`],
  [`«acme_token_${hex(24)}»`],
  [`key-${hex(24)}`],
  [`api_${hex(24)}`],
  // Of an unknown beginning: 32 characters with everything in them, behind a short name or two.
  [`«qlm_${plain(32)}»`],
  [`qlm_${plain(31)}`],
  [`«qlm_x1_${plain(32)}»`],
  [`qlm_x_y_${plain(32)}`],
  [`Qlm_${plain(32)}`],
  [`1qlm_${plain(32)}`],
  [`abcdefghijk_${plain(32)}`],
  [`«abcdefghij_${plain(32)}»`],
  [`qlm_${plain(32).toLowerCase()}`],
  [`qlm_${plain(32).toUpperCase()}`],
  ['qlm_kXqZrwLpBvTmNcHsJdFgRyWKxQzRbVt1'],
  ['«qlm_kXqZrwLpBvTmNcHsJdFgRyWKxQzRbV21»'],
  // Words and stand-ins.
  ['acme_sk_clientTokenSecretOfTheApplication'],
  [`acme_sk_your${plain(20)}`],
  [`acme_sk_${'a'.repeat(24)}`],
  // A short part with digits between letters begins the tail.
  [`«sk_a1b2c_${plain(16)}»`],
  [`sk_ab1_${plain(16)}`],
  // Seven characters stand behind the first sign.
  ['sk_abc'],
  ['sk_abcdefg'],
  ['sk_'],
  ['sk'],
  [''],
])('%s', (row) => {
  expect(found(row)).toBe(row);
});

test('260 characters are looked at', () => {
  expect(found(`acme_sk_${plain(280)}`)).toBe(`«acme_sk_${plain(252)}»${plain(280).slice(252)}`);
});

test('only what may be one costs anything', () => {
  const work = (text: string) => {
    const budget = new WorkBudget(Number.POSITIVE_INFINITY);
    familyToken(text, 0, budget);
    return budget.spent;
  };
  expect([
    work(`acme_sk_${plain(20)}`),
    work('acme_sk_clientToken1234'),
    work('acme_sk_clientToken123'),
  ]).toEqual([28, 23, 0]);
});
