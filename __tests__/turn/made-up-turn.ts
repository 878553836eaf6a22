import { expect } from '@jest/globals';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { sha256 } from '../../src/platform/sha256.js';
import { buildSpans, identityOf } from '../../src/spans/build-spans.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import type { Turn } from '../../src/turn/turn.js';
import { brokenInvariants } from './invariants.js';
import { openPolicy } from './recordings.js';

/** Lines of a rollout as they are written here, where the scripted model does not bring them about. */
export const thread = '01a21080-0000-7000-8000-000000000001';
export const turnId = '01a21080-0001-7000-8000-000000000001';
let clock = 0;

/** A line 10 ms after the one before, or at a time of its own (ms). */
export function line(type: string, payload: object, at?: number): string {
  clock += 10;
  const timestamp = new Date(1_795_573_000_000 + (at ?? clock)).toISOString();
  return JSON.stringify({ timestamp, type, payload });
}
export const event = (payload: object, at?: number) => line('event_msg', { turn_id: turnId, ...payload }, at);
export const item = (payload: object) => line('response_item', payload);
export const completed = (payload: object, times: object = {}) =>
  event({ type: 'item_completed', thread_id: thread, ...times, item: payload });

/** The only turn of a recording of these lines. */
export function onlyTurn(lines: readonly string[]): { turn: Turn; spans: SpanSpec[] } {
  const { meta, segments } = splitTurns(lines.map(parseRolloutLine));
  expect(segments).toHaveLength(1);
  const turn = assembleTurn(segments[0] as (typeof segments)[0], meta);
  const options = { userId: 'dev', tags: {} };
  const spans = buildSpans(turn, meta, { root: identityOf(turn) }, options, openPolicy, sha256);
  return { turn, spans };
}

/** A turn of these lines, between its beginning and its end. */
export function assembled(...lines: string[]): { turn: Turn; spans: SpanSpec[] } {
  const made = onlyTurn([
    line('session_meta', { id: thread, cli_version: '0.999.0' }, 0),
    event({ type: 'task_started' }, 0),
    event({ type: 'user_message', message: 'do it' }, 0),
    ...lines,
    event({ type: 'task_complete', last_agent_message: 'done' }),
  ]);
  expect(brokenInvariants(made.spans)).toEqual([]);
  return made;
}
