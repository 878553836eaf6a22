import { expect, test } from '@jest/globals';
import { SecretMarks } from '../../../src/spans/redaction/secret-marks.js';

test('marks are numbered by secret, from 1 or from where another process leaves off, and counted by kind', () => {
  const marks = new SecretMarks();
  const said = [marks.markFor('a', 'token'), marks.markFor('b', 'token'), marks.markFor('a', 'password')];
  expect(said).toEqual(['[REDACTED:token#1]', '[REDACTED:token#2]', '[REDACTED:password#1]']);
  marks.count('not-searched');
  expect([...marks.counts]).toEqual([
    ['token', 2],
    ['password', 1],
    ['not-searched', 1],
  ]);
  expect(new SecretMarks(1_000_001).markFor('a', 'token')).toBe('[REDACTED:token#1000001]');
});
