import { describe, expect, test } from '@jest/globals';
import { parsedLine } from './parsed-line.js';

/** What Codex told its user interface. Shapes: `EventMsg` in `codex-rs/protocol/src/protocol.rs`. */
const event = (type: string, more: object = {}) => parsedLine('event_msg', { type, ...more });
const completed = (item: object, more: object = {}) =>
  event('item_completed', { thread_id: 't', turn_id: 'u', item, ...more });
const of = { threadId: 't', turnId: 'u' };

describe('a turn', () => {
  test.each(['task_started', 'turn_started'])('begins with %s, which names its parent and root', (type) => {
    expect(event(type, { turn_id: 'u' })).toEqual({ kind: 'task_started', turnId: 'u' });
    const turn_attribution = { parent_turn_id: 'p', root_turn_id: 'r' };
    expect(event(type, { turn_attribution })).toMatchObject({ parentTurnId: 'p', rootTurnId: 'r' });
    expect(event(type, { turn_attribution, root_turn_id: 'q' })).toMatchObject({ rootTurnId: 'q' });
  });

  test.each(['task_complete', 'turn_complete'])('ends with %s', (type) => {
    expect(event(type)).toEqual({ kind: 'task_complete' });
    expect(
      event(type, { turn_id: 'u', last_agent_message: 'done', started_at: 5, time_to_first_token_ms: 70 }),
    ).toEqual({
      kind: 'task_complete',
      turnId: 'u',
      lastAgentMessage: 'done',
      tellsErrors: true,
      timeToFirstTokenMs: 70,
    });
    expect(event(type, { last_agent_message: null })).toEqual({
      kind: 'task_complete',
      lastAgentMessage: null,
    });
    expect(event(type, { last_agent_message: '' })).toMatchObject({ lastAgentMessage: '' });
  });

  test.each([
    [
      { message: 'too much', codex_error_info: 'usage_limit' },
      { message: 'too much', code: 'usage_limit' },
    ],
    [
      { message: 'cut', codex_error_info: { stream_cut: {} } },
      { message: 'cut', code: 'stream_cut' },
    ],
    [{ message: 'plain' }, { message: 'plain' }],
    [{ codex_error_info: 'nameless' }, undefined],
  ])('that failed names the error: %j', (error, expected) => {
    expect(event('task_complete', { error })['error']).toEqual(expected);
    expect(event('error', error)).toEqual({
      kind: 'error',
      ...(expected ?? { message: 'unknown error' }),
    });
  });

  test('is cut off with a reason', () => {
    expect(event('turn_aborted', { reason: 'interrupted' })).toEqual({
      kind: 'turn_aborted',
      reason: 'interrupted',
    });
  });

  test('is asked with words and pictures', () => {
    expect(event('user_message', { message: 'look', images: ['data:image/png;base64,AAAA', 5] })).toEqual({
      kind: 'user_message',
      content: [
        { type: 'image', mediaType: 'image/png', bytes: 3 },
        { type: 'text', text: 'look' },
      ],
    });
    expect(event('user_message', { message: 'look', local_images: ['/a/b.png', null] })).toEqual({
      kind: 'user_message',
      content: [
        { type: 'image', source: '/a/b.png' },
        { type: 'text', text: 'look' },
      ],
    });
    const content = [{ type: 'text', text: 'look at' }, { type: 'mention', name: 'notes' }, { type: 'x' }];
    expect(completed({ type: 'UserMessage', content })).toEqual({
      kind: 'user_message',
      ...of,
      content: [
        { type: 'text', text: 'look at' },
        { type: 'text', text: '@notes' },
        { type: 'other', kind: 'x' },
      ],
    });
  });

  test('may be planned, and reviewed', () => {
    expect(completed({ type: 'Plan', text: 'one, two' })).toEqual({ kind: 'plan', ...of, text: 'one, two' });
    expect(completed({ type: 'Plan' })).toMatchObject({ text: '' });
    const hint = { user_facing_hint: 'changes' };
    const target = { target: { instructions: 'all of it' } };
    expect(event('entered_review_mode', { ...hint, ...target })).toEqual({
      kind: 'review_mode',
      phase: 'entered',
      hint: 'changes',
    });
    expect(completed({ type: 'EnteredReviewMode', ...target })).toMatchObject({
      phase: 'entered',
      hint: 'all of it',
    });
    const review = { review_output: { overall_explanation: 'fine' } };
    expect(event('exited_review_mode', review)).toEqual({
      kind: 'review_mode',
      phase: 'exited',
      verdict: 'fine',
    });
    expect(completed({ type: 'ExitedReviewMode', ...review })).toMatchObject({ verdict: 'fine' });
  });
});

