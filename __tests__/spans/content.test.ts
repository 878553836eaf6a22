import { describe, expect, test } from '@jest/globals';
import { cutText } from '../../src/codex/lines/kept-text.js';
import { ContentGate } from '../../src/spans/content.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';
import { clip, cutMarker } from '../../src/spans/texts/clip.js';

const gate = (maxContentBytes: number, spans = 1, mode: 'full' | 'metadata' = 'full') =>
  new ContentGate({ mode, redactor: undefined, maxContentBytes }, spans);

test.each([
  [1000, 1, 1000, 4000],
  // Of a turn of many spans each gets an even share of 6 MiB, of 2 KiB at least.
  [65_536, 1024, 6144, 6144],
  [65_536, 100_000, 2048, 2048],
  [1000, 100_000, 1000, 2048],
])('of %s bytes and %s spans a message has %s, an input %s', (max, spans, message, input) => {
  const { messageBytes, inputBytes } = gate(max, spans);
  expect([messageBytes, inputBytes]).toEqual([message, input]);
});

test('content is open unless it is metadata alone, and nothing is redacted where nobody wants it', () => {
  expect([gate(10).open, gate(10, 1, 'metadata').open]).toEqual([true, false]);
  expect(gate(1000).label('password: hunter2x')).toBe('password: hunter2x');
  expect([...gate(1000).redacted]).toEqual([]);
});

describe('a text', () => {
  test('is cut each time it is told, and what is cut is counted each time', () => {
    const one = gate(2048);
    const text = 'words '.repeat(1000);
    const first = one.text(text);
    expect(one.text(text)).toBe(first);
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(2048);
    expect(one.cutBytes).toBe(2 * (6000 - (Buffer.byteLength(first) - Buffer.byteLength(cutMarker(3993)))));
  });

  test('that JSON makes much longer gets less', () => {
    const quotes = gate(2048).text('"'.repeat(3000));
    expect(Buffer.byteLength(quotes)).toBeLessThanOrEqual(1024 + 30);
    expect(gate(2048).text('"'.repeat(100))).toBe('"'.repeat(100));
  });

  test('has no NUL', () => {
    expect(gate(2048).text('a\0b')).toBe('a\uFFFDb');
  });
});

