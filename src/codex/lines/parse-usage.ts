import { asNumber, asObject } from '../../platform/json.js';
import type { TokenUsage } from './rollout-event.js';

/** A usage object of Codex's, missing counts as 0; undefined where there is none. */
export function parseUsage(value: unknown): TokenUsage | undefined {
  const usage = asObject(value);
  if (!usage) return undefined;
  const count = (key: string) => Math.max(0, asNumber(usage[key]) ?? 0);
  return {
    inputTokens: count('input_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWriteInputTokens: count('cache_write_input_tokens'),
    outputTokens: count('output_tokens'),
    reasoningOutputTokens: count('reasoning_output_tokens'),
    totalTokens: count('total_tokens'),
  };
}
