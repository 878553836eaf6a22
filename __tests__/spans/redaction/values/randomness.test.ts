import { describe, expect, test } from '@jest/globals';
import {
  isRandom,
  isUuid,
  shannonEntropy,
  wordlessShare,
} from '../../../../src/spans/redaction/values/randomness.js';

test.each([
  ['', 0],
  ['aaaa', 0],
  ['abab', 1],
  ['abcd', 2],
  ['aaab', 0.811],
  ['0123456789abcdef', 4],
])('%s holds %s bits a character', (text, bits) => {
  expect(shannonEntropy(text)).toBeCloseTo(bits, 3);
});

describe('the share of letters and digits in no word', () => {
  test.each([
    ['', 0],
    ['-- __', 0],
    ['the', 0],
    ['an', 1],
    ['AN', 1],
    ['The', 0],
    ['THE', 0],
    ['client', 0],
    ['Client-Token', 0],
    ['client12', 0.25],
    ['client_12', 0.25],
    ['12', 1],
    // No vowel; a pair that no word has, at its beginning and at its end.
    ['str', 1],
    ['bnana', 1],
    ['banah', 1],
    // A `y` is a vowel, a capital as good as a small letter.
    ['crypt', 0],
    ['ICE', 0],
    ['clientXQ', 0.25],
  ])('of %s is %s', (text, share) => {
    expect(wordlessShare(text)).toBeCloseTo(share, 10);
  });
});

test.each([
  ['f81d4fae-7dec-41d0-a765-00a0c91e6bf6', true],
  ['F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6', true],
  ['f81d4fae-7dec-41d0-a765-00a0c91e6bf', false],
  ['f81d4fae-7dec-41d0-a765-00a0c91e6bf61', false],
  [' f81d4fae-7dec-41d0-a765-00a0c91e6bf6', false],
  ['f81d4fae7dec41d0a76500a0c91e6bf6', false],
])('%s is a UUID: %s', (text, is) => {
  expect(isUuid(text)).toBe(is);
});

describe('a text looks drawn at random', () => {
  test.each([
    ['it has as many characters as it takes', 'k9Xq2Zr7', 8, true],
    ['it has one less', 'k9Xq2Zr7', 9, false],
    ['there are digits alone', '8301946275', 8, false],
    ['there are digits and signs', '8301-9462-75', 8, false],
    ['there are letters of one case and no digit', 'xkqzwvbtmpgjhdrf', 8, false],
    ['there are capitals and no digit', 'XKQZWVBTMPGJHDRF', 8, false],
    ['there are sixteen letters of both cases', 'xKqZwVbTmPgJhDrF', 8, true],
    ['there are fifteen of them', 'xKqZwVbTmPgJhDr', 8, false],
    ['two of eight characters come twice', 'k9k9Xq2Z', 8, true],
    ['two of eight characters come three times', 'k9k9k9Xq', 8, false],
    ['few characters come again and again', 'x1x1x1x1x1x1x1x1x1x1', 8, false],
    ['ten hexadecimal digits make up forty', '8f14e45f8e14f54f8e41f45e8f14e45f8e14f54f', 8, false],
    ['all hexadecimal digits are there', '8f14e45fceea167a5a36dedd4bea2543', 8, true],
  ])('or does not, where %s: %s', (_, text, least, is) => {
    expect(isRandom(text, least)).toBe(is);
  });

  test.each([
    ['twelve of twenty', 'abcqrs345TUVghixy56Q', true],
    ['thirteen of twenty', 'abcqrs345TUVghixy567', false],
    ['thirteen of twenty, one of them the same', 'abbqrs345TUVghixy567', false],
    ['an alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789', false],
    ['the same character', 'aaaabbbbccccdddd1111', false],
    ['an alphabet backwards', '9876543210zyxwvutsrqponm', true],
  ])('where not too many follow the one before, %s: %s', (_, text, is) => {
    expect(isRandom(text, 8)).toBe(is);
  });

  test.each([
    ['four of ten', 'client9x2q', true],
    ['three of ten', 'clients9x2', false],
    ['thirteen of twenty without a digit', 'clientsXQKZWVBTMPGJx', true],
    ['twelve of twenty without a digit', 'clienteleXQKZWVBTMPG', false],
  ])('where enough is in no word, %s: %s', (_, text, is) => {
    expect(isRandom(text, 8)).toBe(is);
  });

  test.each([
    ['six times', 'client1token2secret3a', true],
    ['five times', 'client1token2secret3', false],
    ['six times in 42 characters', 'client1token2secret3clienteletokentokentop', false],
    ['seven times in 42 characters', 'client1token2secret3clienteletokenclients4', true],
  ])('where letters and digits take turns %s: %s', (_, text, is) => {
    expect(isRandom(text, 8)).toBe(is);
  });

  test.each([
    ['three', 'clientTokenSecretaBCdEFgH1', true],
    ['two', 'clientTokenSecretaBCdEF12', false],
    ['four of 38 characters', 'ClienteleTokenSecretClientaBCdEFgHIjK2', false],
  ])('where capitals stand as in no name, %s: %s', (_, text, is) => {
    expect(isRandom(text, 8)).toBe(is);
  });

  test.each([
    ['the rest is half of what it takes', 'hmacsha256k9Xq2Zr7', 16, true],
    ['the rest is shorter', 'aes256sha256hmack9Xq2Z', 16, false],
    ['nothing else is in it', 'ed25519_sha256_hmac_aes256', 12, false],
    ['its digits are the algorithm’s', 'secp256k1PrivateKeyBytes', 12, false],
  ])('without the names of algorithms, where %s: %s', (_, text, least, is) => {
    expect(isRandom(text, least)).toBe(is);
  });
});
