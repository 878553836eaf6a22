import { describe, expect, test } from '@jest/globals';
import { parsedLine, TIME_MS } from './parsed-line.js';

/** What really ran. Shapes: `codex-rs/protocol/src/items.rs` (0.169), and the `*_end` events of `protocol.rs` up to 0.140. */
const item = (payload: object, more: object = {}) =>
  parsedLine('event_msg', {
    type: 'item_completed',
    item: { id: 'i', status: 'completed', ...payload },
    ...more,
  });
const ended = (type: string, more: object = {}) => parsedLine('event_msg', { type, call_id: 'i', ...more });
const run = { kind: 'tool_item', id: 'i' };
const done = { ...run, status: 'completed' };

describe('an item', () => {
  test('has the tool’s own times', () => {
    const times = { started_at_ms: TIME_MS - 50, completed_at_ms: TIME_MS - 10 };
    expect(item({ type: 'ImageView', path: '/a.png' }, times)).toEqual({
      ...done,
      name: 'view_image',
      input: { path: '/a.png' },
      startMs: TIME_MS - 50,
      endMs: TIME_MS - 10,
    });
  });

  test.each<[string, object, object]>([
    [
      'CommandExecution',
      { command: ['ls'], cwd: 'file:///a', aggregated_output: 'x', exit_code: 2, process_id: '7' },
      {
        name: 'exec_command',
        input: { command: ['ls'], cwd: '/a' },
        output: { output: 'x' },
        exitCode: 2,
        processId: '7',
      },
    ],
    [
      'FileChange',
      { changes: { a: {} }, stdout: 'ok', stderr: 'hm' },
      { name: 'apply_patch', input: { changes: { a: {} } }, output: { output: 'ok', stderr: 'hm' } },
    ],
    [
      'WebSearch',
      { query: 'weather', action: { type: 'search' }, results: ['sun'] },
      { name: 'web_search', input: { query: 'weather', action: { type: 'search' } }, output: ['sun'] },
    ],
    [
      'ImageGeneration',
      { revised_prompt: 'a cat', result: 'AAAA', saved_path: 'file:///c.png', failure: { message: 'no' } },
      {
        name: 'image_generation',
        input: { revised_prompt: 'a cat' },
        output: { output: 'AAAA', saved_path: '/c.png' },
        error: 'no',
      },
    ],
    ['CollabAgentToolCall', { tool: 'spawn_agent' }, { name: 'spawn_agent' }],
    ['CollabAgentToolCall', {}, { name: 'collab' }],
    [
      'CrystalBall2Look',
      { question: 'why', result: 'hazy', exit_code: 1, error: 'no sight' },
      {
        name: 'crystal_ball2_look',
        input: { question: 'why', result: 'hazy', exit_code: 1, error: 'no sight' },
        output: 'hazy',
        exitCode: 1,
        error: 'no sight',
      },
    ],
    [
      'CrystalBall',
      { tool: 'look', arguments: { q: 1 }, output: 'hazy' },
      { name: 'look', input: { q: 1 }, output: 'hazy' },
    ],
  ])('of the type %s is a tool’s run: %j', (type, payload, expected) => {
    expect(item({ type, ...payload })).toEqual({ ...done, ...expected });
  });

  test('without an id or a type is counted as unread', () => {
    expect(item({ type: 'WebSearch', id: '' })).toEqual({
      kind: 'skipped',
      reason: 'unknown type',
      type: 'WebSearch',
    });
    expect(item({})).toMatchObject({ name: 'unknown' });
  });
});

describe('an MCP tool’s run', () => {
  const mcp = (more: object) => item({ type: 'McpToolCall', server: 's', tool: 't', ...more });
  const named = { ...done, name: 't', namespace: 'mcp__s' };

  test('has the texts of its result, pictures as data, and what is structured', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'image', data: 'AAAA', mimeType: 'image/gif' },
      { type: 'image', data: 'AAAA', mime_type: 'image/webp' },
      { type: 'image', data: 'AAAA' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'resource', resource: { text: 'b' } },
      { type: 'nothing' },
    ];
    expect(mcp({ arguments: { x: 1 }, result: { content, structuredContent: { y: 2 } } })).toEqual({
      ...named,
      input: { x: 1 },
      output: {
        output: [
          'a',
          'data:image/gif;base64,AAAA',
          'data:image/webp;base64,AAAA',
          'data:image/png;base64,AAAA',
          '[audio/wav]',
          'b',
        ].join('\n'),
        structured_content: { y: 2 },
      },
    });
    expect(mcp({ result: { structured_content: 3 } })).toMatchObject({ output: { structured_content: 3 } });
    expect(mcp({ result: { content: [], structuredContent: null } })).toEqual({ ...named, output: {} });
  });

  test.each([
    [{ error: { message: 'gone' }, result: { isError: true } }, 'gone'],
    [{ error: 'gone' }, 'gone'],
    [{ result: { isError: true } }, 'the MCP tool reported an error'],
    [{ result: { is_error: true } }, 'the MCP tool reported an error'],
    [{ result: { isError: false } }, undefined],
  ])('has failed where %j', (more, error) => {
    expect(mcp(more)['error']).toBe(error);
  });

  test('of a nameless server or tool is there', () => {
    expect(item({ type: 'McpToolCall' })).toEqual({ ...done, name: 'mcp', output: {} });
  });

  test('is told by its invocation and Ok or Err up to 0.140', () => {
    const invocation = { server: 's', tool: 't', arguments: { x: 1 } };
    const result = { Ok: { content: [{ type: 'text', text: 'a' }] } };
    expect(ended('mcp_tool_call_end', { invocation, result })).toMatchObject({
      ...run,
      name: 't',
      namespace: 'mcp__s',
      input: { x: 1 },
      output: { output: 'a' },
    });
    expect(ended('mcp_tool_call_end', { invocation, result: { Err: 'gone' } })).toMatchObject({
      error: 'gone',
    });
  });
});

