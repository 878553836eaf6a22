import { describe, expect, test } from '@jest/globals';
import { parseRolloutLine } from '../../../src/codex/lines/parse-rollout-line.js';
import { parsedLine, TIME_MS } from './parsed-line.js';

describe('the time of a line', () => {
  const timeOf = (timestamp: unknown) =>
    parseRolloutLine(JSON.stringify({ timestamp, type: 'world_state', payload: {} })).timeMs;

  test.each([
    ['2026-11-25T00:00:00.000Z', TIME_MS],
    [TIME_MS, TIME_MS],
    [TIME_MS / 1000, TIME_MS],
    [100_000_000_000, 100_000_000_000],
    [99_999_999_999, 99_999_999_999_000],
    [1, 1000],
  ])('%j is %i', (told, expected) => {
    expect(timeOf(told)).toBe(expected);
  });

  test.each([[0], [-5], ['yesterday'], [null], [{}]])('is not told by %j', (told) => {
    expect(timeOf(told)).toBeNaN();
  });
});

describe('a line', () => {
  test('that is no JSON is skipped', () => {
    expect(parseRolloutLine('{"a')).toEqual({ kind: 'skipped', timeMs: Number.NaN, reason: 'not JSON' });
  });

  test.each([
    [{ payload: {} }, undefined],
    [{ type: 'hologram', payload: {} }, 'hologram'],
    [{ type: 'event_msg' }, 'event_msg'],
    [{ type: 'event_msg', payload: [] }, 'event_msg'],
    [[1], undefined],
    [7, undefined],
  ])('%j is skipped, with its type where it has one', (json, type) => {
    expect(parseRolloutLine(JSON.stringify(json))).toEqual({
      kind: 'skipped',
      timeMs: Number.NaN,
      reason: 'unknown type',
      ...(type === undefined ? {} : { type }),
    });
  });

  test.each(['world_state', 'inter_agent_communication_metadata', 'ghost_snapshot', 'retained_context'])(
    'of type %s says nothing of a turn',
    (type) => {
      expect(parsedLine(type, { a: 1 })).toEqual({ kind: 'ignored', type });
    },
  );

  test('belongs to the turn that it names, or that its metadata names', () => {
    const metadata = { internal_chat_message_metadata_passthrough: { turn_id: 'b' } };
    const turnOf = (more: object) => parsedLine('response_item', { type: 'reasoning', ...more })['turnId'];
    expect([turnOf({ turn_id: 'a', ...metadata }), turnOf(metadata), turnOf({})]).toEqual([
      'a',
      'b',
      undefined,
    ]);
  });
});

describe('the first line of a recording', () => {
  const meta = (payload: object) => parsedLine('session_meta', { id: 't', ...payload });

  test('tells of the thread, its Codex, its folder and its repository', () => {
    expect(
      meta({
        session_id: 's',
        parent_thread_id: 'p',
        forked_from_id: 'f',
        timestamp: '2026-11-25T00:00:00.000Z',
        cwd: 'file:///home/a%20b',
        cli_version: '0.171.0',
        originator: 'codex_exec',
        model_provider: 'openai',
        agent_path: '/root/a',
        agent_nickname: 'Ada',
        git: { branch: 'main', commit_hash: 'abc', repository_url: 'https://x.test/y' },
      }),
    ).toEqual({
      kind: 'session_meta',
      threadId: 't',
      sessionId: 's',
      parentThreadId: 'p',
      forkedFromId: 'f',
      startedMs: TIME_MS,
      cwd: '/home/a b',
      cliVersion: '0.171.0',
      originator: 'codex_exec',
      modelProvider: 'openai',
      agentPath: '/root/a',
      agentNickname: 'Ada',
      git: { branch: 'main', commitHash: 'abc', repositoryUrl: 'https://x.test/y' },
    });
  });

  test('may tell little, but not nothing', () => {
    expect(meta({})).toEqual({ kind: 'session_meta', threadId: 't' });
    expect(meta({ id: '' })).toEqual({ kind: 'skipped', reason: 'unknown type', type: 'session_meta' });
  });

  test.each([
    [{ subagent: 'review' }, { subagent: 'review' }],
    [{ subagent: { other: 'guardian' } }, { subagent: 'guardian' }],
    [{ subagent: { memory_consolidation: {} } }, { subagent: 'memory_consolidation' }],
    [
      { subagent: { thread_spawn: { parent_thread_id: 'p', agent_path: '/root/b', agent_nickname: 'Bob' } } },
      { subagent: 'thread_spawn', parentThreadId: 'p', agentPath: '/root/b', agentNickname: 'Bob' },
    ],
    ['cli', {}],
  ])('with the source %j is %j', (source, expected) => {
    expect(meta({ source })).toEqual({ kind: 'session_meta', threadId: 't', ...expected });
  });
});

describe('the settings of a turn', () => {
  const context = (payload: object) => parsedLine('turn_context', payload);

  test('are its model, effort, folder and permissions', () => {
    expect(
      context({
        turn_id: 'u',
        model: 'gpt-5.5',
        effort: 'high',
        cwd: 'file:///home/a',
        approval_policy: 'never',
        sandbox_policy: { type: 'read-only' },
      }),
    ).toEqual({
      kind: 'turn_context',
      turnId: 'u',
      model: 'gpt-5.5',
      effort: 'high',
      cwd: '/home/a',
      approvalPolicy: 'never',
      sandboxMode: 'read-only',
    });
    expect(context({})).toEqual({ kind: 'turn_context' });
  });

  test.each([
    ['danger-full-access', 'danger-full-access'],
    [{ type: 'read-only', mode: 'other' }, 'read-only'],
    [{ mode: 'workspace-write' }, 'workspace-write'],
  ])('name the sandbox as each version did: %j', (sandbox_policy, sandboxMode) => {
    expect(context({ sandbox_policy })).toMatchObject({ sandboxMode });
  });

  test('have the effort of the collaboration mode where they name none', () => {
    const collaboration_mode = { mode: 'plan', settings: { reasoning_effort: 'low' } };
    expect(context({ collaboration_mode })).toMatchObject({ effort: 'low' });
    expect(context({ collaboration_mode, effort: 'high' })).toMatchObject({ effort: 'high' });
  });
});

describe('tokens and summaries', () => {
  const usage = { input_tokens: 5, output_tokens: 2, total_tokens: 7 };
  const counted = { inputTokens: 5, outputTokens: 2, totalTokens: 7 };

  test('a record of tokens is of a response of a thread', () => {
    expect(
      parsedLine('token_usage_record', { thread_id: 't', turn_id: 'u', response_id: 'r', usage }),
    ).toMatchObject({
      kind: 'token_usage_record',
      threadId: 't',
      turnId: 'u',
      responseId: 'r',
      usage: counted,
    });
    expect(parsedLine('token_usage_record', { usage })).not.toHaveProperty('responseId');
    expect(parsedLine('token_usage_record', { response_id: 'r' })).toEqual({
      kind: 'skipped',
      reason: 'unknown type',
      type: 'token_usage_record',
    });
  });

  test('a compaction has its summary, and which response of which model that is', () => {
    expect(
      parsedLine('compacted', {
        message: 'short',
        compaction_response_id: 'r',
        resume_metadata: { previous_turn_settings: { model: 'm' } },
      }),
    ).toEqual({ kind: 'compacted', summary: 'short', responseId: 'r', model: 'm' });
    expect(parsedLine('compacted', {})).toEqual({ kind: 'compacted' });
  });
});
