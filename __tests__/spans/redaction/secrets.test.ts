import { describe, expect, test } from '@jest/globals';
import { leaked, samples } from '../../../scripts/lab/secrets/corpus.mjs';
import { lookAlikes } from '../../../scripts/lab/secrets/look-alikes.mjs';
import { Random } from '../../../scripts/lab/secrets/random.mjs';
import { Redactor } from '../../../src/spans/redaction/redactor.js';

const redactor = new Redactor();
const redact = (text: string) => redactor.begin().redact(text);
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** Drawn from a seed of the day that is named when it fails, so that each run tries other values. */
const seed = Number(process.env.REDACTION_SEED ?? 20_261_128);

describe(`secrets of ${samples(seed).length} kinds (seed ${seed})`, () => {
  test.each(samples(seed).map((sample) => [sample.kind, sample] as const))('%s is taken out', (_, sample) => {
    const clean = redact(sample.text);
    expect(leaked(clean, sample.secrets)).toBeUndefined();
    expect(clean).toMatch(/\[REDACTED:[a-z0-9-]+#1\]/);
  });

  test.each(samples(seed).map((sample) => [sample.kind, sample] as const))(
    '%s is taken out of JSON text, which stays JSON',
    (_, { text, secrets }) => {
      const clean = redact(JSON.stringify({ output: text, list: [text] }));
      expect(leaked(clean, secrets.map(inJson))).toBeUndefined();
      expect(Object.keys(JSON.parse(clean))).toEqual(['output', 'list']);
    },
  );

  test('a second look changes nothing', () => {
    for (const { text } of samples(seed)) {
      const clean = redact(text);
      expect(redact(clean)).toBe(clean);
    }
  });
});

describe('what only looks like a secret stays as it is', () => {
  test.each(lookAlikes(new Random(seed)))('%s', (text) => {
    expect(redact(text)).toBe(text);
    expect(redact(JSON.stringify(text))).toBe(JSON.stringify(text));
  });
});

describe('a mark', () => {
  const random = new Random(seed);
  const key = `ghp_${random.base62(36)}`;
  const other = `ghp_${random.base62(36)}`;

  test('has the same number wherever the same secret stands, in one trace', () => {
    const trace = redactor.begin();
    expect(trace.redact(`${key} and ${other}`)).toBe(
      '[REDACTED:github-token#1] and [REDACTED:github-token#2]',
    );
    expect(trace.redact(`again ${other}`)).toBe('again [REDACTED:github-token#2]');
    expect(redactor.begin().redact(other)).toBe('[REDACTED:github-token#1]');
  });

  test('is counted by its kind', () => {
    const trace = redactor.begin();
    trace.redact(`${key} ${key}`);
    trace.redact('DB_PASSWORD=hunter2secret');
    expect([...trace.counts]).toEqual([
      ['github-token', 2],
      ['password', 1],
    ]);
  });
});

describe('a number', () => {
  test.each([
    ['{"password": 48291374}', '{"password": "[REDACTED:password#1]"}'],
    ['{"a":"{\\"password\\": 48291374}"}', '{"a":"{\\"password\\": \\"[REDACTED:password#1]\\"}"}'],
    ['{"password": 4829137e5, "n": 1}', '{"password": "[REDACTED:password#1]", "n": 1}'],
  ])('that is a password leaves JSON as JSON: %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
    JSON.parse(clean);
  });

  test('is taken out elsewhere as it stands', () => {
    expect(redact('password: 48291374')).toBe('password: [REDACTED:password#1]');
    expect(redact("{'password': 48291374}")).toBe("{'password': '[REDACTED:password#1]'}");
  });
});

describe('data', () => {
  test('is a secret by its key, of which its text says nothing', () => {
    const trace = redactor.begin();
    expect(trace.redactNamed('password', 'hunter2secret')).toBe('[REDACTED:password#1]');
    expect(trace.redactNamed('--api-key', new Random(1).base62(32))).toBe('[REDACTED:secret#2]');
    expect(trace.redactNamed('password', '48291374')).toBe('[REDACTED:password#3]');
    expect(trace.redactNamed('passwords', '48291374')).toBeUndefined();
    expect(trace.redactNamed('path', 'hunter2secret')).toBeUndefined();
    expect(trace.redactNamed('password', 'string')).toBeUndefined();
  });
});
