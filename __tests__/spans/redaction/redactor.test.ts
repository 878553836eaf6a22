import { describe, expect, test } from '@jest/globals';
import { Redactor } from '../../../src/spans/redaction/redactor.js';
import { OutOfBudget, WorkBudget } from '../../../src/spans/redaction/search/work-budget.js';

const own = (kind: string, pattern: RegExp) => () => (text: string) =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    kind,
  }));

describe('a mark does not halve an escape of JSON', () => {
  const redact = (text: string, pattern: RegExp) =>
    new Redactor({ ownPatterns: own('own', pattern) }).begin().redact(text);

  test.each([
    ['a line break before it', 'words\\nsecret', /nsecret/g, 'words\\n[REDACTED:own#1]'],
    ['an escaped backslash before it', 'words\\\\nsecret', /nsecret/g, 'words\\\\[REDACTED:own#1]'],
    ['half a code before it', 'words\\u003csecret', /3csecret/g, 'words\\u003c[REDACTED:own#1]'],
    ['a whole code before it', 'words\\u003csecret', /secret/g, 'words\\u003c[REDACTED:own#1]'],
    ['the letter of a code before it', 'words\\u003csecret', /u003csecret/g, 'words\\u003c[REDACTED:own#1]'],
    ['no code before it', 'words\\\\u003csecret', /3csecret/g, 'words\\\\u00[REDACTED:own#1]'],
    ['a quote behind it', '"a secret\\"', /secret\\/g, '"a [REDACTED:own#1]\\"'],
    ['a backslash behind it', 'a secret\\\\ b', /secret\\\\/g, 'a [REDACTED:own#1] b'],
    ['a letter of no escape', 'words\\xsecret', /xsecret/g, 'words\\[REDACTED:own#1]'],
    ['nothing but the letter', 'words\\n words', /n(?= )/g, 'words\\n words'],
  ])('with %s', (_, text, pattern, clean) => {
    expect(redact(text, pattern)).toBe(clean);
  });
});

describe('a text', () => {
  test('of less than eight characters is never searched, of eight it is', () => {
    const trace = new Redactor({ ownPatterns: own('own', /abc/g) }).begin();
    expect([trace.redact('abc1234'), trace.redact('abc12345')]).toEqual(['abc1234', '[REDACTED:own#1]12345']);
  });

  test('in which nothing was found is searched once, unless it is long', () => {
    let searched = 0;
    const trace = new Redactor({
      ownPatterns: () => () => {
        searched++;
        return [];
      },
    }).begin();
    const times = (text: string) => {
      searched = 0;
      trace.redact(text);
      trace.redact(text);
      return searched;
    };
    expect([times('ordinary'), times('x'.repeat(200)), times('x'.repeat(201))]).toEqual([1, 1, 2]);
  });

  test('in which another error comes is not sent either: the error is the caller’s', () => {
    const trace = new Redactor({
      ownPatterns: () => () => {
        throw new RangeError('broken');
      },
    }).begin();
    expect(() => trace.redact('ordinary words')).toThrow(new RangeError('broken'));
  });

  test('costs its length', () => {
    const budget = new WorkBudget(1000);
    expect(new Redactor().findings('ordinary words', budget)).toEqual([]);
    expect(budget.spent).toBe(14);
    expect(() => new Redactor().findings('ordinary words', new WorkBudget(13))).toThrow(OutOfBudget);
  });
});

test('all searches of a trace run within its clock, and marks begin where they are told to', () => {
  const during: unknown[] = [];
  const redactor = new Redactor({
    knownValues: ['secret12'],
    personalData: { userName: 'lovelace' },
    startClock: () => ({
      during: (search) => {
        const found = search();
        during.push(found);
        return found;
      },
      isLate: () => false,
    }),
  });
  const trace = redactor.begin(7);
  expect(trace.redact('lovelace has secret12')).toBe('[REDACTED:user-name#7] has [REDACTED:known-value#8]');
  expect(during).toHaveLength(1);
  expect([...trace.counts]).toEqual([
    ['user-name', 1],
    ['known-value', 1],
  ]);
});

test.each([
  ['password', 'hunter2x', '[REDACTED:password#1]'],
  ['api_key', 'k9Xq2Zr7w4LpB3vT', '[REDACTED:secret#1]'],
  ['path', 'hunter2x', undefined],
  ['password', 'words', undefined],
  [`${'x_'.repeat(46)}password`, 'hunter2x', '[REDACTED:password#1]'],
  [`${'x_'.repeat(46)}apassword`, 'hunter2x', undefined],
])('data named %s: %s is %s', (name, value, mark) => {
  const trace = new Redactor().begin();
  expect([trace.redactNamed(name, value), trace.redactNamed(name, value)]).toEqual([mark, mark]);
});
