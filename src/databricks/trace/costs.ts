import type { TokenUsage } from '../../codex/lines/rollout-event.js';
import { asNumber, asObject, asText, type JsonObject } from '../../platform/json.js';
import { priceOf } from '../../spans/cost/price-of.js';
import {
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_LLM_COST,
  MLFLOW_LLM_MODEL,
  MLFLOW_LLM_PROVIDER,
} from '../../spans/mlflow-attributes.js';
import type { SpanSpec } from '../../spans/span-spec.js';

/**
 * The spans with what each model call cost, where the price list knows its model. MLflow's own server
 * works that out by itself; a workspace does not (MLflow's clients send it there, 3.17).
 */
export function withCosts(specs: readonly SpanSpec[]): SpanSpec[] {
  const tiers = new Map(
    specs.map(({ spanId, attributes }) => [spanId, asText(attributes['codex.service_tier'])]),
  );
  return specs.map((spec) => withCost(spec, tiers.get(spec.parentSpanId ?? '')));
}

/** @param tier the one that the turn's calls were served in, as its AGENT span has it */
function withCost(spec: SpanSpec, tier: string | undefined): SpanSpec {
  const { attributes } = spec;
  const usage = usageIn(attributes[MLFLOW_CHAT_TOKEN_USAGE]);
  if (usage === undefined || attributes[MLFLOW_LLM_COST] !== undefined) return spec;
  const cost = priceOf(
    asText(attributes[MLFLOW_LLM_MODEL]),
    asText(attributes[MLFLOW_LLM_PROVIDER]),
    usage,
    tier,
  );
  if (cost === undefined) return spec;
  return { ...spec, attributes: { ...attributes, [MLFLOW_LLM_COST]: JSON.stringify(cost) } };
}

function usageIn(text: unknown): TokenUsage | undefined {
  const usage = typeof text === 'string' ? parsed(text) : undefined;
  if (usage === undefined) return undefined;
  const tokens = (key: string) => asNumber(usage[key]) ?? 0;
  return {
    inputTokens: tokens('input_tokens'),
    cachedInputTokens: tokens('cache_read_input_tokens'),
    cacheWriteInputTokens: tokens('cache_creation_input_tokens'),
    outputTokens: tokens('output_tokens'),
    reasoningOutputTokens: 0,
    totalTokens: tokens('total_tokens'),
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
