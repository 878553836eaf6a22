import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import { collectModelCalls } from '../../src/turn/responses/model-calls.js';
import {
  argumentsText,
  assistantMessage,
  finishDraft,
  type ResponseDraft,
} from '../../src/turn/responses/response-draft.js';

const draft = (more: Partial<ResponseDraft> = {}): ResponseDraft => ({
  purpose: 'response',
  startMs: 10,
  endMs: 20,
  inputFrom: 0,
  inputTo: 1,
  texts: [],
  reasoning: [],
  toolCalls: [],
  open: false,
  early: false,
  ...more,
});

test.each([
  ['{"a":1}', 'function', '{"a":1}'],
  [{ a: 1 }, 'function', '{"a":1}'],
  [undefined, 'function', '{}'],
  [null, 'hosted', '{}'],
  ['text', 'custom', '{"input":"text"}'],
])('the arguments %j of a %s tool are the text %s', (input, form, text) => {
  expect(argumentsText(input, form)).toBe(text);
});

test('what the model said is one message', () => {
  const calls = [{ id: 'a', name: 'b', arguments: '{}' }];
  expect(assistantMessage(draft({ texts: ['a', 'b'], reasoning: ['c', 'd'], toolCalls: calls }))).toEqual({
    role: 'assistant',
    content: 'a\n\nb',
    reasoning: 'c\n\nd',
    toolCalls: calls,
  });
  expect(assistantMessage(draft())).toEqual({ role: 'assistant', content: '' });
});

test('a response has its id for a key, else its place, and an output where it said something', () => {
  expect(finishDraft(draft(), 3)).toEqual({
    key: 'response 3',
    purpose: 'response',
    outcome: 'completed',
    startMs: 10,
    endMs: 20,
    inputFrom: 0,
    inputTo: 1,
  });
  expect(finishDraft(draft({ responseId: 'r', model: 'm', endMs: 5 }), 0)).toMatchObject({
    key: 'r',
    responseId: 'r',
    model: 'm',
    endMs: 10,
  });
  for (const said of [
    { texts: ['x'] },
    { reasoning: ['x'] },
    { toolCalls: [{ id: 'a', name: 'b', arguments: '' }] },
  ])
    expect(finishDraft(draft(said), 0)).toHaveProperty('output');
});

describe('a summary that replaces the context', () => {
  let ms = 0;
  const event = (kind: string, more: object = {}) =>
    ({ kind, timeMs: ++ms, ...more }) as unknown as RolloutEvent;
  const usage = (responseId: string) =>
    event('token_usage_record', { responseId, usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } });
  const answer = (text: string) => event('message', { role: 'assistant', content: [{ type: 'text', text }] });
  const call = event('tool_call', { callId: 'c', name: 'exec_command', form: 'function', input: '{}' });
  const purposes = (...events: RolloutEvent[]) =>
    collectModelCalls(events, { startMs: 0, isQuoted: false }).modelCalls.map(({ purpose, model }) =>
      [purpose, model].filter(Boolean).join(' '),
    );
  const compacted = (more: object = {}) => event('compacted', { summary: 'short', ...more });

  test('is the response that it names', () => {
    const two = [answer('a'), usage('one'), answer('b'), usage('two')];
    expect(purposes(...two, compacted({ responseId: 'one' }))).toEqual(['compaction', 'response']);
    expect(purposes(...two, compacted({ responseId: 'two', model: 'm' }))).toEqual([
      'response',
      'compaction m',
    ]);
  });

  test('is the last response where it names none, if that said something and called nothing', () => {
    expect(purposes(answer('a'), usage('one'), answer('b'), usage('two'), compacted())).toEqual([
      'response',
      'compaction',
    ]);
    expect(purposes(answer('a'), call, usage('one'), compacted())).toEqual(['response']);
    expect(purposes(compacted())).toEqual([]);
  });

  test('is what the model is told from then on, after what the user has said in the turn', () => {
    const prompt = event('user_message', { content: [{ type: 'text', text: 'do it' }] });
    const events = [prompt, answer('a'), usage('one'), compacted(), answer('b'), usage('two')];
    const { transcript, modelCalls } = collectModelCalls(events, { startMs: 0, isQuoted: false });
    const told = transcript.slice(modelCalls[1]?.inputFrom, modelCalls[1]?.inputTo);
    expect(told.map(({ role, content }) => `${role}: ${content}`)).toEqual(['user: do it', 'user: short']);
  });
});
