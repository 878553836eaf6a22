import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clip, jsonAddedLength, utf8Length } from '../../../src/spans/texts/clip.js';

/** Any text, lone surrogates included, of one to four bytes a character. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00', '\n'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  ),
  maxLength: 400,
});

describe('the length of a text in bytes', () => {
  test('is what UTF-8 makes of it', () => {
    fc.assert(
      fc.property(text, (any) =>
        expect(utf8Length(wellFormed(any))).toBe(Buffer.byteLength(wellFormed(any))),
      ),
    );
  });
});

describe('a clipped text', () => {
  test('stays within its bytes, where the marker itself fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 60, max: 600 }), (any, max) => {
        expect(utf8Length(clip(any, max).text)).toBeLessThanOrEqual(max);
      }),
    );
  });

  test('is the text itself where that fits', () => {
    fc.assert(
      fc.property(text, (any) => expect(clip(any, utf8Length(any))).toEqual({ text: any, cutBytes: 0 })),
    );
  });

  test('is cut between characters: no half of a pair appears that was not there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 50, maxLength: 300 }), (whole) => {
        expect(isWellFormed(clip(whole, 100).text)).toBe(true);
      }),
    );
  });

  test('keeps beginning and end, and says how much is gone', () => {
    const { text: clipped, cutBytes } = clip(`${'a'.repeat(5000)}the error`, 200);
    expect(clipped).toMatch(/^a+\n\[… \d+ bytes cut by mlflow-codex …\]\n[a ]*the error$/);
    expect(Number(clipped.match(/\d+/)?.[0])).toBe(cutBytes);
    const kept = utf8Length(clipped.replace(/\n\[….*…\]\n/, ''));
    expect(kept + cutBytes).toBe(5009);
  });
});

test('what JSON adds to a text is counted', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (ascii) => {
      expect(ascii.length + jsonAddedLength(ascii)).toBe(JSON.stringify(ascii).length - 2);
    }),
  );
});

/** A lone surrogate becomes the replacement character, of three bytes as well. */
function wellFormed(any: string): string {
  return Buffer.from(any, 'utf8').toString('utf8');
}

function isWellFormed(any: string): boolean {
  return wellFormed(any) === any;
}
