import { describe, expect, test } from '@jest/globals';
import { mergeFindings } from '../../../../src/spans/redaction/search/finding.js';
import { asPattern } from '../../../../src/spans/redaction/search/literal-pattern.js';
import { anyOf } from '../../../../src/spans/redaction/search/sign.js';
import { OutOfBudget, WorkBudget } from '../../../../src/spans/redaction/search/work-budget.js';

describe('findings become places without overlap', () => {
  const merged = (...places: [start: number, end: number, kind: string][]) =>
    mergeFindings(places.map(([start, end, kind]) => ({ start, end, kind }))).map(({ start, end, kind }) => [
      start,
      end,
      kind,
    ]);

  test.each([
    ['none', [], []],
    [
      'by place, whatever their order',
      [
        [5, 6, 'b'],
        [1, 2, 'a'],
      ],
      [
        [1, 2, 'a'],
        [5, 6, 'b'],
      ],
    ],
    [
      'side by side they stay two',
      [
        [1, 3, 'a'],
        [3, 5, 'b'],
      ],
      [
        [1, 3, 'a'],
        [3, 5, 'b'],
      ],
    ],
    [
      'one in another, the longer found first',
      [
        [1, 9, 'a'],
        [3, 5, 'b'],
      ],
      [[1, 9, 'a']],
    ],
    [
      'one in another, the shorter found first',
      [
        [3, 5, 'b'],
        [1, 9, 'a'],
      ],
      [[1, 9, 'b']],
    ],
    [
      'one reaches beyond the other',
      [
        [1, 5, 'a'],
        [3, 9, 'b'],
      ],
      [[1, 9, 'a']],
    ],
    [
      'two begin together, the shorter found first',
      [
        [1, 5, 'a'],
        [1, 9, 'b'],
        [7, 8, 'c'],
      ],
      [[1, 9, 'a']],
    ],
    [
      'one apart, then two that overlap',
      [
        [1, 2, 'a'],
        [5, 8, 'b'],
        [6, 9, 'c'],
      ],
      [
        [1, 2, 'a'],
        [5, 9, 'b'],
      ],
    ],
    [
      'a chain of three is one, and what stands behind is another',
      [
        [6, 12, 'c'],
        [4, 7, 'b'],
        [1, 5, 'a'],
        [12, 13, 'd'],
      ],
      [
        [1, 12, 'c'],
        [12, 13, 'd'],
      ],
    ],
  ] as [string, [number, number, string][], [number, number, string][]][])('%s', (_, places, whole) => {
    expect(merged(...places)).toEqual(whole);
  });

  test('the quote of a number stays with it', () => {
    expect(mergeFindings([{ start: 1, end: 2, kind: 'a', quote: '"' }])).toMatchObject([{ quote: '"' }]);
  });
});

test('a text as a pattern matches itself alone, whatever stands in it', () => {
  const text = 'a\\b^c$d.e*f+g?h(i)j[k]l{m}n|o';
  expect(new RegExp(`^${asPattern(text)}$`).test(text)).toBe(true);
  expect(new RegExp(`^${asPattern('a.b')}$`).test('axb')).toBe(false);
});

test.each([
  ['one two', true],
  ['two', true],
  ['ONE', false],
  ['', false],
  ['x'.repeat(1999), false],
  ['x'.repeat(2000), true],
])('of many words one is enough, and a long text may hold any: %j %s', (text, may) => {
  expect(anyOf(['one', 'two'])(text, text.toLowerCase())).toBe(may);
});

describe('a budget', () => {
  test('may be spent to its last character', () => {
    const budget = new WorkBudget(10);
    budget.spend(4);
    budget.spend(6);
    expect(budget.spent).toBe(10);
    expect(() => budget.spend(1)).toThrow(new OutOfBudget('too much work'));
  });

  test('looks at its clock once in 65,536 characters', () => {
    let looks = 0;
    const budget = new WorkBudget(1_000_000, () => ++looks > 2);
    budget.spend(65_535);
    expect(looks).toBe(0);
    budget.spend(1);
    budget.spend(65_535);
    expect(looks).toBe(1);
    budget.spend(65_536);
    expect(looks).toBe(2);
    expect(() => budget.spend(65_536)).toThrow(new OutOfBudget('too late'));
  });

  test('without a clock is never late', () => {
    const budget = new WorkBudget(1_000_000);
    budget.spend(900_000);
    expect(budget.isLate()).toBe(false);
  });
});
