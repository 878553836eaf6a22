import { afterEach, expect, test } from '@jest/globals';
import { withoutOtelEnvironment } from '../../src/otlp/otel-environment.js';

const NAMES = ['OTEL_FIRST', 'OTEL_SECOND', 'MY_OTEL_', 'OTHER'];
afterEach(() => {
  for (const name of NAMES) delete process.env[name];
});

const seen = () => NAMES.map((name) => process.env[name]);

test('what is made sees no OTEL_ variable and every other one, and finds all of them again afterwards', () => {
  Object.assign(process.env, { OTEL_FIRST: '1', OTEL_SECOND: '', MY_OTEL_: '3', OTHER: '4' });
  expect(withoutOtelEnvironment(seen)).toEqual([undefined, undefined, '3', '4']);
  expect(seen()).toEqual(['1', '', '3', '4']);
});

test('the variables are there again where nothing could be made', () => {
  process.env['OTEL_FIRST'] = '1';
  const fails = () => {
    throw new Error('not made');
  };
  expect(() => withoutOtelEnvironment(fails)).toThrow('not made');
  expect(seen()).toEqual(['1', undefined, undefined, undefined]);
});