describe('an event of a tool’s end (up to 0.140)', () => {
  const times = { duration: { secs: 2, nanos: 500_000_000 } };
  const timed = { ...run, startMs: TIME_MS - 2500, endMs: TIME_MS };

  test.each<[string, object, object]>([
    [
      'exec_command_end',
      { command: ['ls'], cwd: '/a', aggregated_output: 'both', stdout: 'one', exit_code: 3 },
      {
        name: 'exec_command',
        input: { command: ['ls'], cwd: '/a' },
        output: { output: 'both' },
        exitCode: 3,
      },
    ],
    ['exec_command_end', { stdout: 'one' }, { name: 'exec_command', input: {}, output: { output: 'one' } }],
    [
      'patch_apply_end',
      { changes: { a: {} }, stdout: 'ok', stderr: 'hm', success: true },
      { name: 'apply_patch', input: { changes: { a: {} } }, output: { output: 'ok', stderr: 'hm' } },
    ],
    ['patch_apply_end', { success: false }, { name: 'apply_patch', status: 'failed', input: {}, output: {} }],
    [
      'patch_apply_end',
      { success: false, status: 'declined' },
      { name: 'apply_patch', status: 'declined', input: {}, output: {} },
    ],
  ])('%s tells when it began: %j', (type, payload, expected) => {
    expect(ended(type, { ...times, ...payload })).toEqual({ ...timed, ...expected });
  });

  test.each<[string, object, object]>([
    [
      'web_search_end',
      { query: 'weather', action: { type: 'search' } },
      { name: 'web_search', input: { query: 'weather', action: { type: 'search' } } },
    ],
    ['view_image_tool_call', { path: '/a.png' }, { name: 'view_image', input: { path: '/a.png' } }],
    [
      'image_generation_end',
      { revised_prompt: 'a cat', result: 'AAAA', saved_path: '/c.png' },
      {
        name: 'image_generation',
        input: { revised_prompt: 'a cat' },
        output: { output: 'AAAA', saved_path: '/c.png' },
      },
    ],
  ])('%s has no time of its own: %j', (type, payload, expected) => {
    expect(ended(type, payload)).toEqual({ ...run, ...expected });
  });

  test('without a duration tells when it was over', () => {
    for (const duration of [undefined, { secs: 1 }, { nanos: 1 }]) {
      const told = ended('exec_command_end', { duration });
      expect([told['endMs'], told['startMs']]).toEqual([TIME_MS, undefined]);
    }
  });

  test('without the call’s id is none', () => {
    expect(ended('exec_command_end', { call_id: '' })).toMatchObject({ kind: 'skipped' });
    expect(ended('web_search_end', { call_id: undefined })).toMatchObject({ kind: 'skipped' });
    expect(ended('image_generation_end', { call_id: undefined })).toMatchObject({ kind: 'ignored' });
  });
});

test('a folder that is no well-formed URL is kept as it stands', () => {
  const cwdOf = (cwd: string) => item({ type: 'CommandExecution', cwd })['input'];
  expect([cwdOf('file:///a%20b'), cwdOf('file:///a%2'), cwdOf('/a%20b')]).toEqual([
    { cwd: '/a b' },
    { cwd: '/a%2' },
    { cwd: '/a%20b' },
  ]);
});

test('a folder on a drive of Windows is written as Windows has it', () => {
  const { cwd } = item({ type: 'CommandExecution', cwd: 'file:///C:/Users/ada%20l/app' })['input'] as {
    cwd: string;
  };
  expect(cwd).toBe('C:\\Users\\ada l\\app');
});
