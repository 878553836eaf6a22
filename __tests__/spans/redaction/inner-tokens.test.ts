import { describe, expect, test } from '@jest/globals';
import { Random } from '../../../scripts/lab/secrets/random.mjs';
import { findInnerTokens } from '../../../src/spans/redaction/finders/find-inner-tokens.js';
import { PersonalData } from '../../../src/spans/redaction/personal-data.js';
import { Redactor } from '../../../src/spans/redaction/redactor.js';
import { WorkBudget } from '../../../src/spans/redaction/search/work-budget.js';

const random = new Random(20_261_128);
const plain = (length: number) => random.base62(length);
const hex = (length: number) => random.hex(length);
const uuid = () => [8, 4, 4, 4, 12].map((length) => hex(length)).join('-');
const free = () => new WorkBudget(Number.POSITIVE_INFINITY);

/** The tokens and password hashes whose fixed part stands within them, as their makers write them. */
const TOKENS: readonly (readonly [kind: string, token: string])[] = [
  ['azure-client-secret', `${plain(3)}8Q~${plain(34)}`],
  ['azure-devops-token', `${plain(76)}AZDO${plain(4)}`],
  ['azure-key', `${plain(32)}JQQJ99${plain(46)}`],
  ['azure-key', `${plain(76)}+ASt${plain(6)}==`],
  ['azure-key', `${plain(76)}ACDb${plain(6)}==`],
  ['telegram-token', `${random.digits(10)}:AA${plain(33)}`],
  ['terraform-token', `${plain(14)}.atlasv1.${plain(67)}`],
  ['maxmind-key', `${plain(6)}_${plain(29)}_mmk`],
  ['mailchimp-key', `${hex(32)}-us21`],
  ['teams-webhook', `${uuid()}@${uuid()}/IncomingWebhook/${hex(32)}/${uuid()}`],
  ['teams-webhook', `/workflows/${hex(32)}/triggers/manual/paths/invoke?sig=${plain(43)}`],
  ['facebook-token', `1${random.digits(14)}|${plain(27)}`],
  ['password-hash', `$2b$12$${plain(53)}`],
  ['password-hash', `$argon2id$v=19$m=65536,t=3,p=4$${plain(22)}$${plain(43)}`],
  ['password-hash', `$6$${plain(16)}$${plain(86)}`],
  ['password-hash', `$apr1$${plain(8)}$${plain(22)}`],
  ['password-hash', `pbkdf2_sha256$600000$${plain(22)}$${plain(43)}=`],
  ['password-hash', `{SSHA}${plain(38)}==`],
  ['password-hash', `SCRAM-SHA-256$4096:${plain(22)}==$${plain(43)}=:${plain(43)}=`],
];

describe('a token whose fixed part stands within it', () => {
  test.each(TOKENS)('is found whole, alone and among words: %s %s', (kind, token) => {
    expect(findInnerTokens(token, free())).toEqual([{ start: 0, end: token.length, kind }]);
    const text = `before ${token} and ${token}`;
    expect(findInnerTokens(text, free())).toEqual([
      { start: 7, end: 7 + token.length, kind },
      { start: text.length - token.length, end: text.length, kind },
    ]);
  });

  test.each(TOKENS)('is none without its randomness: %s %s', (_, token) => {
    const dull = token.replace(/[A-Za-z0-9]{20,}/g, (run) => 'a'.repeat(run.length));
    if (dull !== token && !/^[0-9a-f-]+@/.test(token)) expect(findInnerTokens(dull, free())).toEqual([]);
  });

  test.each(TOKENS)('is looked at in a window that is counted: %s %s', (_, token) => {
    const budget = free();
    findInnerTokens(token, budget);
    expect(budget.spent).toBeGreaterThan(0);
  });

  test('is none in what only has that part', () => {
    for (const text of ['HOME=$2 and $1 $6', 'a | b |c', 'x:AA', '5|a', '-us', 'Q~', '{SHA}', '$1$x'])
      expect(findInnerTokens(text, free())).toEqual([]);
  });
});

describe('what is personal', () => {
  const work = (text: string, userName?: string) => {
    const budget = free();
    new PersonalData(userName).find(text, budget);
    return budget.spent;
  };

  test('is looked for at a cost that is counted', () => {
    expect(work('@ '.repeat(100))).toBe(100 * 80);
    expect(work('word '.repeat(100))).toBe(0);
    expect(work('word '.repeat(100), 'lovelace')).toBe(2 * (500 >>> 4));
    expect(work('word '.repeat(100), 'root')).toBe(500 >>> 4);
  });
});

test('the value of an element is what stands behind its beginning, and only there', () => {
  const redact = (text: string) => new Redactor().begin().redact(text);
  const value = `zebra${random.digits(4)}lantern`;
  for (const [before, behind] of [
    ['<password>', '</password>'],
    ['<password type="text">', '</password>'],
    ['&lt;password&gt;', '&lt;/password&gt;'],
    // As Go's encoder writes it in JSON, and in JSON in JSON.
    ['\\u003cpassword\\u003e', '\\u003c/password\\u003e'],
    ['\\u003Cpassword\\u003E', '\\u003C/password\\u003E'],
    ['\\\\u003cpassword\\\\u003e', '\\\\u003c/password\\\\u003e'],
    ['{"a":"\\u003ca\\u003e\\u003cpassword\\u003e', '\\u003c/password\\u003e"}'],
  ])
    expect(redact(`${before}${value}${behind}`)).toBe(`${before}[REDACTED:password#1]${behind}`);
  expect(redact(`if (password > limit2000) stop`)).toBe('if (password > limit2000) stop');
});
