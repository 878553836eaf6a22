import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { readSessionTail } from '../../../src/codex/reading/untold-turns.js';

let base: string;
beforeEach(async () => {
  base = await makeTemporaryFolder();
});
afterEach(() => rmSync(base, { recursive: true }));

const line = (type: string, turnId?: string, more: object = {}) =>
  `${JSON.stringify({ timestamp: '2026-11-25T00:00:00Z', type: 'event_msg', payload: { type, ...(turnId && { turn_id: turnId }), ...more } })}\n`;
const begun = (turnId?: string) => line('task_started', turnId);
const ended = (turnId?: string, more: object = {}) => line('task_complete', turnId, more);
const failed = (turnId: string) => ended(turnId, { error: { message: 'x' } });
const aborted = (turnId: string) => line('turn_aborted', turnId, { reason: 'interrupted' });

test.each([
  ['nothing', '', { isOver: true }],
  ['a turn that ended well', begun('a') + ended('a'), { lastTurnId: 'a', isOver: true }],
  ['a turn that goes on', begun('a'), { lastTurnId: 'a', untoldTurnId: 'a', isOver: false }],
  [
    'a failed turn after one that ended well',
    begun('a') + ended('a') + begun('b') + failed('b'),
    { lastTurnId: 'b', untoldTurnId: 'b', isOver: true },
  ],
  [
    'two that were not told of',
    begun('a') + ended('a') + begun('b') + aborted('b') + begun('c') + failed('c'),
    { lastTurnId: 'c', untoldTurnId: 'b', isOver: true },
  ],
  [
    'none before that ended well',
    begun('a') + aborted('a'),
    { lastTurnId: 'a', untoldTurnId: 'a', isOver: true },
  ],
  [
    'a start without an id',
    begun('a') + aborted('a') + begun(),
    { lastTurnId: 'a', untoldTurnId: 'a', isOver: false },
  ],
])('of a session that ends with %s it is said so', async (_, text, expected) => {
  const file = path.join(base, 'rollout.jsonl');
  writeFileSync(file, text);
  expect(await readSessionTail(file)).toEqual(expected);
});

test('a compressed recording has been over for long', async () => {
  expect(await readSessionTail(path.join(base, 'rollout.jsonl.zst'))).toEqual({ isOver: true });
});
