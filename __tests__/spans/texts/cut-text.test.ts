import { expect, test } from '@jest/globals';
import { cutText } from '../../../src/codex/lines/kept-text.js';
import { recordedBytes, roughCut, withoutEdges } from '../../../src/spans/texts/cut-text.js';

const words = (length: number) => 'ab cd '.repeat(Math.ceil(length / 6)).slice(0, length);

test('a text within what is shown and searched is searched whole', () => {
  expect(roughCut('a'.repeat(100 + 1536), 100)).toBeUndefined();
  expect(roughCut('€'.repeat(545), 100)).toBeUndefined();
});

test('of a longer one 768 characters more than is shown are searched on each side', () => {
  expect(roughCut(`${'a'.repeat(1000)}${'b'.repeat(637)}`, 99)).toEqual({
    head: 'a'.repeat(66 + 768),
    tail: `${'a'.repeat(164)}${'b'.repeat(637)}`,
    cutBytes: 1637 - 834 - 801,
  });
});

test('a text that was cut as its line was read keeps its sides, and what was gone is counted', () => {
  expect(roughCut(cutText({ head: 'a€', tail: 'b', cutBytes: 50 }), 100)).toEqual({
    head: 'a€',
    tail: 'b',
    cutBytes: 50,
  });
  expect(roughCut(cutText({ head: 'a'.repeat(1000), tail: 'b'.repeat(1001), cutBytes: 50 }), 99)).toEqual({
    head: 'a'.repeat(834),
    tail: 'b'.repeat(801),
    cutBytes: 50 + 166 + 200,
  });
});

test('the bytes of a text are those that were recorded', () => {
  expect(recordedBytes(cutText({ head: 'a€', tail: 'bc', cutBytes: 50 }))).toBe(56);
  expect([recordedBytes(''), recordedBytes('a€')]).toEqual([0, 4]);
});

test.each([
  ['of words', words(600), words(600), 88, 88],
  ['behind a short word', `${'x '.repeat(40)}${'y'.repeat(19)} ${'x'.repeat(510)} `, words(600), 99, 88],
  ['behind a long word', `${'x '.repeat(40)}${'y'.repeat(20)} ${'x'.repeat(510)} `, words(600), 80, 88],
  ['within a long word', words(600), `${'x'.repeat(530)} ${words(100)}`, 88, 101],
  ['among lines of base64', words(600), `${words(511)}\n${'k9Xq2Zr7w4LpB3vT8mNc\n'.repeat(3)}ab`, 88, 3],
  ['within a word with a sign', words(600), `${'x'.repeat(512)}!y ${words(9)}`, 88, 10],
  ['shorter than the edge', words(100), words(100), 0, 0],
])('the edges of a cut are dropped, %s', (_, head, tail, keptHead, keptTail) => {
  const kept = withoutEdges({ head, tail, cutBytes: 5 });
  expect([kept.head.length, kept.tail.length]).toEqual([keptHead, keptTail]);
  expect(head.startsWith(kept.head) && tail.endsWith(kept.tail)).toBe(true);
  expect(kept.cutBytes).toBe(5 + head.length + tail.length - keptHead - keptTail);
});
