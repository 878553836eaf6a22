import { describe, expect, test } from '@jest/globals';
import { boundedPatterns, SlowPattern, slowPatterns } from '../../src/platform/bounded-patterns.js';

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
    expect(() => find(`${'a'.repeat(60)}!`, 50)).toThrow(SlowPattern);
    // And work again for the next text.
    expect(find('aaa', 1000)).toEqual([{ start: 0, end: 3 }]);
  });

  test('throw at once where they are broken', () => {
    expect(() => boundedPatterns(['('])).toThrow(SyntaxError);
  });

  test('are slow where two characters in turn make them try again and again', () => {
    expect(slowPatterns(['^(?:[a-z][A-Z]|[a-z]A)+$'])).toHaveLength(1);
  });

  test('name the one that took too long', () => {
    const find = boundedPatterns(['x', '^(a+)+$']);
    expect(() => find(`${'a'.repeat(60)}!`, 50)).toThrow(expect.objectContaining({ index: 1 }));
  });

  test('are told apart by trying them: slow ones and others', () => {
    expect(slowPatterns(['ACME-\\d+', '(\\w+\\s?)+$', '^(a+)+$', '[a-z]{3,40}@corp'])).toEqual([
      '(\\w+\\s?)+$',
      '^(a+)+$',
    ]);
  });
});
