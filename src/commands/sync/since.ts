import { UsageError } from '../../platform/problems/usage-error.js';

const UNITS: Record<string, number> = {
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
  w: 7 * 24 * 60 * 60 * 1000,
};

/** A date (`2026-01-31`, local midnight) or an age (`12h`, `7d`, `2w`), as ms since the epoch. */
export function parseSince(text: string, nowMs: number): number {
  const age = text.match(/^(\d{1,5})([hdw])$/);
  if (age) return nowMs - Number(age[1]) * (UNITS[age[2] ?? ''] ?? 0);
  const date = text.match(/^(\d{4})-(\d{2})-(\d{2})$/);
  if (date) {
    const [year, month, day] = [Number(date[1]), Number(date[2]), Number(date[3])];
    const local = new Date(year, month - 1, day);
    // A day that the month does not have is one of another month.
    if (local.getMonth() === month - 1) return local.getTime();
  }
  throw new UsageError(
    `--since takes an age or a date, not ${JSON.stringify(text)}`,
    'For example --since 7d or --since 2026-01-31',
  );
}
