import { describe, expect, test } from '@jest/globals';
import {
  clip,
  clipCut,
  clipEnds,
  cutMarker,
  jsonAddedLength,
  utf8Length,
} from '../../../src/spans/texts/clip.js';
import { recordedBytes, roughCut, withoutEdges } from '../../../src/spans/texts/cut-text.js';

const marker = (bytes: number) => `\n[… ${bytes} bytes cut by mlflow-codex …]\n`;

describe('a text within its bytes', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['é€😀', 9],
    ['a'.repeat(100), 100],
  ])('%j of %d bytes stays', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
    expect(clip(text, bytes)).toStrictEqual({ text, cutBytes: 0 });
    expect(clip(text, bytes + 1)).toStrictEqual({ text, cutBytes: 0 });
  });
});

describe('a text that is too long', () => {
  test.each([
    // The marker takes 41 bytes of 101: two thirds of 60 are the beginning's, the rest the end's.
    [
      'of one byte a character',
      'a'.repeat(50) + 'b'.repeat(150),
      101,
      `${'a'.repeat(40)}${marker(140)}${'b'.repeat(20)}`,
      140,
    ],
    [
      'for whose beginning a byte is left',
      'a'.repeat(200),
      102,
      `${'a'.repeat(41)}${marker(139)}${'a'.repeat(20)}`,
      139,
    ],
    ['of two', 'é'.repeat(100), 101, `${'é'.repeat(20)}${marker(140)}${'é'.repeat(10)}`, 140],
    ['of three', '€'.repeat(70), 101, `${'€'.repeat(13)}${marker(153)}${'€'.repeat(6)}`, 153],
    ['of four', '😀'.repeat(50), 101, `${'😀'.repeat(10)}${marker(140)}${'😀'.repeat(5)}`, 140],
    [
      'of halves of pairs',
      '\ud83d'.repeat(70),
      101,
      `${'\ud83d'.repeat(13)}${marker(153)}${'\ud83d'.repeat(6)}`,
      153,
    ],
    [
      'of other halves',
      '\ude00'.repeat(70),
      101,
      `${'\ude00'.repeat(13)}${marker(153)}${'\ude00'.repeat(6)}`,
      153,
    ],
    ['whose marker alone is too long', 'a'.repeat(30), 10, marker(30), 30],
    ['by one byte', 'a'.repeat(102), 101, `${'a'.repeat(40)}${marker(42)}${'a'.repeat(20)}`, 42],
  ])(
    '%s keeps two thirds of its room for the beginning and one for the end',
    (_, text, max, clipped, cutBytes) => {
      expect(utf8Length(marker(cutBytes))).toBeLessThan(42);
      expect(clip(text, max)).toStrictEqual({ text: clipped, cutBytes });
    },
  );

  test('is cut before a character of several bytes that would not fit, on both sides', () => {
    expect(clipEnds('aé', 'éb', 8, 3)).toStrictEqual({ head: 'a', tail: 'b', cutBytes: 6 });
    expect(clipEnds('aéé', 'bébé', 12, 3)).toStrictEqual({ head: 'a', tail: '', cutBytes: 11 });
    expect(clipEnds('é', '', 2, 3)).toStrictEqual({ head: 'é', tail: '', cutBytes: 0 });
  });

  test('keeps both halves of a pair or none, and a half that stands alone as one character', () => {
    expect(clipEnds('a😀', '😀a', 10, 9)).toStrictEqual({ head: 'a😀', tail: 'a', cutBytes: 4 });
    expect(clipEnds('😀😀', '😀😀', 16, 15)).toStrictEqual({ head: '😀😀', tail: '😀', cutBytes: 4 });
    expect(clipEnds('\ud83da', 'a\ude00', 8, 6)).toStrictEqual({ head: '\ud83da', tail: '', cutBytes: 4 });
    expect(clipEnds('', 'a\ude00', 4, 9)).toStrictEqual({ head: '', tail: '\ude00', cutBytes: 1 });
  });

  test.each([
    ['\u007f\u007f', '\u007f\u007f'],
    ['\u0080\u0080', '\u0080'],
    ['\u07ff\u07ff', '\u07ff'],
    ['\u0800\u0800', '\u0800'],
    ['\u0fff\u0fff', '\u0fff'],
    ['\ud800\udc00', ''],
    ['\ud83d\ue000', '\ud83d'],
    ['\ud7ff\udc00', '\ud7ff'],
    ['\ue000\udc00', '\ue000'],
  ])('counts the bytes of each character: of %j three are %j', (text, kept) => {
    expect(clipEnds(text, '', 100, 4).head).toBe(kept);
  });

  test.each(['\ud800\udc00', '\ud800\udfff', '\udbff\udc00', '\udbff\udfff', '😀', 'éü'])(
    'keeps %j, of four bytes, at the end and at the beginning',
    (text) => {
      expect(clipEnds('', text, 4, 12)).toStrictEqual({ head: '', tail: text, cutBytes: 0 });
      expect(clipEnds('', text, 4, 24)).toStrictEqual({ head: '', tail: text, cutBytes: 0 });
      expect(clipEnds(text, '', 4, 6)).toStrictEqual({ head: text, tail: '', cutBytes: 0 });
    },
  );

  test('may have an edge on both sides beyond its bytes', () => {
    expect(clipEnds('abcdefgh', '12345678', 100, 3, 2)).toStrictEqual({
      head: 'abcd',
      tail: '678',
      cutBytes: 93,
    });
  });

  test('that lacks its middle already is told by one mark what is missing in all', () => {
    const cut = { head: 'a'.repeat(100), tail: 'b'.repeat(100), cutBytes: 1000 };
    // Its marker takes 42 bytes.
    expect(clipCut(cut, 102)).toStrictEqual({
      text: `${'a'.repeat(40)}${marker(1140)}${'b'.repeat(20)}`,
      cutBytes: 1140,
    });
    expect(clipCut({ head: 'é', tail: 'ü', cutBytes: 5 }, 500)).toStrictEqual({
      text: `é${marker(5)}ü`,
      cutBytes: 5,
    });
  });

  test('says how many bytes are gone', () => expect(cutMarker(7)).toBe(marker(7)));
});

