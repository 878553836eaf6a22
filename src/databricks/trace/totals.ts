import { asNumber, asObject } from '../../platform/json.js';
import { MLFLOW_CHAT_TOKEN_USAGE, MLFLOW_LLM_COST } from '../../spans/mlflow-attributes.js';
import type { SpanSpec } from '../../spans/span-spec.js';

/** The tokens of all spans together, as MLflow counts them; undefined where none has any. */
export function tokenUsageOf(specs: readonly SpanSpec[]): Record<string, number> | undefined {
  return sumOf(specs, MLFLOW_CHAT_TOKEN_USAGE);
}

/** What all spans cost together, in US dollars; undefined where no price is known. */
export function costOf(specs: readonly SpanSpec[]): Record<string, number> | undefined {
  return sumOf(specs, MLFLOW_LLM_COST);
}

/** Adds up the numbers of a JSON attribute, key by key. */
function sumOf(specs: readonly SpanSpec[], attribute: string): Record<string, number> | undefined {
  const sums = new Map<string, number>();
  for (const spec of specs) {
    for (const [key, value] of Object.entries(numbersIn(spec.attributes[attribute])))
      sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums.size === 0 ? undefined : Object.fromEntries(sums);
}

function numbersIn(text: unknown): Record<string, number> {
  if (typeof text !== 'string') return {};
  try {
    const entries = Object.entries(asObject(JSON.parse(text)) ?? {});
    return Object.fromEntries(
      entries.flatMap(([key, value]) => {
        const number = asNumber(value);
        return number === undefined ? [] : [[key, number]];
      }),
    );
  } catch {
    return {};
  }
}
