import { describe, expect, test } from '@jest/globals';
import { parsedLine } from './parsed-line.js';

/** What went into the model's context and came out of it. Shapes: `ResponseItem` in `codex-rs/protocol/src/models.rs`. */
const item = (type: string, more: object = {}) => parsedLine('response_item', { type, ...more });
const text = (words: string) => ({ type: 'text', text: words });

test('a message has its role, its id and its words', () => {
  const content = [{ type: 'output_text', text: 'hi' }];
  expect(item('message', { role: 'assistant', id: 'm', content })).toEqual({
    kind: 'message',
    role: 'assistant',
    id: 'm',
    content: [text('hi')],
  });
  expect(item('message', { content: [] })).toEqual({ kind: 'message', role: 'user', content: [] });
});

test('reasoning is what the model thought, else the summaries of it', () => {
  const [content, summary] = [[{ text: 'raw' }, { text: 'more' }, {}], [{ text: 'short' }]];
  expect(item('reasoning', { id: 'r', content, summary })).toEqual({
    kind: 'reasoning',
    id: 'r',
    text: ['raw', 'more'],
  });
  expect(item('reasoning', { content: null, summary })).toEqual({ kind: 'reasoning', text: ['short'] });
  expect(item('reasoning', { content: [], summary: [] })).toEqual({ kind: 'reasoning', text: [] });
});

test('the tools that the model was given are as Codex defines them', () => {
  expect(item('additional_tools', { tools: [{ name: 'a' }] })).toEqual({
    kind: 'additional_tools',
    tools: [{ name: 'a' }],
  });
  expect(item('additional_tools')).toEqual({ kind: 'additional_tools', tools: [] });
});

test.each(['compaction', 'compaction_summary'])('a %s is a summary made by the provider', (type) => {
  expect(item(type)).toEqual({ kind: 'compaction_item' });
});

test.each(['ghost_snapshot', 'compaction_trigger', 'context_compaction'])('a %s says nothing', (type) => {
  expect(item(type)).toEqual({ kind: 'ignored', type });
});

test('an item of another kind is counted as unread', () => {
  expect(item('hologram')).toEqual({ kind: 'skipped', reason: 'unknown type', type: 'hologram' });
  expect(parsedLine('response_item', {})).toMatchObject({ type: 'none' });
});

describe('a call', () => {
  test.each<[string, object, object]>([
    [
      'function_call',
      { call_id: 'c', id: 'i', name: 'look', namespace: 'mcp__s', arguments: '{}', status: 'completed' },
      {
        callId: 'c',
        name: 'look',
        namespace: 'mcp__s',
        form: 'function',
        input: '{}',
        status: 'completed',
      },
    ],
    ['function_call', { call_id: 'c' }, { callId: 'c', name: 'function', form: 'function' }],
    [
      'custom_tool_call',
      { call_id: 'c', name: 'exec', input: 'text', arguments: 'no' },
      { callId: 'c', name: 'exec', form: 'custom', input: 'text' },
    ],
    [
      'local_shell_call',
      { call_id: 'c', name: 'no', action: { command: ['ls'] } },
      { callId: 'c', name: 'local_shell', form: 'function', input: { command: ['ls'] } },
    ],
    [
      'tool_search_call',
      { call_id: 'c', arguments: { q: 1 }, input: 'no' },
      { callId: 'c', name: 'tool_search', form: 'function', input: { q: 1 } },
    ],
    [
      'web_search_call',
      { id: 'w', action: { query: 'weather' } },
      { callId: 'w', name: 'web_search', form: 'hosted', input: { query: 'weather' } },
    ],
    ['web_search_call', { input: 'x' }, { callId: '', name: 'web_search', form: 'hosted', input: 'x' }],
    [
      'image_generation_call',
      { id: 'g', revised_prompt: 'a cat' },
      { callId: 'g', name: 'image_generation', form: 'hosted', input: { revised_prompt: 'a cat' } },
    ],
    ['image_generation_call', { id: 'g' }, { callId: 'g', name: 'image_generation', form: 'hosted' }],
  ])('%s %j', (type, payload, expected) => {
    expect(item(type, payload)).toEqual({ kind: 'tool_call', ...expected });
  });
});

describe('the output of a call', () => {
  const output = (more: object) => item('function_call_output', { call_id: 'c', ...more });
  const told = (...content: object[]) => ({ kind: 'tool_output', callId: 'c', content });

  test('is text, or parts', () => {
    expect(output({ output: 'done' })).toEqual(told(text('done')));
    expect(output({ output: '' })).toEqual(told());
    expect(output({ output: [{ type: 'input_text', text: 'a' }] })).toEqual(told(text('a')));
    expect(output({})).toEqual(told());
    expect(output({ output: 5 })).toEqual(told());
  });

  test('was wrapped with its success before 0.80', () => {
    expect(output({ output: { content: 'done', success: true } })).toEqual({
      ...told(text('done')),
      success: true,
    });
    expect(output({ output: { content: 'no', success: false } })).toMatchObject({ success: false });
    expect(output({ output: { content: 'done', success: 'yes' } })).toEqual(told(text('done')));
    expect(output({ output: { other: 1 } })).toEqual(told(text('{"other":1}')));
  });

  test('is kept as JSON where it lists tools', () => {
    for (const type of ['function', 'namespace', 'custom']) {
      const tools = [{ type, name: 'a' }];
      expect(item('tool_search_output', { call_id: 'c', tools })).toEqual(told(text(JSON.stringify(tools))));
    }
  });

  test('of no known call is left out', () => {
    expect(item('function_call_output', { output: 'x' })).toEqual({
      kind: 'ignored',
      type: 'function_call_output',
    });
  });
});
