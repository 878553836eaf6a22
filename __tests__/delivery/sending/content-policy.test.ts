import { describe, expect, test } from '@jest/globals';
import { contentPolicy, SearchTime } from '../../../src/delivery/sending/prepared/content-policy.js';
import { plainSettings } from '../../support/route-under-test.js';

const SECRET = 'Xk9-correct-horse-7q';
const machine = { knownSecrets: () => [SECRET], homeUser: 'ada' };
/** A text as it is sent under settings. */
const sentAs = (text: string, settings: Parameters<typeof plainSettings>[0]) =>
  contentPolicy(plainSettings(settings)).redactor?.begin(1).redact(text);

describe('what may be sent', () => {
  test('follows from the settings, once for all turns of the same', () => {
    const settings = plainSettings({ content: 'metadata', maxContentBytes: 77, redact: false });
    const policy = contentPolicy(settings);
    expect(policy).toStrictEqual({
      mode: 'metadata',
      redactor: undefined,
      maxContentBytes: 77,
      slowPattern: expect.any(Function),
    });
    expect(policy.slowPattern()).toBeUndefined();
    expect(contentPolicy(settings)).toBe(policy);
    expect(contentPolicy({ ...settings })).not.toBe(policy);
  });

  test('is without the secrets that this machine knows', () => {
    expect(sentAs(`it is ${SECRET}.`, { machine })).toMatch(/^it is \[REDACTED:[a-z-]+#1\]\.$/);
    expect(sentAs(`it is ${SECRET}.`, {})).toBe(`it is ${SECRET}.`);
  });

  test('is without what the user’s own patterns find', () => {
    const redactPatterns = [{ pattern: 'ACME-\\d+', file: '/a', index: 0 }];
    expect(sentAs('see ACME-12 and ACME-x', { redactPatterns })).toBe('see [REDACTED:custom#1] and ACME-x');
    expect(sentAs('see ACME-12', {})).toBe('see ACME-12');
  });

  test('is without personal data where that is asked for', () => {
    const text = 'ada@example.org in /home/ada/x';
    expect(sentAs(text, { machine })).toBe(text);
    const sent = sentAs(text, { machine, redactPii: true });
    expect(sent).not.toContain('example.org');
    expect(sent).not.toContain('/home/ada');
    expect(sentAs(text, { redactPii: true })).toContain('/home/ada');
  });
});

describe('the search for secrets in one turn', () => {
  /** Whether it is late after so many ms of a text, once other texts took so long each. */
  function isLate(earlierMs: readonly number[], ms: number): boolean {
    let nowMs = 1000;
    const time = new SearchTime(() => nowMs);
    for (const tookMs of earlierMs) {
      time.during(() => {
        nowMs += tookMs;
      });
      // A request, which is none of its time.
      nowMs += 60_000;
    }
    return time.during(() => {
      nowMs += ms;
      return time.isLate();
    });
  }

  test.each<[number[], number, boolean]>([
    [[], 5000, false],
    [[], 5001, true],
    [[3000], 2001, false],
    [[3000], 2002, true],
    [[0, 0, 0], 5003, false],
    [[0, 0, 0], 5004, true],
  ])('has 5 s and 1 ms more for each text: after %j ms it is late after %i ms: %s', (earlier, ms, late) => {
    expect(isLate(earlier, ms)).toBe(late);
  });
});
