import { expect, test } from '@jest/globals';
import type { RolloutEvent, SessionMeta } from '../../src/codex/lines/rollout-event.js';
import { TurnCollector } from '../../src/codex/reading/turn-collector.js';

const meta: SessionMeta = { kind: 'session_meta', timeMs: 0, threadId: 'agent', parentThreadId: 'user' };
const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;

test('an agent’s turn is read back to its own start, though that names another turn as its parent', () => {
  const collector = new TurnCollector({ turnId: 't' }, meta);
  const lines = [
    event('task_complete', { turnId: 't' }),
    event('token_usage_record', { turnId: 't', usage: {} }),
    event('task_started', { turnId: 't', parentTurnId: 'of the user’s' }),
  ];
  expect(lines.map((line, at) => collector.see({ event: line, start: -at, end: 1 - at }))).toEqual([
    false,
    false,
    true,
  ]);
});
