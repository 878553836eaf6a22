import { describe, expect, test } from '@jest/globals';
import { ContentGate } from '../../src/spans/content.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';
import { cutMarker } from '../../src/spans/texts/clip.js';

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