describe('a count of tokens', () => {
  const usage = { input_tokens: 5, output_tokens: 2, total_tokens: 7 };
  const info = { last_token_usage: usage, total_token_usage: { ...usage, total_tokens: 70 } };

  test('has the last response’s and the total, and how much of the limits is used up', () => {
    expect(event('token_count', { info })).toMatchObject({
      kind: 'token_count',
      last: { totalTokens: 7 },
      total: { totalTokens: 70 },
    });
    expect(event('token_count', { info })).not.toHaveProperty('usedPercent');
    const limits = (rate_limits: object) => event('token_count', { info, rate_limits })['usedPercent'];
    expect(limits({ primary: { used_percent: 12 }, secondary: null })).toEqual({ primary: 12 });
    expect(limits({ primary: null, secondary: { used_percent: 3.5 } })).toEqual({ secondary: 3.5 });
    expect(limits({ primary: null, secondary: null })).toBeUndefined();
  });

  test.each([
    [{ info: null }],
    [{ info: { last_token_usage: usage } }],
    [{ info: { total_token_usage: usage } }],
  ])('is none in %j', (more) => {
    expect(event('token_count', more)).toEqual({ kind: 'ignored', type: 'token_count' });
  });
});

describe('what a thread does with an agent', () => {
  const agent = { kind: 'started', agent_thread_id: 'a', agent_path: '/root/a' };
  const told = { kind: 'sub_agent', callId: 'c', activity: 'started', agentThreadId: 'a' };

  test('is told by an item, and up to about 0.150 by events', () => {
    expect(completed({ type: 'SubAgentActivity', id: 'c', ...agent })).toEqual({
      ...told,
      ...of,
      agentPath: '/root/a',
    });
    expect(event('sub_agent_activity', { event_id: 'c', ...agent })).toEqual({
      ...told,
      agentPath: '/root/a',
    });
    expect(event('collab_agent_spawn_end', { call_id: 'c', new_thread_id: 'a' })).toEqual(told);
    expect(event('collab_agent_interaction_end', { call_id: 'c', receiver_thread_id: 'a' })).toEqual({
      ...told,
      activity: 'interacted',
    });
    expect(completed({ type: 'SubAgentActivity', id: 'c', agent_thread_id: 'a' })).toMatchObject({
      activity: 'unknown',
    });
  });

  test('is nothing without the call or the agent', () => {
    const skipped = { kind: 'skipped', reason: 'unknown type', type: 'sub_agent' };
    expect(event('sub_agent_activity', agent)).toEqual(skipped);
    expect(event('sub_agent_activity', { event_id: 'c' })).toEqual(skipped);
    for (const half of [{ call_id: 'c' }, { new_thread_id: 'a' }])
      expect(event('collab_agent_spawn_end', half)).toEqual({
        kind: 'ignored',
        type: 'collab_agent_spawn_end',
      });
  });
});

test('the service tier is that of the thread’s settings', () => {
  expect(event('thread_settings_applied', { thread_settings: { service_tier: 'priority' } })).toEqual({
    kind: 'thread_settings',
    serviceTier: 'priority',
  });
  expect(event('thread_settings_applied', {})).toEqual({ kind: 'thread_settings' });
});

test.each(['AgentMessage', 'Reasoning', 'ContextCompaction', 'HookPrompt'])(
  'an item %s stands in other lines as well',
  (type) => {
    expect(completed({ type, id: 'i' })).toEqual({ kind: 'ignored', ...of, type });
  },
);

test.each([
  'agent_message',
  'agent_reasoning_section_break',
  'exec_command_begin',
  'agent_message_delta',
  'undo_completed',
  'mcp_startup_update',
  'item_started',
  'item_updated',
  'exec_approval_request',
  'request_user_input',
])('an event %s says nothing of a turn', (type) => {
  expect(event(type)).toEqual({ kind: 'ignored', type });
});

test.each(['hologram_shown', 'toString', 'my_agent_message', 'agent_messages'])(
  'an event %s is counted as unread',
  (type) => {
    expect(event(type)).toEqual({ kind: 'skipped', reason: 'unknown type', type });
  },
);
