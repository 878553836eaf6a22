import os from 'node:os';
import { expect } from '@jest/globals';
import type { StoredSpan, TraceInfo } from '../../scripts/lab/mlflow-rest.mjs';
import type { Served } from '../../scripts/lab/responses-api.mjs';
import { servedCalls, servedReasoning, servedText, sumUsage } from './served-turns.js';

export interface StoredTrace {
  info: TraceInfo;
  spans: StoredSpan[];
}

export interface ExpectedTurn {
  threadId: string;
  turnId: string;
  prompt: string;
  answer: string;
  /** What the scripted model served in this turn, in order. */
  served: readonly Served[];
  /** Ids of the responses that were summaries of the history, asked for by Codex itself. */
  compactions: ReadonlySet<string>;
}

/**
 * Compares a trace that MLflow stored with what the scripted model served in that turn: identity,
 * previews, tokens in sum and per response, outputs, and a TOOL span for each call.
 */
export function expectTraceOf(trace: StoredTrace, turn: ExpectedTurn): void {
  const { info, spans } = trace;
  expect(info.state).toBe('OK');
  expect(info.trace_metadata).toMatchObject({
    'mlflow.trace.session': turn.threadId,
    'mlflow.trace.user': os.userInfo().username,
  });
  expect(info.tags['mlflow.traceName']).toBe('codex');
  expect(info.request_preview).toBe(turn.prompt);
  expect(info.response_preview).toBe(turn.answer);
  expect(JSON.parse(info.trace_metadata['mlflow.trace.tokenUsage'] ?? '{}')).toEqual(sumUsage(turn.served));

  const root = rootOf(trace);
  expect(root.name).toBe('invoke_agent codex');
  expect(root.attributes).toMatchObject({
    'mlflow.spanType': 'AGENT',
    'codex.turn.id': turn.turnId,
    'codex.thread.id': turn.threadId,
    'codex.turn.outcome': 'completed',
    'gen_ai.conversation.id': turn.threadId,
  });
  expect(root.status.code).not.toBe('STATUS_CODE_ERROR');
  expect(root.attributes['mlflow.chat.tokenUsage']).toBeUndefined();

  expectResponses(trace, turn);
  for (const response of turn.served) expectCalls(trace, response);
  expectTimesNested(spans);
}

/** The only span without a parent. */
export function rootOf({ spans }: StoredTrace): StoredSpan {
  const roots = spans.filter((span) => span.parentSpanId === null);
  expect(roots).toHaveLength(1);
  return roots[0] as StoredSpan;
}

/** The spans of a type, in the order they started. */
export function spansOfType({ spans }: StoredTrace, type: 'AGENT' | 'LLM' | 'TOOL'): StoredSpan[] {
  return spans.filter((span) => span.attributes['mlflow.spanType'] === type);
}

/** The spans right below another. */
export function childrenOf({ spans }: StoredTrace, parent: StoredSpan): StoredSpan[] {
  return spans.filter((span) => span.parentSpanId === parent.spanId);
}

function expectResponses(trace: StoredTrace, turn: ExpectedTurn): void {
  const root = rootOf(trace);
  const llmSpans = spansOfType(trace, 'LLM');
  expect(llmSpans.map((span) => span.attributes['gen_ai.response.id'])).toEqual(
    turn.served.map((response) => response.responseId),
  );
  for (const [index, response] of turn.served.entries()) {
    const span = llmSpans[index] as StoredSpan;
    expect(span.parentSpanId).toBe(root.spanId);
    expect(span.name).toBe(`chat ${response.model}`);
    expect(span.attributes['mlflow.llm.model']).toBe(response.model);
    expect(span.attributes['mlflow.chat.tokenUsage']).toEqual(sumUsage([response]));
    expect(span.attributes['gen_ai.usage.reasoning.output_tokens'] ?? 0).toBe(response.usage?.reasoning);
    const isCompaction = turn.compactions.has(response.responseId);
    expect(span.attributes['codex.request.kind']).toBe(isCompaction ? 'compaction' : undefined);
    if (isCompaction) continue;
    const { messages } = span.attributes['mlflow.spanInputs'];
    expect(messages).toContainEqual(expect.objectContaining({ role: 'user', content: turn.prompt }));
    // Every earlier call of the turn and its result is part of what the model was asked.
    const earlier = turn.served.slice(0, index).flatMap(servedCalls);
    for (const call of earlier) {
      expect(messages).toContainEqual(expect.objectContaining({ role: 'tool', tool_call_id: call.id }));
    }
    expectOutput(span, response);
  }
}

function expectOutput(span: StoredSpan, response: Served): void {
  const [choice] = span.attributes['mlflow.spanOutputs'].choices;
  expect(choice.message.role).toBe('assistant');
  expect(choice.message.content ?? '').toBe(servedText(response));
  for (const part of servedReasoning(response)) expect(choice.message.reasoning).toContain(part);
  const calls = servedCalls(response);
  const seen = (choice.message.tool_calls ?? []).filter(({ id }: { id: string }) =>
    calls.some((call) => call.id === id),
  );
  expect(seen).toHaveLength(calls.length);
  for (const [index, call] of calls.entries()) {
    const { name, arguments: args } = seen[index].function;
    expect({ id: seen[index].id, name }).toEqual({ id: call.id, name: call.name });
    const sent = call.isFunction ? JSON.parse(call.arguments) : { input: call.arguments };
    expect(JSON.parse(args)).toEqual(sent);
  }
  expect(choice.finish_reason).toBe(calls.length > 0 ? 'tool_calls' : 'stop');
}

function expectCalls(trace: StoredTrace, response: Served): void {
  const root = rootOf(trace);
  for (const call of servedCalls(response)) {
    const spans = trace.spans.filter((span) => span.attributes['gen_ai.tool.call.id'] === call.id);
    expect(spans).toHaveLength(1);
    const span = spans[0] as StoredSpan;
    expect(span.parentSpanId).toBe(root.spanId);
    expect(span.name).toBe(`execute_tool ${call.name}`);
    expect(span.attributes['mlflow.spanType']).toBe('TOOL');
    expect(span.attributes['mlflow.chat.tokenUsage']).toBeUndefined();
    const sent = call.isFunction ? JSON.parse(call.arguments) : { input: call.arguments };
    expect(span.attributes['mlflow.spanInputs'] ?? {}).toEqual(sent);
  }
}

/** Children lie inside their parents; half a millisecond is rounding. */
function expectTimesNested(spans: readonly StoredSpan[]): void {
  for (const span of spans) {
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    if (!parent) continue;
    expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs - 0.5);
    expect(span.endMs).toBeLessThanOrEqual(parent.endMs + 0.5);
  }
}
