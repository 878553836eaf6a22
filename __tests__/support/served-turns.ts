import type { Item } from '../../scripts/lab/response-items.mjs';
import type { Usage } from '../../scripts/lab/response-stream.mjs';
import type { Served } from '../../scripts/lab/responses-api.mjs';
import type { RecordedLine } from './traced-run.js';

/** A call the scripted model made. */
export interface ServedCall {
  id: string;
  name: string;
  /** The arguments as sent: JSON text of a function, plain text of a custom tool. */
  arguments: string;
  isFunction: boolean;
}

/**
 * Which responses belong to which turn, by Codex's own `token_usage_record` lines (0.169): turn id
 * to what was served, in order.
 */
export function servedByTurn(
  served: readonly Served[],
  recorded: readonly RecordedLine[],
): Map<string, Served[]> {
  const turns = new Map<string, Served[]>();
  for (const { type, payload } of recorded) {
    if (type !== 'token_usage_record') continue;
    const response = served.find(({ responseId }) => responseId === payload.response_id);
    if (!response) throw new Error(`${payload.response_id} was recorded but never served`);
    const turn = payload.turn_id ?? '';
    turns.set(turn, [...(turns.get(turn) ?? []), response]);
  }
  return turns;
}

/** The ids of the responses that were summaries of the history (0.169). */
export function compactionIds(recorded: readonly RecordedLine[]): Set<string> {
  const compactions = recorded.filter(({ type }) => type === 'compacted');
  return new Set(compactions.map(({ payload }) => String(payload['compaction_response_id'])));
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
  return {
    id: item.call_id ?? '',
    name: String(item['name']),
    arguments: String(item['arguments'] ?? item['input'] ?? ''),
    isFunction: item.type === 'function_call',
  };
}

function withoutZeros(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
