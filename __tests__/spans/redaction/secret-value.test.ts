import { describe, expect, test } from '@jest/globals';
import { classifyName } from '../../../src/spans/redaction/values/secret-names.js';
import { isSecretValue, type ValuePlace } from '../../../src/spans/redaction/values/secret-value.js';

const secret = (name: string, value: string, style: ValuePlace['style'] = 'quoted') => {
  const nameClass = classifyName(name);
  if (nameClass === undefined) throw new Error(`${name} speaks of no secret`);
  return isSecretValue(value, { name, nameClass, style });
};

describe('a name', () => {
  test.each([
    ['password', 'password'],
    ['DB_PASSWORD', 'password'],
    ['userPass', 'password'],
    ['passwd2', 'password'],
    ['POSTGRES_PASSWORD_PROD', 'password'],
    ['apiKey', 'token'],
    ['X-Api-Key', 'token'],
    ['clientSecret', 'token'],
    ['AWS_SECRET_ACCESS_KEY', 'token'],
    ['github_token', 'token'],
    ['secret_key_base', 'token'],
    ['key', 'weak'],
    ['auth', 'weak'],
    ['X-Amz-Signature', 'signature'],
  ])('%s speaks of a %s', (name, nameClass) => {
    expect(classifyName(name)).toBe(nameClass);
  });

  test.each(
    [
      'tokenizer',
      'passwordField',
      'publicKey',
      'primary_key',
      'keyboard',
      'author',
      'compass',
      'passport',
      'token_type',
      'nextPageToken',
      'secretName',
      'key_id',
      'max_tokens_per_minute',
    ].map((name) => [name]),
  )('%s speaks of no secret', (name) => {
    expect(classifyName(name)).toBeUndefined();
  });
});

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
