import { expect, test } from '@jest/globals';
import { ContentGate } from '../../src/spans/content.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';

/** A pattern of the user's for card numbers, as the edges hand it in. */
const ownPatterns = () => (text: string) =>
  [...text.matchAll(/\d{16}/g)].map(({ index }) => ({ start: index, end: index + 16, kind: 'custom' }));
const gate = () =>
  new ContentGate({ mode: 'full', redactor: new Redactor({ ownPatterns }), maxContentBytes: 1000 }, 1);

test('a number of data is a password by its key, and falls under patterns of the user as text does', () => {
  const data = { password: 48291374, pin: 4829, card: 4111111111111111, list: [4111111111111111, 12345678] };
  expect(JSON.parse(gate().json(data))).toEqual({
    password: '[REDACTED:password#1]',
    pin: 4829,
    card: '[REDACTED:custom#2]',
    list: ['[REDACTED:custom#2]', 12345678],
  });
});

test('truth values, nulls and small numbers of data stay what they are', () => {
  const data = { password: true, token: null, passwords: 48291374, wrongPassword: 100002, port: 5432.5 };
  expect(JSON.parse(gate().json(data))).toEqual(data);
});
