import { describe, expect, it } from '@jest/globals';
import { parseSince } from '../../../src/commands/sync/since.js';
import { UsageError } from '../../../src/platform/problems/usage-error.js';

describe('--since', () => {
  const now = new Date(2026, 0, 31, 12).getTime();
  it.each([
    ['12h', now - 12 * 3_600_000],
    ['7d', now - 7 * 86_400_000],
    ['2w', now - 14 * 86_400_000],
    ['0d', now],
    ['2026-01-30', new Date(2026, 0, 30).getTime()],
    ['2028-02-29', new Date(2028, 1, 29).getTime()],
    ['2026-12-31', new Date(2026, 11, 31).getTime()],
  ])('reads %s', (text, expected) => {
    expect(parseSince(text, now)).toBe(expected);
  });

  it.each([
    ...['2026-02-30', '2026-13-01', '2026-00-10', '2026-01-00', '2026-01-32', '7', '-7d', '7days', '7D', ''],
    ...['123456d', '1.5d', ' 7d', '7d ', '2026-1-1', '2026-01-31T00:00', 'yesterday'],
  ])('refuses %j, and says how it is meant', (text) => {
    expect(() => parseSince(text, now)).toThrow(
      new UsageError(
        `--since takes an age or a date, not ${JSON.stringify(text)}`,
        'For example --since 7d or --since 2026-01-31',
      ),
    );
    let hint: string | undefined;
    try {
      parseSince(text, now);
    } catch (error) {
      hint = (error as UsageError).hint;
    }
    expect(hint).toBe('For example --since 7d or --since 2026-01-31');
  });
});