test.each([
  ['abc', 0],
  ['a"b', 1],
  ['\n\\', 2],
  ['\u0001', 5],
  ['', 0],
])('JSON makes %j longer by %d characters', (text, added) => expect(jsonAddedLength(text)).toBe(added));

describe('a rough cut, before secrets are looked for', () => {
  test('is none where all may be shown, or nearly', () => {
    // 768 characters on each side are looked at beyond what is shown.
    expect(roughCut('a'.repeat(1636), 100)).toBeUndefined();
    expect(roughCut('€'.repeat(545), 100)).toBeUndefined();
    expect(roughCut('é'.repeat(818), 100)).toBeUndefined();
    expect(roughCut('é'.repeat(819), 100)).toBeDefined();
  });

  test('keeps what may be shown and 768 characters more on both sides', () => {
    expect(roughCut('a'.repeat(1637), 90)).toStrictEqual({
      head: 'a'.repeat(60 + 768),
      tail: 'a'.repeat(30 + 768),
      cutBytes: 1637 - 90 - 2 * 768,
    });
  });

  test('counts bytes as they were recorded', () => {
    expect(recordedBytes('é€😀')).toBe(9);
    expect(recordedBytes('')).toBe(0);
  });
});

describe('what is searched and then dropped beside a cut', () => {
  const words = (length: number) => 'word '.repeat(Math.ceil(length / 5)).slice(0, length);
  const sides = (head: string, tail: string) => withoutEdges({ head, tail, cutBytes: 1000 });

  test('is 512 characters on each side of ordinary text', () => {
    expect(sides(words(1000), words(1000))).toStrictEqual({
      head: words(1000).slice(0, 488),
      // Not within a word.
      tail: words(1000).slice(514),
      cutBytes: 1000 + 512 + 514,
    });
  });

  test('is all of a side that is no longer', () => {
    expect(sides('a b', 'c d')).toStrictEqual({ head: '', tail: '', cutBytes: 1006 });
    expect(sides('', '')).toStrictEqual({ head: '', tail: '', cutBytes: 1000 });
    expect(sides('é ', '€')).toStrictEqual({ head: '', tail: '', cutBytes: 1006 });
  });

  test.each([
    ['a word of 19 characters is none', 19, 488],
    ['one of 20 may be half a secret', 20, 478],
  ])('does not begin within a long word: %s', (_, length, kept) => {
    // The word lies on both sides of the 512 characters.
    const before = 488 - Math.floor(length / 2);
    const head = `${words(before - 1)} ${'x'.repeat(length)} ${words(1000)}`.slice(0, 1000);
    expect(sides(head, '').head).toBe(head.slice(0, length === 20 ? before : kept));
  });

  test.each([...'"\',;<>(){}[]\\ \n\t'])('a word ends at %j', (between) => {
    const head = `${'x'.repeat(480)}${between}${'y'.repeat(519)}`;
    expect(sides(head, '').head).toBe(head.slice(0, 481));
    const tail = `${'x'.repeat(600)}${between}${'y'.repeat(19)} ${words(100)}`;
    expect(sides('', tail).tail).toBe(tail.slice(600));
  });

  test('reaches no farther back into a word than 4096 characters', () => {
    const head = 'x'.repeat(6000);
    expect(sides(head, '').head).toHaveLength(6000 - 512 - 4096);
    expect(sides('', head).tail).toHaveLength(6000 - 4096);
  });

  test.each([
    ['lines', '\n'],
    ['lines as JSON writes them', '\\n'],
    ['lines as JSON in JSON writes them', '\\\\r\\\\n'],
  ])('goes on over %s of base64, the rest of a key', (_, end) => {
    const lines = `${'Ab+/'.repeat(16)}${end}`.repeat(20);
    expect(sides('', `${lines}-----END KEY----- and more`).tail.startsWith(`${end}-----END`)).toBe(true);
  });

  test('does not go on over lines of words, paths or short base64', () => {
    for (const line of ['one two three', '/usr/lib/node_modules/npm/index.js', 'Ab+/'.repeat(4)]) {
      const lines = `${line}\n`.repeat(100);
      const { tail } = sides('', lines);
      expect(lines.length - tail.length).toBeLessThan(512 + 40);
    }
  });
});