describe('data', () => {
  const json = (value: unknown, max = 1000) => JSON.parse(gate(max).json(value)) as unknown;

  test.each([
    ['numbers, truth values, nulls', { a: 1, b: true, c: null, d: [1, null] }],
    ['sixty levels', nested(60)],
  ])('stays what it is: %s', (_, value) => {
    expect(json(value)).toEqual(value);
  });

  test('of more levels ends with a note, has no NUL in its keys, and its texts are cut one by one', () => {
    expect(JSON.stringify(json(nested(63)))).toContain('"[nested too deeply]"');
    expect(json({ 'a\0': 1 })).toEqual({ 'a\uFFFD': 1 });
  });

  test('of more than twice a message is one text, cut', () => {
    const one = gate(1000);
    const clipped = JSON.parse(one.json(Array.from({ length: 600 }, () => 'abc'))) as { clipped: string };
    expect(Object.keys(clipped)).toEqual(['clipped']);
    expect(Buffer.byteLength(clipped.clipped)).toBeLessThanOrEqual(1000);
    expect(one.cutBytes).toBeGreaterThan(2000);
    expect(json(Array.from({ length: 333 }, () => 'abc'))).toHaveLength(333);
  });

  test('is named by `name` or by `key` beside its `value`', () => {
    const redacting = new ContentGate({ mode: 'full', redactor: new Redactor(), maxContentBytes: 1000 }, 1);
    expect(
      JSON.parse(
        redacting.json([
          { key: 'DB_PASSWORD', value: 'hunter2x' },
          { name: 1, value: 'hunter2x' },
          { name: 'DB_PASSWORD', other: 'hunter2x' },
        ]),
      ),
    ).toEqual([
      { key: 'DB_PASSWORD', value: '[REDACTED:password#1]' },
      { name: 1, value: 'hunter2x' },
      { name: 'DB_PASSWORD', other: 'hunter2x' },
    ]);
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe('a long text', () => {
  test('without a search keeps both its ends, also where they are one word', () => {
    for (const text of ['x'.repeat(6000), 'ab cd '.repeat(1000)])
      expect(gate(2048).text(text)).toBe(clip(text, 2048).text);
    const quotes = Buffer.byteLength(gate(2048).text('"'.repeat(6000)));
    expect([quotes > 900, quotes < 1100]).toEqual([true, true]);
    expect(gate(2048).text('a"'.repeat(900))).toBe('a"'.repeat(900));
  });

  test('that was cut as its line was read has the note of that', () => {
    const one = gate(2048);
    expect(one.cutBytes).toBe(0);
    expect(one.text(cutText({ head: 'a b', tail: 'c d', cutBytes: 50 }))).toBe(`a b${cutMarker(50)}c d`);
    expect(one.cutBytes).toBe(50);
    expect(one.text(cutText({ head: '', tail: 'c d', cutBytes: 5 }))).toBe(`${cutMarker(5)}c d`);
    expect(one.cutBytes).toBe(55);
  });

  test('that is a picture is its description', () => {
    expect(gate(2048).text(`iVBORw0KGgo${'k9Xq2Zr7'.repeat(1000)}`)).toMatch(
      /^\[image: image\/png, \d+ bytes\]$/,
    );
  });

  test('is searched once while it is kept: above 1,000 characters, until 4 Mi of them are kept', () => {
    const seen: string[] = [];
    const ownPatterns = () => (text: string) => {
      seen.push(text.slice(0, 1));
      return [];
    };
    const redactor = new Redactor({ ownPatterns });
    const one = new ContentGate({ mode: 'full', redactor, maxContentBytes: 2048 }, 1);
    const short = 'x '.repeat(500);
    const longer = `y${short}`;
    for (const text of [short, short, longer, longer]) one.text(text);
    expect(seen.splice(0).join('')).toBe('xxy');
    const words = 'ab cd '.repeat(262_144);
    for (const start of 'abcabcdadade') one.text(`${start} ${words}`);
    expect(seen.join('')).toBe('abcdae');
  });
});

describe('data that is searched', () => {
  const redactor = new Redactor({
    ownPatterns: () => (text) => (text === '48291374' ? [{ start: 0, end: 8, kind: 'card' }] : []),
  });
  const searched = (value: unknown) =>
    JSON.parse(new ContentGate({ mode: 'full', redactor, maxContentBytes: 1000 }, 1).json(value)) as unknown;

  test.each([
    [{ a: 'b\0' }, { a: 'b\uFFFD' }],
    [
      [48291374, 48291375],
      ['[REDACTED:card#1]', 48291375],
    ],
    [{ password: 91374482 }, { password: '[REDACTED:password#1]' }],
    [{ password: true }, { password: true }],
    [
      ['--password', 'hunter2x'],
      ['--password', '[REDACTED:password#1]'],
    ],
    [
      ['hunter2x', '--password'],
      ['hunter2x', '--password'],
    ],
    [
      { name: 'DB_PASSWORD', key: 'a', value: 'hunter2x' },
      { name: 'DB_PASSWORD', key: 'a', value: '[REDACTED:password#1]' },
    ],
  ])('%j', (value, clean) => {
    expect(searched(value)).toEqual(clean);
  });

  test('of a long text both ends are, and a word that the cut halved is dropped', () => {
    const one = new ContentGate({ mode: 'full', redactor, maxContentBytes: 2048 }, 1);
    expect(one.text(`${'ab cd '.repeat(1000)}password: hunter2x`)).toMatch(
      /ab cd password: \[REDACTED:password#1\]$/,
    );
    expect(one.text('x'.repeat(6000))).toBe(cutMarker(6000));
  });

  test('a label loses its secret, which is counted', () => {
    const one = new ContentGate({ mode: 'full', redactor, maxContentBytes: 1000 }, 1);
    expect(one.label('password: hunter2x')).toBe('password: [REDACTED:password#1]');
    expect([...one.redacted]).toEqual([['password', 1]]);
  });

  test('sixty-one levels stay, of sixty-two the last is a note', () => {
    expect(searched(nested(61))).toEqual(nested(61));
    expect(JSON.stringify(searched(nested(62)))).toBe(
      `${'['.repeat(61)}"[nested too deeply]"${']'.repeat(61)}`,
    );
  });

  test('twice a message is the most that stays whole', () => {
    expect(searched({ a: 'x'.repeat(995), b: 'x'.repeat(990) })).toEqual({
      a: 'x'.repeat(995),
      b: 'x'.repeat(990),
    });
    expect(searched({ a: 'x'.repeat(995), b: 'x'.repeat(991) })).toHaveProperty('clipped');
  });
});
