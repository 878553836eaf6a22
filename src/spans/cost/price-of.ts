import type { TokenUsage } from '../../codex/lines/rollout-event.js';
import type { ModelPrices, Rates } from './model-prices.js';
import { priceTable } from './price-table.js';

/** A response's cost in US dollars, in the keys of MLflow's `mlflow.llm.cost` (3.10 and later). */
export interface LlmCost {
  readonly input_cost: number;
  readonly output_cost: number;
  readonly total_cost: number;
}

/** From here on OpenAI prices all of a request's tokens higher (MLflow's catalogue, `long_context`). */
const LONG_CONTEXT_TOKENS = 272_000;

/**
 * What one response cost, by MLflow's own price list: the same sum as the server's (3.17), but with the
 * service tier and a long context, which the server does not know.
 * @param provider Codex's name of the model provider; an unknown one is taken for a way to OpenAI's models
 * @param tier as Codex records it: `priority` (`fast`), `flex`; undefined and any other is the standard
 * @returns undefined for a model or a tier that the list has no price of
 */
export function priceOf(
  model: string | undefined,
  provider: string | undefined,
  usage: TokenUsage,
  tier?: string,
): LlmCost | undefined {
  const prices = model === undefined ? undefined : pricesOf(model, provider);
  const rates = prices && ratesFor(prices, usage, tier);
  if (!rates) return undefined;
  const [input, output, cacheRead = input, cacheWrite = input] = rates;
  const { cachedInputTokens, cacheWriteInputTokens } = usage;
  const plain = Math.max(0, usage.inputTokens - cachedInputTokens - cacheWriteInputTokens);
  const inputCost =
    (plain * input + cachedInputTokens * cacheRead + cacheWriteInputTokens * cacheWrite) / 1_000_000;
  const outputCost = (usage.outputTokens * output) / 1_000_000;
  return { input_cost: inputCost, output_cost: outputCost, total_cost: inputCost + outputCost };
}

/** Whether a response costs other than a model's usual prices: there the server's own sum is wrong. */
export function isPricedApart(usage: TokenUsage, tier: string | undefined): boolean {
  return tierOf(tier) !== 'standard' || usage.inputTokens > LONG_CONTEXT_TOKENS;
}

function pricesOf(model: string, provider: string | undefined): ModelPrices | undefined {
  const bare = model.slice(model.indexOf('/') + 1);
  const undated = bare.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  const { openai, azure, databricks } = priceTable();
  const lists = bare.startsWith('databricks-')
    ? [databricks]
    : /azure/i.test(provider ?? '')
      ? [azure, openai]
      : [openai];
  for (const list of lists) {
    const found = own(list, bare) ?? own(list, undated);
    if (found) return found;
  }
  return undefined;
}

function own<T>(record: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function ratesFor(prices: ModelPrices, usage: TokenUsage, tier: string | undefined): Rates | undefined {
  const named = tierOf(tier);
  const long = usage.inputTokens > LONG_CONTEXT_TOKENS ? prices.long : undefined;
  if (!long) return prices[named];
  // OpenAI serves no long context at priority: such a request is priced as any other.
  if (named !== 'flex') return long;
  const [standard, flex] = [prices.standard, prices.flex];
  return flex && (long.map((rate) => rate && (rate * flex[0]) / standard[0]) as unknown as Rates);
}

function tierOf(tier: string | undefined): 'standard' | 'priority' | 'flex' {
  if (tier === 'priority' || tier === 'fast') return 'priority';
  return tier === 'flex' ? 'flex' : 'standard';
}
