import { describe, expect, test } from '@jest/globals';
import {
  boundedPatterns,
  SlowPattern,
  slowPatterns,
  takesTooLong,
} from '../../src/platform/bounded-patterns.js';

describe('patterns of somebody else’s', () => {
  test('are all tried, and what is empty is no match', () => {
    const find = boundedPatterns(['ACME-\\d+', 'x*', '(secret)-(\\d)']);
    expect(find('ACME-12 and secret-3', 1000)).toEqual([
      { start: 0, end: 7 },
      { start: 12, end: 20 },
    ]);
  });

  test('are given up when their time is over', () => {
    const find = boundedPatterns(['^(a+)+$']);
    for (const timeMs of [50, 0]) expect(() => find(`${'a'.repeat(60)}!`, timeMs)).toThrow(SlowPattern);
    // And work again for the next text.
    expect(find('aaa', 1000)).toEqual([{ start: 0, end: 3 }]);
  });

  test('throw at once where they are broken', () => {
    expect(() => boundedPatterns(['('])).toThrow(SyntaxError);
  });

  test('have the whole of their time: a long text is read to its end', () => {
    expect(boundedPatterns(['a'])('a'.repeat(100_000), 60_000)).toHaveLength(100_000);
  });

  test('may be given a part of a millisecond', () => {
    expect(boundedPatterns(['a'])('a', 1000.5)).toEqual([{ start: 0, end: 1 }]);
  });

  test('are not called slow for another error', () => {
    expect(() => boundedPatterns(['a'])(undefined as never, 1000)).toThrow('matchAll');
  });

  test.each([
    ['digits that it does not name', '^(\\d+)+$'],
    ['a letter of its own', '^(q+)+$'],
    ['upper and lower case in turn', '^(?:[a-z][A-Z]|[a-z]A)+$'],
    ['letters and digits in turn', '^(?:[a-z]\\d|[a-z][0-9])+$'],
    ['letters and blanks in turn', '^(?:[a-z]\\s|[a-z] )+$'],
    ['letters and hyphens in turn', '^(?:[a-z][-]|[a-z]\\W)+$'],
    ['letters and dots in turn', '^(?:[a-z][.]|[a-z]\\W)+$'],
  ])('are slow where %s make them try again and again', (_, pattern) => {
    expect(slowPatterns([pattern])).toEqual([pattern]);
  });

  test('name the one that took too long', () => {
    const find = boundedPatterns(['x', '^(a+)+$']);
    expect(() => find(`${'a'.repeat(60)}!`, 50)).toThrow(
      expect.objectContaining({ index: 1, message: 'a pattern took too long' }),
    );
  });

  test('are told apart by trying them: slow ones and others', () => {
    expect(slowPatterns(['ACME-\\d+', '(\\w+\\s?)+$', '^(a+)+$', '[a-z]{3,40}@corp'])).toEqual([
      '(\\w+\\s?)+$',
      '^(a+)+$',
    ]);
  });
});

describe('a probe', () => {
  /** Runs it as often as it is asked for; the CPU time of each try in its turn. */
  function probe(tries: readonly { readonly throws: boolean; readonly ms: number }[]) {
    let [done, spentMs] = [0, 7000];
    const isSlow = takesTooLong(
      () => {
        const { throws, ms } = tries[done] ?? { throws: false, ms: 0 };
        done += 1;
        spentMs += ms;
        if (throws) throw new SlowPattern(0);
      },
      () => spentMs,
    );
    return { isSlow, done };
  }
  const waited = { throws: true, ms: 49 };

  test.each([
    ['ends in time', [{ throws: false, ms: 90 }], { isSlow: false, done: 1 }],
    ['worked for half of its time', [{ throws: true, ms: 50 }], { isSlow: true, done: 1 }],
    ['waited, and ends in time when it is tried again', [waited], { isSlow: false, done: 2 }],
    ['waited, and then worked', [waited, { throws: true, ms: 60 }], { isSlow: true, done: 2 }],
    ['waited three times', [waited, waited, waited], { isSlow: true, done: 3 }],
  ])('that %s', (_, tries, expected) => {
    expect(probe(tries)).toEqual(expected);
  });
});
