import { expect, test } from '@jest/globals';
import { atMost, shortened } from '../../src/databricks/trace/limits.js';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['', 3, ''],
  ['abc', 0, ''],
  // 🙂 and 𐀀, the first character of two units, are one character each; \uffff, the last of one unit, as well.
  ['🙂🙂🙂', 2, '🙂🙂'],
  ['🙂🙂', 3, '🙂🙂'],
  ['𐀀𐀀𐀀', 2, '𐀀𐀀'],
  ['\uffff\uffff\uffff', 2, '\uffff\uffff'],
  ['a🙂b🙂c', 3, 'a🙂b'],
])('%j in at most %i characters is %j', (text, characters, cut) => {
  expect(atMost(text, characters)).toBe(cut);
});

test.each([
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'ab...'],
  ['🙂🙂🙂🙂🙂🙂', 5, '🙂🙂...'],
  ['🙂🙂🙂🙂🙂', 5, '🙂🙂🙂🙂🙂'],
])('%j shortened to %i characters is %j', (text, characters, cut) => {
  expect(shortened(text, characters)).toBe(cut);
});
