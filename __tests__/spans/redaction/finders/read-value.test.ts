import { describe, expect, test } from '@jest/globals';
import { endOfLongValue, readValue } from '../../../../src/spans/redaction/finders/read-value.js';

/** The value in its place, between `«` and `»`, with `"` before it where it stood in quotes, and what follows. */
function read(text: string, at = 0, stopAt?: string): string | undefined {
  const value = readValue(text, at, stopAt);
  if (!value) return undefined;
  const { start, end, isQuoted, next } = value;
  return `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)} ${isQuoted ? 'quoted' : 'bare'}${next === '' ? '' : ` before ${next}`}`;
}

describe('a value without quotes', () => {
  test.each([
    ['abc', '«abc» bare'],
    ['abc def', '«abc» def bare before  '],
    ['a-b/c.d:e=f?g#h!i@j$k%l^m*n+o~p', '«a-b/c.d:e=f?g#h!i@j$k%l^m*n+o~p» bare'],
    ['über', '«über» bare'],
    ...[...' \t\r\n\f\v,;&|<>(){}[]"\'`\\'].map((end) => [`ab${end}c`, `«ab»${end}c bare before ${end}`]),
  ])('%j', (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([[''], [' a'], [','], [')']])('%j is none', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test('ends at further signs where it is told so, and begins where it is told to', () => {
    expect(read('x=ab#c', 2, '#')).toBe('x=«ab»#c bare before #');
    expect(read('x=ab#c', 2)).toBe('x=«ab#c» bare');
    expect(read('ab|c#d', 0, '#|')).toBe('«ab»|c#d bare before |');
  });

  test('is read to its 160th character', () => {
    expect(read('a'.repeat(160))).toBe(`«${'a'.repeat(160)}» bare`);
    expect(read('a'.repeat(161))).toBe(`«${'a'.repeat(160)}»a bare before a`);
    expect(read(`xx${'a'.repeat(161)}`, 2)).toBe(`xx«${'a'.repeat(160)}»a bare before a`);
  });
});

describe('a value in quotes', () => {
  test.each([
    ['"a b"', '"«a b»" quoted'],
    ["'a b' c", "'«a b»' c quoted"],
    ['`a b`', '`«a b»` quoted'],
    ['"a\'b"', '"«a\'b»" quoted'],
    ["'a\"b'", "'«a»\"b' quoted"],
    // Prefixes of languages.
    ['b"a"', 'b"«a»" quoted'],
    ["rb'a'", "rb'«a»' quoted"],
    ['@"a"', '@"«a»" quoted'],
    ['new String("a")', 'new String("«a»") quoted'],
    ['abc"a"', '«abc»"a" bare before "'],
    // An escaped quote is part of it; in JSON text the quotes are escaped themselves.
    ['"a\\"b"', '"«a\\"b»" quoted'],
    ["'a\\'b'", "'«a\\'b»' quoted"],
    ['"a\\\\"b', '"«a\\\\»"b quoted'],
    ['\\"a b\\" c', '\\"«a b»\\" c quoted'],
    ['\\\\\\"a b\\\\\\" c', '\\\\\\"«a b»\\\\\\" c quoted'],
    ['\\"a b" c', '\\"«a b»" c quoted'],
    ["\\'a\\'", "\\'«a»\\' quoted"],
    ['&quot;a&amp;b&quot;', '&quot;«a&amp;b»&quot; quoted'],
    ['&#34;a&#34;', '&#34;«a»&#34; quoted'],
    ['%22a%22', '%22«a»%22 quoted'],
    ['\\u0022a\\u0022', '\\u0022«a»\\u0022 quoted'],
    // Never closed: to the line’s end, to the end of the text around, to the end.
    ['"a\nb"', '"«a»\nb" quoted'],
    ["'a\nb'", "'«a»\nb' quoted"],
    ['"a', '"«a» quoted'],
    ['&quot;a"', '&quot;«a»" quoted'],
    // Three quotes hold lines and single quotes.
    ['"""a\nb"""', '"""«a\nb»""" quoted'],
    ["'''a\n'b'''", "'''«a\n'b»''' quoted"],
    ["'''a\"b'''", "'''«a»\"b''' quoted"],
    ['"""a"', '"""«a»" quoted'],
  ])('%j', (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([['""'], ['"\n"'], ['\\"\\"'], ['"'], ["''"], ['""""""']])('%j holds none', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test('begins where it is told to, and is read to its 512th character', () => {
    expect(read('x="a"', 2)).toBe('x="«a»" quoted');
    expect(read('x="""a"""', 2)).toBe('x="""«a»""" quoted');
    expect(read(`x="${'a'.repeat(512)}"`, 2)).toBe(`x="«${'a'.repeat(512)}»" quoted`);
    expect(read(`x="${'a'.repeat(513)}"`, 2)).toBe(`x="«${'a'.repeat(512)}»a" quoted`);
  });
});

test.each([
  ['is shorter', `${'a'.repeat(159)}b c`, 159, 159],
  ['was read to its limit', `${'a'.repeat(160)}bc d`, 160, 162],
  ['goes on to the end of the text', `${'a'.repeat(160)}bcd`, 160, 163],
  ['goes on before a quote', `${'a'.repeat(160)}bc"d`, 160, 162],
])('the end of a long value that %s', (_, text, end, real) => {
  expect(endOfLongValue(text, end, 0)).toBe(real);
  expect(endOfLongValue(`xyz ${text}`, end + 4, 4)).toBe(real + 4);
});
