import type { TokenUsage } from '../../codex/lines/rollout-event.js';
import { isPricedApart, priceOf } from './price-of.js';

/**
 * `mlflow.llm.cost` (MLflow 3.10 and later: JSON with `input_cost`, `output_cost`, `total_cost` in US
 * dollars) of a response that costs other than usual. MLflow's server (3.17) keeps a cost that is sent
 * and works it out itself where there is none, for which it knows neither tiers nor long contexts.
 */
export function costAttribute(
  model: string | undefined,
  provider: string | undefined,
  usage: TokenUsage | undefined,
  tier: string | undefined,
): string | undefined {
  if (!usage || !isPricedApart(usage, tier)) return undefined;
  const cost = priceOf(model, provider, usage, tier);
  return cost && JSON.stringify(cost);
}
