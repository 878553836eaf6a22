import { describe, expect, test } from '@jest/globals';
import { findInnerTokens, INNER_SIGN } from '../../../../src/spans/redaction/finders/find-inner-tokens.js';
import { kindsOf, marked, workOf } from '../marked.js';

const R = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWzQ0uE';
const plain = (length: number) => R.repeat(3).slice(0, length);
const hex = (length: number) => '8f14e45fceea167a5a36dedd4bea2543'.repeat(3).slice(0, length);
const UUID = 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6';

/** Each form at its shortest, as its maker writes it, and the characters that are looked at for it. */
const FORMS: readonly (readonly [kind: string, token: string, work: number])[] = [
  ['azure-client-secret', `k9X8Q~${plain(31)}`, 46],
  ['azure-devops-token', `${plain(72)}AZDO${plain(4)}`, 88],
  ['azure-key', `${plain(32)}JQQJ99${plain(20)}`, 92],
  ['azure-key', `${plain(76)}+ASt${plain(6)}==`, 88],
  ['azure-key', `${plain(76)}ACDb${plain(6)}==`, 88],
  ['telegram-token', `48291374:AA${plain(32)}`, 54],
  ['terraform-token', `${plain(14)}.atlasv1.${plain(60)}`, 94],
  ['maxmind-key', `${plain(6)}_${plain(29)}_mmk`, 40],
  ['mailchimp-key', `${hex(32)}-us2`, 38],
  ['teams-webhook', `${UUID}@${UUID}/IncomingWebhook/${hex(32)}/${UUID}`, 180],
  ['teams-webhook', `/workflows/${hex(32)}/triggers?sig=${plain(20)}`, 400],
  ['facebook-token', `482913740516283|${plain(27)}`, 61],
  ['password-hash', `$2b$09$${plain(53)}`, 62],
  ['password-hash', `$argon2id$v=19$m=65536,t=3$k9Xq2Zr7$${plain(16)}`, 300 + 150],
  ['password-hash', `$6$k9Xq2Zr7$${plain(20)}`, 150],
  ['password-hash', `pbkdf2_sha256$800000$k9Xq2Z$${plain(24)}`, 200],
  ['password-hash', `{SSHA}${plain(26)}`, 130],
  ['password-hash', `SCRAM-SHA-256$4096:${plain(16)}$${plain(40)}:${plain(40)}`, 250],
];

describe('a token whose fixed part stands within it', () => {
  test.each(FORMS)('is a %s, wherever it stands: %s', (kind, token) => {
    const far = ' '.repeat(500);
    expect(kindsOf(findInnerTokens, `${far}${token} and ${token}${far}`)).toEqual([
      [kind, token],
      [kind, token],
    ]);
    expect(kindsOf(findInnerTokens, token)).toEqual([[kind, token]]);
  });

  test.each(FORMS)('%s costs the characters around that part: %s, %s', (_, token, work) => {
    const far = ' '.repeat(500);
    expect(workOf(findInnerTokens, `${far}${token}${far}`)).toBe(work);
  });

  test.each(FORMS)('%s is none with one character less: %s', (_, token) => {
    for (const less of [token.slice(1), token.slice(0, -1)])
      if (!/^.(?:JQQJ|S|SHA|\{SSHA)|^\{S/.test(less) || less === token.slice(0, -1))
        expect(kindsOf(findInnerTokens, less)).toEqual([]);
  });

  test.each([
    ['longer forms', `«k9X8Q~${plain(36)}»${plain(9)}`],
    ['longer forms', `«48291374051:AA${plain(35)}»`],
    ['longer forms', `«${hex(32)}-us21»`],
    ['longer forms', `«4829137405162830|${plain(40)}»`],
    ['longer forms', `«$argon2i$v=19$m=65536,t=3$k9Xq2Zr7$${plain(16)}»`],
    ['longer forms', `«{SHA}${plain(26)}==» «{SSHA512}${plain(30)}»`],
    ['longer forms', `«$apr1$k9Xq2Zr7$${plain(20)}» «$y$j9T$k9Xq$${plain(20)}»`],
    [
      'longer forms',
      `«$pbkdf2-sha256$29000$${plain(20)}» «$1$k9$${plain(20)}» «$scrypt$ln=1$k9$${plain(22)}»`,
    ],
    ['what goes on', `48291374:AA${plain(36)}`],
    ['what goes on', `1${hex(32)}-us2`],
    ['what goes on', `${hex(32)}-us2x`],
    ['digits before', `482913740512:AA${plain(32)}`],
    ['no digit before', `x:AA${plain(40)} |${plain(40)} x|${plain(30)}`],
    ['too few digits', `4829137:AA${plain(32)} 48291374051628|${plain(27)}`],
    ['one letter again and again', `48291374:AA${'a'.repeat(32)}`],
    ['words', '482913740516283|client-token-secret-of-the-app'],
    ['words', `$6$k9Xq2Zr7$${'clienttoken'.repeat(2)}`],
    ['of a shell', 'HOME=$2 and $1 $6, a | b |c, {SHA}, $1$x, Q~, -us'],
    ['far from the next sign', `$6${' '.repeat(13)}$k9Xq2Zr7$${plain(20)}`],
  ])('with %s: %s', (_, row) => {
    expect(marked(findInnerTokens, row)).toBe(row);
  });

  test('is looked for behind one that was found, not within it', () => {
    const key = `${plain(32)}JQQJ99${plain(20)}`;
    expect(kindsOf(findInnerTokens, `${key}JQQJ99 ${key}`)).toEqual([
      ['azure-key', `${key}JQQJ99`],
      ['azure-key', key],
    ]);
    expect(workOf(findInnerTokens, `${'-us'.repeat(3)}`)).toBe(5 + 8 + 9);
  });

  test.each([
    ['$6$k9$', 6],
    ['$6 $', 4],
    ['$8$k9$', 0],
    ['$g$', 3],
    [`$6${' '.repeat(13)}$`, 16],
    [`$6${' '.repeat(14)}$`, 0],
    ['6$', 0],
    ['5|', 2],
    ['5:AA', 4],
    [':AA', 0],
    ['x|', 0],
    ['nothing', 0],
  ])('%s costs %s characters', (text, work) => {
    expect(workOf(findInnerTokens, text)).toBe(work);
  });

  test('a text without such a part needs no search', () => {
    expect([INNER_SIGN('a Q~', ''), INNER_SIGN('a b', '')]).toEqual([true, false]);
  });
});
