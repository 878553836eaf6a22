import { expect, test } from '@jest/globals';
import { agentNameOf, isOwnHelper, isParentless } from '../../../src/codex/family/own-helpers.js';
import type { SessionMeta } from '../../../src/codex/lines/rollout-event.js';

const meta = (more: Partial<SessionMeta>): SessionMeta => ({
  kind: 'session_meta',
  timeMs: 0,
  threadId: 't',
  ...more,
});

test.each<[string, SessionMeta | undefined, boolean, boolean]>([
  ['no first line', undefined, false, false],
  ['a user’s', meta({}), false, false],
  ['an agent that a call started', meta({ subagent: 'thread_spawn' }), false, false],
  ['a review that a user asked for', meta({ subagent: 'review' }), false, false],
  ['a reviewer of approvals', meta({ subagent: 'guardian', parentThreadId: 'p' }), true, false],
  ['a compaction without a parent', meta({ subagent: 'compact' }), true, true],
])('a thread with %s is Codex’s own: %s', (_, first, isOwn, isAlone) => {
  expect([isOwnHelper(first), isParentless(first)]).toEqual([isOwn, isAlone]);
});

test.each<[SessionMeta | undefined, string | undefined]>([
  [undefined, undefined],
  [meta({ agentNickname: 'Ada' }), undefined],
  [meta({ subagent: 'guardian' }), 'guardian'],
  [meta({ subagent: 'thread_spawn' }), 'subagent'],
  [meta({ subagent: 'thread_spawn', agentNickname: 'Ada' }), 'Ada'],
  [meta({ subagent: 'thread_spawn', agentNickname: 'Ada', agentPath: '/root/a' }), '/root/a'],
])('an agent of %j is called %s', (first, name) => {
  expect(agentNameOf(first)).toBe(name);
});
