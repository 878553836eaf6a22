import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  ATTR_OPENAI_REQUEST_SERVICE_TIER,
} from '@opentelemetry/semantic-conventions/incubating';
import type { TokenUsage } from '../codex/lines/rollout-event.js';
import { compact } from '../platform/json.js';
import type { ModelCall, Turn } from '../turn/turn.js';
import { type Conversation, chatMessage } from './chat-json.js';
import type { ContentGate } from './content.js';
import { costAttribute } from './cost/cost-attribute.js';
import { agentKey, spanIdOf } from './ids.js';
import {
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_LLM_COST,
  MLFLOW_LLM_MODEL,
  MLFLOW_LLM_PROVIDER,
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
  MLFLOW_SPAN_TYPE,
} from './mlflow-attributes.js';
import type { SpanContext } from './span-context.js';
import type { SpanSpec } from './span-spec.js';

/** The LLM span of one model response, or of a request that brought none. */
export function buildLlmSpan(
  call: ModelCall,
  turn: Turn,
  conversation: Conversation,
  parentSpanId: string,
  context: SpanContext,
): SpanSpec {
  const { gate, meta } = context;
  const key = call.responseId ?? `${agentKey(context.identity)}:${call.key}`;
  const finishReason = finishReasonOf(call, context);
  const failed = call.outcome === 'failed';
  return {
    name: call.model === undefined ? 'chat' : `chat ${call.model}`,
    kind: 'CLIENT',
    traceId: context.traceId,
    spanId: spanIdOf(context.traceId, key, context.digest),
    parentSpanId,
    startMs: call.startMs,
    endMs: call.endMs,
    attributes: compact({
      [MLFLOW_SPAN_TYPE]: 'LLM',
      [MLFLOW_SPAN_INPUTS]: inputsOf(call, conversation, gate),
      [MLFLOW_SPAN_OUTPUTS]: outputsOf(call, finishReason, gate),
      [MLFLOW_LLM_MODEL]: call.model,
      [MLFLOW_LLM_PROVIDER]: meta?.modelProvider,
      [MLFLOW_LLM_COST]: costAttribute(call.model, meta?.modelProvider, call.usage, turn.serviceTier),
      [MLFLOW_CHAT_TOKEN_USAGE]: call.usage ? JSON.stringify(mlflowUsage(call.usage)) : undefined,
      [ATTR_GEN_AI_OPERATION_NAME]: 'chat',
      [ATTR_GEN_AI_PROVIDER_NAME]: meta?.modelProvider,
      [ATTR_GEN_AI_CONVERSATION_ID]: context.identity.threadId || undefined,
      [ATTR_GEN_AI_REQUEST_MODEL]: call.model,
      [ATTR_GEN_AI_RESPONSE_ID]: call.responseId,
      [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: finishReason === undefined ? undefined : [finishReason],
      [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]:
        call.timeToFirstTokenMs === undefined ? undefined : call.timeToFirstTokenMs / 1000,
      ...(call.usage ? genAiUsage(call.usage) : {}),
      [ATTR_OPENAI_REQUEST_SERVICE_TIER]: turn.serviceTier,
      'codex.request.kind': call.purpose === 'compaction' ? 'compaction' : undefined,
      [ATTR_ERROR_TYPE]: failed ? (turn.error?.code ?? 'failed') : undefined,
    }),
    status: failed ? { code: 'ERROR', message: 'the request failed' } : { code: 'UNSET' },
    events: [],
  };
}

/** Not recorded; it follows from the items: calls that Codex must answer, or an end. */
function finishReasonOf(call: ModelCall, { hostedCalls }: SpanContext): string | undefined {
  if (call.outcome !== 'completed' || !call.output) return undefined;
  return call.output.toolCalls?.some(({ id }) => !hostedCalls.has(id)) ? 'tool_calls' : 'stop';
}

function inputsOf(call: ModelCall, conversation: Conversation, gate: ContentGate): string | undefined {
  if (!gate.open) return undefined;
  const messages = conversation.slice(call.inputFrom, call.inputTo);
  if (messages === '[]') return undefined;
  const model = call.model === undefined ? '' : `"model":${JSON.stringify(gate.label(call.model))},`;
  return `{${model}"messages":${messages}}`;
}

function outputsOf(call: ModelCall, finishReason: string | undefined, gate: ContentGate): string | undefined {
  if (!gate.open || !call.output) return undefined;
  return JSON.stringify({
    choices: [compact({ message: chatMessage(call.output, gate), finish_reason: finishReason })],
  });
}

/** `input_tokens` includes the cached ones, as Codex and MLflow both count. */
function mlflowUsage(usage: TokenUsage): object {
  return compact({
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens || usage.inputTokens + usage.outputTokens,
    cache_read_input_tokens: usage.cachedInputTokens || undefined,
    cache_creation_input_tokens: usage.cacheWriteInputTokens || undefined,
  });
}

function genAiUsage(usage: TokenUsage): object {
  return {
    [ATTR_GEN_AI_USAGE_INPUT_TOKENS]: usage.inputTokens,
    [ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: usage.outputTokens,
    [ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: usage.cachedInputTokens || undefined,
    [ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]: usage.cacheWriteInputTokens || undefined,
    [ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: usage.reasoningOutputTokens || undefined,
  };
}
