import { describe, expect, test } from '@jest/globals';
import {
  clip,
  clipCut,
  clipEnds,
  cutMarker,
  jsonAddedLength,
  utf8Length,
} from '../../../src/spans/texts/clip.js';

test.each([
  ['', 0, 0],
  ['abc', 3, 0],
  ['é€😀', 9, 0],
  ['a"b\\\n', 5, 3],
  ['\u0001', 1, 5],
])('%j has %s bytes, and JSON adds %s characters', (text, bytes, added) => {
  expect([utf8Length(text), jsonAddedLength(text)]).toEqual([bytes, added]);
});

test('the marker says how many bytes are gone, on a line of its own', () => {
  expect(cutMarker(12)).toBe('\n[… 12 bytes cut by mlflow-codex …]\n');
});

describe('the two ends of a text', () => {
  test.each([
    ['of ASCII: two thirds and one', 'abcdefghij', 6, 0, 'abcd', 'ij', 4],
    ['of what is not divided by three', 'abcdefghij', 7, 0, 'abcde', 'ij', 3],
    ['with an edge on both sides', 'abcdefghijklmnop', 3, 2, 'abcd', 'nop', 9],
    ['of nothing', 'abcdefghij', 0, 0, '', '', 10],
    ['of two bytes a character', 'éééééé', 6, 0, 'éé', 'é', 6],
    ['of two bytes that do not fit', 'éééééé', 5, 0, 'éé', '', 8],
    ['of three bytes a character', '€€€€', 9, 0, '€€', '€', 3],
    ['of four bytes a character', '😀😀😀😀', 12, 0, '😀😀', '😀', 4],
    ['of four bytes that do not fit', '😀😀😀😀', 11, 0, '😀😀', '', 8],
    ['of mixed ones', 'aé€😀aé€😀', 15, 0, 'aé€😀', '😀', 6],
    ['of a lone half at the beginning', '\ud83daaaaaaaaa', 6, 0, '\ud83da', 'aa', 6],
    ['of a lone half at the end', 'aaaaaaaaa\ude00', 9, 0, 'aaaaaa', '\ude00', 3],
    ['of the last character of one byte', 'a\u007fé', 2, 0, 'a\u007f', '', 2],
    ['of the first of two bytes', '\u0080\u0080\u0080', 6, 0, '\u0080\u0080', '\u0080', 0],
    ['of the first of three bytes', '\u0800\u0800\u0800\u0800', 9, 0, '\u0800\u0800', '\u0800', 3],
    ['of the last of two bytes', '\u07ff\u07ff\u07ff\u07ff', 6, 0, '\u07ff\u07ff', '\u07ff', 2],
    ['of the first of four bytes', '\ud800\udc00\ud800\udc00\ud800\udc00', 6, 0, '\ud800\udc00', '', 8],
    ['of the last of four bytes', '\udbff\udfff\udbff\udfff\udbff\udfff', 6, 0, '\udbff\udfff', '', 8],
    ['of four bytes alone at the end', 'é\ud83d\ude00', 9, 0, 'é\ud83d\ude00', '', 0],
    ['of what stands behind all halves', '\ue000\ue000\ue000', 9, 0, '\ue000\ue000', '\ue000', 0],
    ['of a high half before a private character', '\ud83d\ue000\ue000', 9, 0, '\ud83d\ue000', '\ue000', 0],
    ['of a private character at the end', 'aa\ud83d\ue000', 9, 0, 'aa\ud83d', '\ue000', 0],
    ['of two high halves', '\ud83d\ud83daaaaaaaaa', 9, 0, '\ud83d\ud83d', 'aaa', 6],
    ['of two low halves at the end', 'aaaaaa\ude00\ude00', 9, 0, 'aaaaaa', '\ude00', 3],
  ])('%s', (_, text, max, edge, head, tail, cutBytes) => {
    expect(clipEnds(text, text, utf8Length(text), max, edge)).toEqual({ head, tail, cutBytes });
  });

  test('may be of two texts', () => {
    expect(clipEnds('abcdef', 'uvwxyz', 100, 3)).toEqual({ head: 'ab', tail: 'z', cutBytes: 97 });
  });
});

describe('a text is clipped', () => {
  test.each([
    [
      'where it is longer by a byte',
      'a'.repeat(61),
      60,
      `${'a'.repeat(14)}${cutMarker(41)}${'a'.repeat(6)}`,
      41,
    ],
    ['not where it fits', 'a'.repeat(60), 60, 'a'.repeat(60), 0],
    ['not where its bytes fit', '€'.repeat(20), 60, '€'.repeat(20), 0],
    ['not where its bytes fit, and three for each unit would not', '€é'.repeat(12), 60, '€é'.repeat(12), 0],
    ['to the marker where there is no room', 'a'.repeat(61), 10, cutMarker(61), 61],
  ])('%s', (_, text, max, clipped, cutBytes) => {
    expect(clip(text, max)).toEqual({ text: clipped, cutBytes });
  });

  test('once more where its middle is gone already', () => {
    expect(clipCut({ head: 'a'.repeat(50), tail: 'b'.repeat(50), cutBytes: 1000 }, 61)).toEqual({
      text: `${'a'.repeat(13)}${cutMarker(1081)}${'b'.repeat(6)}`,
      cutBytes: 1081,
    });
  });
});
