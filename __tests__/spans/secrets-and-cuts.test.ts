import { describe, expect, test } from '@jest/globals';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { ContentGate } from '../../src/spans/content.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';

const random = new Random(99);
const secret = `ghp_${random.base62(36)}`;
const key = `-----BEGIN PRIVATE KEY-----\n${random.lines(24)}\n-----END PRIVATE KEY-----`;
const MAX = 3000;

const gate = () => new ContentGate({ mode: 'full', redactor: new Redactor(), maxContentBytes: MAX }, 1);

/** Pieces of a secret of eight characters: none of them may be left. */
const piecesIn = (text: string, of: string) =>
  Array.from({ length: of.length - 8 }, (_, i) => of.slice(i, i + 8)).filter(
    (piece) => !piece.includes('-----') && text.includes(piece),
  );

describe('no cut leaves a part of a secret at its edge', () => {
  test.each([
    ['the cut of a message', 2 * MAX],
    ['the rough cut before the search', 40 * MAX],
  ])('%s, wherever the secret stands', (_, length) => {
    const words = 'these are ordinary words of a long text\n'.repeat(Math.ceil(length / 40)).slice(0, length);
    for (let at = 0; at < length; at += Math.max(13, Math.floor(length / 700))) {
      const text = `${words.slice(0, at)} ${secret} ${words.slice(at)}`;
      expect([at, piecesIn(gate().text(text), secret)]).toEqual([at, []]);
    }
  });

  test('nor of a key of many lines', () => {
    const length = 40 * MAX;
    const words = 'these are ordinary words of a long text\n'.repeat(Math.ceil(length / 40));
    for (let at = 0; at < length; at += 997) {
      const clean = gate().text(`${words.slice(0, at)}\n${key}\n${words.slice(at)}`);
      expect([at, piecesIn(clean, key.replaceAll('\n', ''))]).toEqual([at, []]);
    }
  });

  const jwt = [`{"alg":"RS256","kid":"${random.base62(20)}"}`, `{"sub":"${random.base62(2000)}"}`]
    .map((part) => Buffer.from(part).toString('base64url'))
    .concat(random.base62(342))
    .join('.');
  test.each([
    ['of a token of 3 kB', jwt, ' '],
    ['of a key of many lines that JSON writes as one', JSON.stringify(key).slice(1, -1), '\\n'],
    ['of a value that is known by the name on the line before it', random.base62(12), '\n'],
  ])('nor %s, in the end of a text as in its beginning', (_, hidden, between) => {
    const length = 20 * MAX;
    const isNamed = between === '\n';
    const words = 'these are ordinary words of a long text'.concat(between).repeat(Math.ceil(length / 40));
    const said = isNamed ? `- name: DB_PASSWORD\n  value: ${hidden}` : hidden;
    // Around both sides of the cut; what is between them is gone.
    const places = Array.from({ length: 900 }, (_, n) => (n < 450 ? n * 11 : words.length - (n - 450) * 11));
    for (const at of places) {
      const place = words.indexOf(between, at) + between.length;
      const clean = gate().text(words.slice(0, place) + said + between + words.slice(place));
      expect([at, piecesIn(clean, hidden.replaceAll('\\n', ''))]).toEqual([at, []]);
    }
  });

  test('nor where marks are so much shorter than what they stand for that the rough cut comes near', () => {
    const blob = Array.from({ length: 400 }, () => `token=${random.base62(500)}`).join('\n');
    const clean = gate().text(blob);
    expect(clean.replace(/\[REDACTED:[\w#-]+\]/g, '')).not.toMatch(/[A-Za-z0-9]{12}/);
  });

  test('and what is cut is counted to the byte', () => {
    const one = gate();
    const text = 'plain words '.repeat(20_000);
    const sent = one.text(text);
    const kept = sent.replace(/\n\[… \d+ bytes cut by mlflow-codex …\]\n/g, '');
    expect(one.cutBytes).toBeGreaterThanOrEqual(text.length - kept.length);
  });
});

describe('data is looked through', () => {
  const json = (value: unknown) => JSON.parse(gate().json(value)) as unknown;

  test('by keys, in keys, in lists of arguments and in pairs of name and value', () => {
    expect(
      json({
        password: 'hunter2secret',
        pin: 1,
        nested: [{ apiKey: secret }],
        argv: ['tool', '--password', 'hunter2secret', '--port', '8080'],
        env: [{ name: 'DB_PASSWORD', value: 'hunter2secret' }],
        [`said ${secret}`]: true,
      }),
    ).toEqual({
      password: '[REDACTED:password#1]',
      pin: 1,
      nested: [{ apiKey: '[REDACTED:secret#2]' }],
      argv: ['tool', '--password', '[REDACTED:password#1]', '--port', '8080'],
      env: [{ name: 'DB_PASSWORD', value: '[REDACTED:password#1]' }],
      'said [REDACTED:github-token#2]': true,
    });
  });
});
