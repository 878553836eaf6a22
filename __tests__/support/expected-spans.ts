import { expect } from '@jest/globals';
import type { Served } from '../../scripts/lab/responses-api.mjs';
import type { RecordedTurn } from './recorded-turns.js';
import { servedCalls, servedReasoning, servedText, sumUsage } from './served-response.js';
import { childrenOf, type SpanView, spansOfType } from './span-view.js';

/**
 * Compares the spans of one turn with what the scripted model served in it: identity, prompt and
 * answer, an LLM span for each response with exactly its tokens, a TOOL span for each call.
 * @param spans those of the whole trace
 * @param agent the turn's own AGENT span
 */
export function expectSpansOf(spans: readonly SpanView[], agent: SpanView, turn: RecordedTurn): void {
  expect(agent.attributes).toMatchObject({
    'mlflow.spanType': 'AGENT',
    'codex.turn.id': turn.turnId,
    'codex.thread.id': turn.threadId,
    'codex.turn.outcome': 'completed',
    'gen_ai.conversation.id': turn.threadId,
  });
  expect(agent.attributes['mlflow.spanOutputs']).toEqual({
    choices: [{ message: { role: 'assistant', content: turn.answer } }],
  });
  expect(agent.status.code).toBe('STATUS_CODE_UNSET');

  const llmSpans = spansOfType(childrenOf(spans, agent), 'LLM');
  expect(llmSpans.map((span) => span.attributes['gen_ai.response.id'])).toEqual(
    turn.served.map((response) => response.responseId),
  );
  for (const [index, response] of turn.served.entries()) {
    const span = llmSpans[index] as SpanView;
    expectTokens(span, response);
    const isCompaction = turn.compactions.has(response.responseId);
    expect(span.attributes['codex.request.kind']).toBe(isCompaction ? 'compaction' : undefined);
    if (isCompaction) continue;
    expectInput(span, turn, response);
    expectOutput(span, response);
    for (const call of servedCalls(response)) expectCall(spans, agent, call);
  }
  expectNested(spans, agent);
}

/** MLflow adds up what it finds: no other span may have tokens. */
export function expectTokensOnLlmSpansOnly(spans: readonly SpanView[]): void {
  for (const span of spans) {
    if (span.attributes['mlflow.spanType'] === 'LLM') continue;
    expect(Object.keys(span.attributes).filter((key) => /token|usage|cost/i.test(key))).toEqual([]);
  }
}

function expectTokens(span: SpanView, response: Served): void {
  expect(span.name).toBe(`chat ${response.model}`);
  expect(span.attributes['mlflow.llm.model']).toBe(response.model);
  expect(span.attributes['mlflow.chat.tokenUsage']).toEqual(sumUsage([response]));
  expect(span.attributes['gen_ai.usage.input_tokens']).toBe(response.usage?.input);
  expect(span.attributes['gen_ai.usage.reasoning.output_tokens'] ?? 0).toBe(response.usage?.reasoning);
}

/** What the model was really asked: the prompt, and the results of those calls of this turn that Codex sent. */
function expectInput(span: SpanView, turn: RecordedTurn, response: Served): void {
  const messages: { role: string; content: string; tool_call_id?: string }[] =
    span.attributes['mlflow.spanInputs'].messages;
  for (const prompt of turn.prompts) {
    expect(messages).toContainEqual({ role: 'user', content: expect.stringContaining(prompt) });
  }
  const own = turn.served.flatMap(servedCalls).map(({ id }) => id);
  const sent = (response.request.input ?? [])
    .filter((item) => item.type.endsWith('_output'))
    .map((item) => String(item['call_id']))
    .filter((id) => own.includes(id));
  const shown = messages.filter(({ role }) => role === 'tool').map((message) => message.tool_call_id);
  expect(shown).toEqual(sent);
}

function expectOutput(span: SpanView, response: Served): void {
  const [choice] = span.attributes['mlflow.spanOutputs'].choices;
  expect(choice.message.role).toBe('assistant');
  expect(choice.message.content ?? '').toBe(servedText(response));
  for (const part of servedReasoning(response)) expect(choice.message.reasoning).toContain(part);
  const calls = servedCalls(response);
  expect((choice.message.tool_calls ?? []).filter(isIn(calls)).map(plainCall)).toEqual(
    calls.map(({ id, name, input }) => ({ id, name, input })),
  );
  expect(choice.finish_reason).toBe(calls.length > 0 ? 'tool_calls' : 'stop');
}

/** A search by the provider is listed too, but Codex has nothing to answer there. */
function isIn(calls: { id: string }[]): (call: { id: string }) => boolean {
  return ({ id }) => calls.some((call) => call.id === id);
}

function plainCall(call: { id: string; function: { name: string; arguments: string } }) {
  return { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) };
}

function expectCall(
  spans: readonly SpanView[],
  agent: SpanView,
  call: { id: string; name: string; input: unknown },
): void {
  const found = spans.filter((span) => span.attributes['gen_ai.tool.call.id'] === call.id);
  expect(found).toHaveLength(1);
  const span = found[0] as SpanView;
  expect(span.parentSpanId).toBe(agent.spanId);
  expect(span.name).toBe(call.name);
  expect(span.attributes['mlflow.spanType']).toBe('TOOL');
  expect(span.attributes['mlflow.spanInputs'] ?? {}).toEqual(call.input);
}

/** Children lie inside the turn, except subagents, which can outlive it; half a ms is rounding. */
function expectNested(spans: readonly SpanView[], agent: SpanView): void {
  for (const span of childrenOf(spans, agent)) {
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
    expect(span.startMs).toBeGreaterThanOrEqual(agent.startMs - 0.5);
    expect(span.endMs).toBeLessThanOrEqual(agent.endMs + 0.5);
  }
}
