import { describe, expect, test } from '@jest/globals';
import { classifyName } from '../../../../src/spans/redaction/values/secret-names.js';
import { isSecretValue, type ValuePlace } from '../../../../src/spans/redaction/values/secret-value.js';

const secret = (name: string, value: string, style: ValuePlace['style'] = 'quoted') => {
  const nameClass = classifyName(name);
  if (nameClass === undefined) throw new Error(`${name} speaks of no secret`);
  return isSecretValue(value, { name, nameClass, style });
};

describe('a value is a secret', () => {
  test.each([
    ['password', 'hunter2secret'],
    ['password', 'MyS3cretPassw0rd!'],
    ['password', 'p4ssw0rd'],
    ['passphrase', 'Tr0ub4dor&3'],
    ['api_key', '8f14e45fceea167a5a36dedd4bea2543'],
    ['api_key', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6'],
    ['token', 'bZ3kQ9xVtR7wLmN2pYs4'],
    ['auth', 'YWRhOkExcWtKeWgyektocXhLVkxycGdK'],
  ])('%s: %s', (name, value) => {
    expect(secret(name, value)).toBe(true);
  });

  test('in an environment file also where it is words, or digits alone', () => {
    expect(secret('DB_PASSWORD', 'correct-horse-battery', 'literal')).toBe(true);
    expect(secret('DB_PASSWORD', '20261128', 'literal')).toBe(true);
    expect(secret('password', 'correct-horse-battery', 'quoted')).toBe(false);
  });
});

describe('a value is no secret', () => {
  test.each([
    ['a variable', '$DB_PASSWORD'],
    ['a template', '{{ vault.password1 }}'],
    ['a look-up', 'process.env.PASSWORD1'],
    ['a path', '/run/secrets/db1'],
    ['a placeholder', 'your-password-1'],
    ['asterisks', '********'],
    ['words', 'Enter your 1 password'],
    ['one word', 'required'],
    ['the name of an algorithm', 'sha256'],
    ['an address', 'https://example.com/1'],
    ['a constant that repeats its name', 'DB_PASSWORD_1'],
    ['a mark of ours', '[REDACTED:password#1]'],
  ])('as %s', (_, value) => {
    expect(secret('password', value)).toBe(false);
  });

  test.each([
    ['a call', 'read_password1('],
    ['a member', 'config.db.password1'],
    ['an optional member', 'options1?.password'],
    ['a type', 'Ed25519PrivateKey'],
  ])('as %s, where code may stand', (_, value) => {
    expect(secret('password', value, 'bare')).toBe(false);
  });

  test.each(
    [
      'abcdefghijklmnopqrstuvwxyz',
      '0123456789abcdef0123456789abcdef',
      'aaaaaaaaaaaaaaaaaaaaaaaa',
      'access_token_for_the_app',
      'Ed25519PublicKeyBytes',
    ].map((value) => [value]),
  )('as %s, which is not drawn at random', (value) => {
    expect(secret('api_token', value)).toBe(false);
  });
});

const RANDOM = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyW';

describe('behind a name of many meanings a value is a secret', () => {
  test.each([
    ['of twenty characters', RANDOM.slice(0, 20), true],
    ['of nineteen', RANDOM.slice(0, 19), false],
    ['with a dot in it', `${RANDOM.slice(0, 20)}.x`, false],
    ['without a capital', RANDOM.toLowerCase(), false],
    ['without a small letter', RANDOM.toUpperCase(), false],
    ['with one digit', 'kXqZrwLpBvTmNcHsJdFgRyWKxQzRbV1', false],
    ['with two', 'kXqZrwLpBvTmNcHsJdFgRyWKxQzRb12', true],
    ['with one digit in 32 characters', 'kXqZrwLpBvTmNcHsJdFgRyWKxQzRbVt1', true],
    ['with one digit in 33 characters', 'kXqZrwLpBvTmNcHsJdFgRyWKxQzRbVtx1', true],
  ])('%s: %s', (_, value, is) => {
    expect(secret('key', value)).toBe(is);
  });
});

describe('behind the name of a token a value is a secret', () => {
  test.each([
    ['a UUID in code', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6', 'quoted', true],
    ['a UUID in a sentence', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6', 'prose', false],
    ['sixteen characters in code', RANDOM.slice(0, 16), 'quoted', true],
    ['fifteen', RANDOM.slice(0, 15), 'quoted', false],
    ['twelve in an environment file', RANDOM.slice(0, 12), 'literal', true],
    ['eleven', RANDOM.slice(0, 11), 'literal', false],
    ['a sign of no token in an environment file', 'zebra;lantern1%', 'literal', true],
    ['the same in code', 'zebra;lantern1%', 'quoted', false],
    ['twelve characters of it', 'zebra;lan1§x', 'literal', true],
    ['eleven characters of it', 'zebra;la1§x', 'literal', false],
    ['the same without a letter', '12345;678901%', 'literal', false],
    ['the same without a digit', 'zebra;lantern%', 'literal', false],
    ['the same without a hard sign', 'zebra;lantern1', 'literal', false],
    ['the same with a blank', 'zebra; lantern1%', 'literal', false],
  ] as const)('%s: %s', (_, value, style, is) => {
    expect(secret('api_token', value, style)).toBe(is);
  });
});

describe('behind the name of a password a value is a secret', () => {
  test.each([
    ['password', 'a1%', 'literal', false],
    ['password', 'ab1%', 'literal', true],
    ['password', 'ab1%', 'quoted', false],
    ['password', 'abc1', 'literal', false],
    ['password', 'hunt7', 'quoted', false],
    ['password', 'hunt77', 'quoted', true],
    ['password', 'zebra lantern 7!', 'literal', true],
    ['password', 'zebra lantern 7!', 'quoted', false],
    ['password', 'zebra lantern 7!', 'bare', false],
    ['password', 'zebra lantern 7!', 'prose', false],
    ['password', 'zebra lantern!', 'literal', false],
    ['password', 'zebra lantern 7', 'literal', false],
    ['password', 'zebra, lantern 7!', 'literal', false],
    ['password', 'zebra lantern 7! So.', 'literal', false],
    ['password', `zebra 7!${'k '.repeat(36)}`, 'literal', true],
    ['password', `zebra 7!${'k '.repeat(36)}k`, 'literal', false],
    ['password', '482913', 'quoted', true],
    ['password', '48291', 'quoted', false],
    ['password', '482913', 'prose', false],
    ['password', '482913', 'bare', true],
    ['password', '482000', 'quoted', false],
    ['password', '000482', 'quoted', true],
    ['passcode', '482913', 'quoted', true],
    ['wrongPassword', '482913', 'quoted', false],
    ['password', '48-2913', 'quoted', false],
    ['password', 'ftp://zebra1', 'quoted', false],
    ['password', 'db_zebra1_x', 'quoted', false],
    ['password', 'db_zebra1_x', 'literal', true],
    ['password', 'zebra=lantern', 'quoted', false],
    ['password', 'zebra=lantern', 'literal', true],
    ['password', 'zebra=LANTERN', 'quoted', true],
    ['password', 'zebra%te', 'quoted', true],
    ['password', 'zebra%t', 'quoted', false],
    ['password', 'zebra%te§', 'quoted', false],
    ['password', 'kXqZrwLpBvTmNcHs', 'quoted', true],
    ['DB_PASSWORD', 'zebra-lantern', 'literal', true],
    ['DB_PASSWORD', 'zebra-lantern', 'bare', false],
    ['db_password', 'zebra-lantern', 'literal', false],
    ['DB_PASSWORD', 'lanterns', 'literal', true],
    ['DB_PASSWORD', 'lantern', 'literal', false],
    ['password', 'zebra[1]x', 'bare', false],
    ['password', 'zebra[1]x', 'quoted', true],
  ] as const)('%s, %s, %s: %s', (name, value, style, is) => {
    expect(secret(name, value, style)).toBe(is);
  });

  test('never by the name of a signature, whatever it is', () => {
    expect(secret('signature', RANDOM, 'literal')).toBe(false);
  });

  test('by its first 512 characters', () => {
    const words = 'zebra lantern '.repeat(40);
    expect(secret('api_token', `${RANDOM.repeat(16)}${words}`)).toBe(true);
    expect(secret('api_token', `${RANDOM.repeat(16).slice(1)} ${words}`)).toBe(false);
  });
});
