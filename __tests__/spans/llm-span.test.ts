import { describe, expect, test } from '@jest/globals';
import { Conversation } from '../../src/spans/chat-json.js';
import { buildLlmSpan } from '../../src/spans/llm-span.js';
import type { SpanContext } from '../../src/spans/span-context.js';
import type { ModelCall, Turn } from '../../src/turn/turn.js';
import { contextOf, gateOf, modelCall, turnOf } from './turn-parts.js';

const parent = 'a'.repeat(16);
const transcript = [
  { role: 'user', content: 'do it' },
  { role: 'assistant', content: 'done' },
] as const;
const usage = {
  inputTokens: 1000,
  cachedInputTokens: 100,
  cacheWriteInputTokens: 10,
  outputTokens: 20,
  reasoningOutputTokens: 5,
  // More than the sum: what the provider says counts.
  totalTokens: 1025,
};

function llm(call: Partial<ModelCall>, turn: Partial<Turn> = {}, some: Partial<SpanContext> = {}) {
  const context = contextOf(some);
  return buildLlmSpan(
    modelCall(call),
    turnOf(turn),
    new Conversation(transcript, context.gate),
    parent,
    context,
  );
}

const meta = { threadId: 'thread', modelProvider: 'openai' } as unknown as NonNullable<SpanContext['meta']>;

/** What the span of a response says of which nothing is known. */
const always = {
  'mlflow.spanType': 'LLM',
  'gen_ai.operation.name': 'chat',
  'gen_ai.conversation.id': 'thread',
};

describe("a response's span", () => {
  test('says what was asked, what came, of which model, and what it took and cost', () => {
    const call = {
      responseId: 'resp',
      model: 'gpt-5.5',
      usage,
      timeToFirstTokenMs: 250,
      inputFrom: 0,
      inputTo: 1,
      output: transcript[1],
    };
    expect(llm(call, { serviceTier: 'priority' }, { meta })).toStrictEqual({
      name: 'chat gpt-5.5',
      kind: 'CLIENT',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      // The first 16 digits of the SHA-256 of `<trace id>:resp`.
      spanId: '1f2b730dcae00fd3',
      parentSpanId: parent,
      startMs: 2000,
      endMs: 3000,
      attributes: {
        ...always,
        'mlflow.spanInputs': '{"model":"gpt-5.5","messages":[{"role":"user","content":"do it"}]}',
        'mlflow.spanOutputs':
          '{"choices":[{"message":{"role":"assistant","content":"done"},"finish_reason":"stop"}]}',
        'mlflow.llm.model': 'gpt-5.5',
        'mlflow.llm.provider': 'openai',
        // gpt-5.5 at priority: 12.5, 75 and 1.25 dollars a million; (890 * 12.5 + 100 * 1.25 + 10 * 12.5 and 20 * 75) / 1e6.
        'mlflow.llm.cost': '{"input_cost":0.011375,"output_cost":0.0015,"total_cost":0.012875}',
        'mlflow.chat.tokenUsage':
          '{"input_tokens":1000,"output_tokens":20,"total_tokens":1025,"cache_read_input_tokens":100,"cache_creation_input_tokens":10}',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5.5',
        'gen_ai.response.id': 'resp',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.response.time_to_first_chunk': 0.25,
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.cache_read.input_tokens': 100,
        'gen_ai.usage.cache_creation.input_tokens': 10,
        'gen_ai.usage.reasoning.output_tokens': 5,
        'openai.request.service_tier': 'priority',
      },
      status: { code: 'UNSET' },
      events: [],
    });
  });

  test('of which nothing is known is known by its place in its thread’s turn', () => {
    expect(llm({ key: '7' })).toStrictEqual({
      name: 'chat',
      kind: 'CLIENT',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      // The first 16 digits of the SHA-256 of `<trace id>:thread:turn:7`.
      spanId: '5a4d473065de0954',
      parentSpanId: parent,
      startMs: 2000,
      endMs: 3000,
      attributes: always,
      status: { code: 'UNSET' },
      events: [],
    });
    const nameless = llm({}, {}, { identity: { threadId: '', turnKey: '1' } }).attributes;
    expect(nameless).not.toHaveProperty(['gen_ai.conversation.id']);
  });

  test('tells a sum of its tokens where Codex gave none, and no kind that there is none of', () => {
    const plain = {
      ...usage,
      cachedInputTokens: 0,
      cacheWriteInputTokens: 0,
      reasoningOutputTokens: 0,
      totalTokens: 0,
    };
    expect(llm({ usage: plain }).attributes).toStrictEqual({
      ...always,
      'mlflow.chat.tokenUsage': '{"input_tokens":1000,"output_tokens":20,"total_tokens":1020}',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 20,
    });
  });

  test('of a model without a name is asked all the same', () => {
    expect(llm({ inputTo: 2 }).attributes['mlflow.spanInputs']).toBe(
      '{"messages":[{"role":"user","content":"do it"},{"role":"assistant","content":"done"}]}',
    );
    expect(llm({ inputFrom: 1, inputTo: 2 }).attributes['mlflow.spanInputs']).toBe(
      '{"messages":[{"role":"assistant","content":"done"}]}',
    );
  });

  test('that came at once says so', () => {
    expect(llm({ timeToFirstTokenMs: 0 }).attributes['gen_ai.response.time_to_first_chunk']).toBe(0);
  });

  test('that is a summary of the history says so', () => {
    expect(llm({ purpose: 'compaction' }).attributes).toStrictEqual({
      ...always,
      'codex.request.kind': 'compaction',
    });
  });

  test('has nobody’s words where only metadata may leave', () => {
    const call = { inputTo: 1, output: transcript[1] };
    expect(llm(call, {}, { gate: gateOf({ mode: 'metadata' }) }).attributes).toStrictEqual({
      ...always,
      'gen_ai.response.finish_reasons': ['stop'],
    });
  });
});

