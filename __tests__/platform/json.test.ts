import { expect, test } from '@jest/globals';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asStrings,
  asText,
  compact,
} from '../../src/platform/json.js';
import { errorName } from '../../src/platform/problems/error-name.js';
import { envFlag, envText } from '../../src/platform/process/environment.js';
import { uuidTimeMs } from '../../src/platform/uuid-time.js';

test('a field of a wrong type is the same as a missing one', () => {
  const values = [
    { a: 1 },
    ['a', 1],
    'a',
    '',
    1,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    null,
    undefined,
  ];
  const kept = (read: (value: unknown) => unknown) => values.map(read).filter((value) => value !== undefined);
  expect(kept(asObject)).toEqual([{ a: 1 }]);
  expect(kept(asText)).toEqual(['a']);
  expect(kept(asString)).toEqual(['a', '']);
  expect(kept(asNumber)).toEqual([1, 0]);
  expect(values.flatMap(asArray)).toEqual(['a', 1]);
  expect(values.flatMap(asStrings)).toEqual(['a']);
});

test('an object without such keys is compact as it is: it is not copied', () => {
  const whole = { a: 1, b: null };
  expect(compact(whole)).toBe(whole);
});

test('an object is compact without the keys whose value is undefined', () => {
  expect(Object.keys(compact({ a: undefined, b: null, c: 0, d: '' }))).toEqual(['b', 'c', 'd']);
});

test('an error is told by its code, or its kind and place, never by its message', () => {
  expect(errorName(Object.assign(new Error('secret'), { code: 'EIO' }))).toBe(
    'the recording cannot be read (EIO)',
  );
  const error = Object.assign(new TypeError('secret'), { stack: 'TypeError: secret\n  at read (x.js:1:2)' });
  expect(errorName(error)).toBe('internal error: TypeError at read');
  for (const thrown of ['secret', undefined, null, { name: 7, stack: 7 }])
    expect(errorName(thrown)).toBe('internal error: unknown');
});

test('the time of a UUIDv7 is read, and of no other id', () => {
  expect(uuidTimeMs('019ab4c8-2f00-7abc-8def-0123456789ab')).toBe(0x019ab4c82f00);
  for (const id of [
    undefined,
    '',
    '019ab4c8-2f00-4abc-8def-0123456789ab',
    '019ab4c8-2f00-7abc-7def-0123456789ab',
    'x019ab4c8-2f00-7abc-8def-0123456789ab',
  ])
    expect(uuidTimeMs(id)).toBeUndefined();
});

test('a variable is its text without blanks around it, and empty is unset', () => {
  expect([envText({ A: ' x ' }, 'A'), envText({ A: ' ' }, 'A'), envText({}, 'A')]).toEqual([
    'x',
    undefined,
    undefined,
  ]);
});

test.each([
  [undefined, false],
  ['', false],
  [' 0 ', false],
  ['FALSE', false],
  ['no', false],
  ['off', false],
  ['1', true],
  ['nope', true],
])('a switch that is %j is on: %s', (value, isOn) => {
  expect(envFlag({ A: value }, 'A')).toBe(isOn);
});
