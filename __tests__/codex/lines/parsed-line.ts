import { parseRolloutLine } from '../../../src/codex/lines/parse-rollout-line.js';

/** When the lines of these tests were written. */
export const TIME_MS = 1_795_564_800_000;
const timestamp = '2026-11-25T00:00:00.000Z';

/** What a line of a recording is read as, without its time. */
export function parsedLine(type: string, payload: object): Record<string, unknown> {
  const { timeMs: _, ...event } = parseRolloutLine(JSON.stringify({ timestamp, type, payload }));
  return event;
}
