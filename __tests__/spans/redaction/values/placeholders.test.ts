import { describe, expect, test } from '@jest/globals';
import {
  isStandIn,
  isTechnicalWord,
  repeatsName,
} from '../../../../src/spans/redaction/values/placeholders.js';

describe('a value stands for a secret and is none', () => {
  test.each(
    [
      ...['$DB_PASSWORD', '$(cat /run/key1)', '%PASSWORD1%', '<your key>', '{{ vault.db1 }}', '{name1}'],
      ...['[KEY]', '@TOKEN1@', '#{token1}', '&anchor1', '!Ref Secret1', 'process.env.KEY1', 'os.environ[1]'],
      ...[
        'env.KEY1',
        'getenv(1)',
        'ENV["KEY1"]',
        'System.getenv1',
        'config.key1',
        'secrets.KEY1',
        'vars.KEY1',
      ],
      ...[
        'vault:secret/1',
        'op://vault/1',
        'arn:aws:1',
        'ref+vault://1',
        'ssm:/key1',
        'file:key1',
        'env:KEY1',
      ],
      ...['~/.key1', 'C:\\key1', 'https://host1/key', '/run/secrets/db1', './key1', '../key1', '/.ssh1'],
      ...['[REDACTED:password#1]', 'REDACTED', '[redacted', 'Xyour-password1', 'EXAMPLEq8', 'Changeme12'],
      ...['todo-8x', 'a-FAKE-8x', 'Mock', 'none', 'secret-key', '8..y...z', 'ab…', 'q***', 'xxxx9', 'XXXX'],
      ...['•••', '____', '00000000', '1234567890', '----', '###', 'abcdefgh', 'ABCDEFGH', 'k'.repeat(5), 'k'],
    ].map((value) => [value]),
  )('%s', (value) => {
    expect(isStandIn(value)).toBe(true);
  });

  test.each(
    [
      ...['hunter2secret', 'k9Xq2Zr7', 'yOur8x', 'xtodo8', 'todo8x', 'fakes', '00000001', 'xxx9k', 'kk9', ''],
      // A password may begin as a variable does, one of 64 characters as a path.
      ...['$k9Xq2Zr7w4Lp', '&k9Xq2Zr7w4Lp', `/${'k9Xq2Zr7w4LpB3'.repeat(3).slice(0, 35)}`, '/-a1', 'a/b1'],
    ].map((value) => [value]),
  )('but not %s', (value) => {
    expect(isStandIn(value)).toBe(false);
  });

  test.each([
    ['a variable with one character less than is random', '$k9Xq2Zr7w4L'],
    ['a variable of words', '$myVariable123'],
    ['a variable without a capital', '$k9xq2zr7w4lp'],
    ['a variable in a path', '$k9Xq2Zr7w4Lp/x'],
    ['a path of 35 characters', `/${'k9Xq2Zr7w4LpB3'.repeat(3).slice(0, 34)}`],
    ['a path of words', `/${'client/token/'.repeat(3)}`],
    ['a path with a dot', `/${'k9Xq2Zr7w4LpB3'.repeat(3)}.txt`],
  ])('where it is %s: %s', (_, value) => {
    expect(isStandIn(value)).toBe(true);
  });
});

describe('a value repeats what its name says', () => {
  test.each([
    ['AZURE_PASSWORD', 'azure', true],
    ['access-token-1', 'x', true],
    ['user.password', 'x', true],
    ['the db secret', 'x', true],
    ['database', 'database_pass', true],
    ['smtp', 'smtpPassword', true],
    ['lantern', 'database_pass', false],
    // A part of a name of two letters is too little, one of three is not.
    ['db', 'dbPass', false],
    ['api9', 'apiPass', true],
    ['abc', 'abcPass', true],
    ['token123', 'x', false],
    ['tok3en', 'token', false],
    ['token12', 'x', true],
    ['9token', 'x', false],
    ['token!', 'x', false],
    ['lan_tern', 'x', false],
    ['zebra_token', 'x', true],
    ['of', 'x', false],
  ])('%s of %s: %s', (value, name, does) => {
    expect(repeatsName(value, name)).toBe(does);
  });
});

describe('a value is a technical word', () => {
  test.each([
    ['SHA256', true],
    ['aes-256-gcm', true],
    ['sha1WithRSA', true],
    ['hmac-sha512', true],
    ['x86_64', true],
    ['Latin1', true],
    ['v1.2.beta', true],
    ['es2022', true],
    ['user1', true],
    ['services-12', true],
    ['user123', false],
    ['sharky2019', false],
    ['latin2', false],
    ['rsmith1234', false],
    ['hunter2', false],
    ['aes-256-gcm-abcdefgh-abc', true],
    ['aes-256-gcm-abcdefgh-abcd', false],
  ])('%s: %s', (value, is) => {
    expect(isTechnicalWord(value)).toBe(is);
  });
});