describe('why a response ended', () => {
  const asks = (...ids: string[]) => ({
    role: 'assistant' as const,
    content: '',
    toolCalls: ids.map((id) => ({ id, name: 'look', arguments: '{}' })),
  });
  const reason = (call: Partial<ModelCall>) => {
    const { attributes } = llm(call, {}, { hostedCalls: new Set(['search']) });
    const said = JSON.parse(String(attributes['mlflow.spanOutputs'] ?? '{"choices":[{}]}')).choices[0];
    return [attributes['gen_ai.response.finish_reasons'], said.finish_reason];
  };

  test.each([
    ['for its end', { output: transcript[1] }, 'stop'],
    ['for a call that Codex answers', { output: asks('a') }, 'tool_calls'],
    ['for one of them beside a search', { output: asks('search', 'a') }, 'tool_calls'],
    ['with a search alone, which nobody here answers', { output: asks('search') }, 'stop'],
    ['for nothing that is known', {}, undefined],
    ['by an interrupt', { outcome: 'cut', output: asks('a') }, undefined],
  ] as [string, Partial<ModelCall>, string | undefined][])('%s', (_, call, expected) =>
    expect(reason(call)).toEqual([expected === undefined ? undefined : [expected], expected]),
  );

  test.each([
    [{ error: { message: 'no more of it', code: 'usage_limit' } }, 'usage_limit'],
    [{ error: { message: 'no more of it' } }, 'failed'],
    [{}, 'failed'],
  ])('by an error: %j, without its words', (turn, type) => {
    const { status, attributes } = llm({ outcome: 'failed' }, turn);
    expect({ status, attributes }).toStrictEqual({
      status: { code: 'ERROR', message: 'the request failed' },
      attributes: { ...always, 'error.type': type },
    });
  });

  test('by an interrupt is no error', () => {
    const { status, attributes } = llm({ outcome: 'cut' });
    expect({ status, attributes }).toStrictEqual({ status: { code: 'UNSET' }, attributes: always });
  });
});
