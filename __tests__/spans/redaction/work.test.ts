import { describe, expect, test } from '@jest/globals';
import { filled, HOSTILE } from '../../../scripts/lab/secrets/hostile.mjs';
import { Random } from '../../../scripts/lab/secrets/random.mjs';
import { Redactor, TURN_WORK } from '../../../src/spans/redaction/redactor.js';
import { OutOfBudget, WorkBudget } from '../../../src/spans/redaction/search/work-budget.js';

const redactor = new Redactor({ knownValues: ['hunter2hunter2', 'aaaaaaaaaaaaaaa1'] });

describe('a hostile text costs no more for its length than a harmless one', () => {
  test.each(HOSTILE)('%s', (_, unit) => {
    const work = (length: number) => {
      const budget = new WorkBudget(Number.POSITIVE_INFINITY);
      redactor.findings(filled(unit, length), budget);
      return budget.spent;
    };
    const small = work(20_000);
    expect(work(80_000)).toBeLessThan(small * 4.5);
    // All of a turn's texts at their largest stay within its budget.
    expect(small / 20_000).toBeLessThan(TURN_WORK / (4 * 1024 * 1024));
  });
});

describe('a text that cannot be searched to its end', () => {
  test('is left out and counted, and so is what comes after it', () => {
    const late = new Redactor({ startClock: () => ({ during: (search) => search(), isLate: () => true }) });
    const trace = late.begin();
    expect(trace.redact(filled('an ordinary text ', 100_000))).toBe('[REDACTED:not-searched]');
    expect([...trace.counts]).toEqual([['not-searched', 1]]);
  });

  test('is one that costs more than its turn may', () => {
    const budget = new WorkBudget(1000);
    expect(() => redactor.findings(filled('api_key=', 2000), budget)).toThrow(OutOfBudget);
  });

  test('is one on which a pattern of the user’s takes too long', () => {
    const slow = new Redactor({
      ownPatterns: () => () => {
        throw new OutOfBudget('slow');
      },
    });
    expect(slow.begin().redact('something ordinary')).toBe('[REDACTED:not-searched]');
  });
});

describe('known values', () => {
  const random = new Random(7);
  const secret = `${random.base62(14)}7"q`;
  const known = new Redactor({
    knownValues: [secret, 'short1', 'onlywordsinhere', '/home/ada/file1', '20261128'],
  });
  const redact = (text: string) => known.begin().redact(text);

  test.each([
    ['as they are', secret],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['percent-encoded', encodeURIComponent(secret)],
  ])('are found %s, without any name', (_, form) => {
    expect(redact(`before ${form} after`)).toBe('before [REDACTED:known-value#1] after');
  });

  test.each([0, 1, 2])('are found within base64, %s bytes from its beginning', (shift) => {
    const encoded = Buffer.from(`${'u:'.padStart(shift + 3, 'x')}${secret}:tail`).toString('base64');
    const clean = redact(encoded);
    expect(clean).toContain('[REDACTED:known-value#1]');
    expect(clean).not.toContain(encoded.slice(8, 20));
  });

  test('are none where they are short, words, paths or dates', () => {
    const text = 'short1 onlywordsinhere /home/ada/file1 20261128';
    expect(redact(text)).toBe(text);
  });
});
