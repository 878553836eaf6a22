import { expect, test } from '@jest/globals';
import {
  isAlphanumeric,
  isDigit,
  isNameCharacter,
} from '../../../../src/spans/redaction/values/characters.js';

const codes = Array.from({ length: 300 }, (_, code) => code);
const those = (is: (code: number) => boolean) => String.fromCharCode(...codes.filter(is));
const digits = '0123456789';
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

test('letters and digits are those of ASCII, digits the ten, and a name has `-` and `_` besides', () => {
  expect(those(isAlphanumeric)).toBe(`${digits}${capitals}${capitals.toLowerCase()}`);
  expect(those(isDigit)).toBe(digits);
  expect(those(isNameCharacter)).toBe(`-${digits}${capitals}_${capitals.toLowerCase()}`);
});

test('where a text is over there is no character', () => {
  const none = ''.charCodeAt(0);
  expect([isAlphanumeric(none), isDigit(none), isNameCharacter(none)]).toEqual([false, false, false]);
});
