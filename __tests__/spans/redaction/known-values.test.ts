import { describe, expect, test } from '@jest/globals';
import { KnownValues } from '../../../src/spans/redaction/known-values.js';
import { kindsOf, marked, workOf } from './marked.js';

const knowing = (...values: string[]) => {
  const known = new KnownValues(values);
  return known.find.bind(known);
};
const find = knowing('secret12', 'secret12more34', 'sesame78 and 9');

describe('a value that is known', () => {
  test.each([
    ['«secret12»'],
    ['at the end «secret12»'],
    ['«secret12» at the beginning'],
    ['«secret12»«secret12» twice'],
    ['xx«secret12»xx'],
    ['the longer of two «secret12more34», «secret12»more3'],
    ['with blanks «sesame78 and 9»'],
    ['secret1'],
    ['secret1x secret 12'],
    ['SECRET12'],
    ['sesame78'],
    [''],
  ])('is taken out of %j', (row) => {
    expect(marked(find, row)).toBe(row);
  });

  test('is of a kind of its own', () => {
    expect(kindsOf(find, 'a secret12 sesame78 and 9')).toEqual([
      ['known-value', 'secret12'],
      ['known-value', 'sesame78 and 9'],
    ]);
  });

  test('costs a character for each place where one may begin', () => {
    expect(workOf(find, 'sand and sell and dust')).toBe(1);
    expect(workOf(find, 'nothing of the kind')).toBe(0);
    // Where less than eight characters are left none can begin; within one that was found none does.
    expect(workOf(find, 'secretly')).toBe(1);
    expect(workOf(find, 'asecretl')).toBe(0);
    expect(workOf(knowing('x1x1x1x1x'), 'x1x1x1x1x1x1x1x1x')).toBe(1);
    expect(workOf(knowing(), 'secret12')).toBe(0);
  });

  test('may begin with any character', () => {
    expect(marked(knowing('€ùsecret1'), 'a «€ùsecret1» b')).toBe('a «€ùsecret1» b');
  });
});

describe('a value is known', () => {
  const inside = (value: string) => marked(knowing(value), `it is ${value}.`) !== `it is ${value}.`;

  test.each([
    ['with eight characters', 'secret12', true],
    ['with seven', 'secret1', false],
    ['with 16,384', `${'secret12'.repeat(2048)}`, true],
    ['with more', `${'secret12'.repeat(2048)}3`, false],
    ['without a digit', 'secretsecret', false],
    ['without a letter', '12345678', false],
    ['with a capital', 'SECRET12', true],
    ['as a path', '/secret12', false],
    ['as a path of home', '~secret12', false],
    ['as a file', '.secret12', false],
    ['as a path of Windows', 'C:\\secret12', false],
    ['as a date', '2026-11-28T12', false],
    ['as an address', 'https://secret12', false],
    ['as a variable', '$secret12', false],
    ['with a path in it', 'a/secret12', true],
  ])('%s: %s', (_, value, is) => {
    expect(inside(value)).toBe(is);
  });
});

describe('a value is found in its forms', () => {
  test.each([
    ['in JSON', 'a"secret12', 'a\\"secret12'],
    ['in JSON in JSON', 'a"secret12', 'a\\\\\\"secret12'],
    ['percent-encoded', 'sec ret&12', 'sec%20ret%2612'],
    ['percent-encoded alone', 'secret12\ud800x', 'secret12\ud800x'],
  ])('%s', (_, value, form) => {
    expect(marked(knowing(value), `b «${form}» c`)).toBe(`b «${form}» c`);
  });

  // What is the value’s alone of the base64 of `hunter2lives`, by how many bytes stand before it.
  test.each([
    [0, 'aHVudGVyMmxpdmVz', ''],
    [1, 'h1bnRlcjJsaXZlc', 'eG'],
    [2, 'odW50ZXIybGl2ZX', 'eHh'],
    [3, 'aHVudGVyMmxpdmVz', 'eHh4'],
  ])('in base64, %s bytes from its beginning', (shift, core, before) => {
    const whole = Buffer.from(`${'x'.repeat(shift)}hunter2lives`).toString('base64');
    expect(marked(knowing('hunter2lives'), whole)).toBe(whole.replace(core, `«${core}»`));
    expect(whole.startsWith(before + core)).toBe(true);
  });

  test.each([
    ['of twelve bytes', 'hunter2lives', true],
    ['of eleven', 'hunter2live', false],
    ['of 4,096', 'hunter2l'.repeat(512), true],
    ['of 4,097', `${'hunter2l'.repeat(512)}x`, false],
  ])('in base64 %s: %s', (_, value, is) => {
    const encoded = Buffer.from(value).toString('base64');
    expect(marked(knowing(value), encoded) !== encoded).toBe(is);
  });
});
