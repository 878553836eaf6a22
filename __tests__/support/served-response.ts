import type { Item } from '../../scripts/lab/response-items.mjs';
import type { Usage } from '../../scripts/lab/response-stream.mjs';
import type { Served } from '../../scripts/lab/responses-api.mjs';

/** A call the scripted model made. */
export interface ServedCall {
  id: string;
  name: string;
  /** The arguments of a function; `{input}` with the text of a custom tool. */
  input: unknown;
}

/** The texts of a response's messages, joined as one message. */
export function servedText(response: Served): string {
  return response.items
    .filter((item) => item.type === 'message')
    .map((item) => (item['content'] as { text: string }[])[0]?.text ?? '')
    .join('\n');
}

/** The reasoning summaries of a response, part by part. */
export function servedReasoning(response: Served): string[] {
  return response.items
    .filter((item) => item.type === 'reasoning')
    .flatMap((item) => (item['summary'] as { text: string }[]).map((part) => part.text));
}

/** The calls of a response that Codex has to answer. */
export function servedCalls(response: Served): ServedCall[] {
  return response.items.filter((item) => item.call_id !== undefined).map(toCall);
}

/** The sum of the usage of several responses, in MLflow's words. */
export function sumUsage(responses: readonly Served[]): Record<string, number> {
  const total = (pick: (usage: Usage) => number) =>
    responses.reduce((sum, { usage }) => sum + (usage ? pick(usage) : 0), 0);
  return withoutZeros({
    input_tokens: total((usage) => usage.input),
    output_tokens: total((usage) => usage.output),
    total_tokens: total((usage) => usage.input + usage.output),
    cache_read_input_tokens: total((usage) => usage.cached),
    cache_creation_input_tokens: total((usage) => usage.cacheWrite),
  });
}

function toCall(item: Item): ServedCall {
  const namespace = String(item['namespace'] ?? '');
  const isFunction = item.type === 'function_call';
  return {
    id: item.call_id ?? '',
    name: namespace.startsWith('mcp__') ? `${namespace}__${item['name']}` : String(item['name']),
    input: isFunction ? JSON.parse(String(item['arguments'])) : { input: item['input'] },
  };
}

function withoutZeros(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
