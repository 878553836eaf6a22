// @ts-check
/**
 * The server-sent events of one scripted answer. What Codex reads of them: `output_item.done`
 * for the items, the deltas for its display, `response.completed` for usage and the end.
 */

/** @typedef {import('./response-items.mjs').Item} Item */
/** @typedef {{ input: number, cached: number, cacheWrite: number, output: number, reasoning: number }} Usage tokens; cached and cacheWrite are part of input, reasoning is part of output */
/** @typedef {{ type: string } & Record<string, unknown>} StreamEvent */

/**
 * One answer of the scripted model. With none of `status`, `hang`, `drop`, `failed`, `incomplete`
 * it is a completed response.
 * @typedef {object} Reply
 * @property {Item[]} [items] what the response holds
 * @property {Partial<Usage>} [usage] overrides `usualUsage`
 * @property {number} [delayMs] before anything is sent
 * @property {number} [chunkSize] characters in one text delta
 * @property {number} [chunkDelayMs] between two text deltas
 * @property {number} [status] an HTTP error in place of a stream
 * @property {unknown} [json] a JSON body in place of a stream
 * @property {Record<string, string>} [headers] more response headers
 * @property {boolean} [hang] leave the stream open after the items
 * @property {number} [hangInItem] leave it open before item n (from 0) is done
 * @property {boolean} [drop] cut the connection after the items
 * @property {{ code: string, message: string }} [failed] end with `response.failed`
 * @property {string} [incomplete] end with `response.incomplete` for this reason
 */

/**
 * Usage of the n-th request (from 0) unless the script says otherwise: different for every
 * request, so that a wrong or doubled attribution shows in the sums.
 * @param {number} n
 * @returns {Usage}
 */
export function usualUsage(n) {
  return { input: 1000 + 100 * n, cached: 10 * n, cacheWrite: 0, output: 50 + n, reasoning: 5 + n };
}

/**
 * Usage as the API writes it.
 * @param {Usage} usage
 */
export function wireUsage(usage) {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

/**
 * The events of one item: added, its text in pieces, done.
 * @param {Item} item
 * @param {number} index its place in the response
 * @param {number} [chunkSize] characters in one text delta
 * @returns {StreamEvent[]}
 */
export function itemEvents(item, index, chunkSize) {
  const at = { item_id: item.id, output_index: index };
  return [
    { type: 'response.output_item.added', output_index: index, item: unfinished(item) },
    ...(item.type === 'message' ? textEvents(item, at, chunkSize) : []),
    ...(item.type === 'reasoning' ? summaryEvents(item, at) : []),
    { type: 'response.output_item.done', output_index: index, item },
  ];
}

/** @param {Item} item */
function unfinished(item) {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] };
  if (item.type === 'reasoning') return { ...item, summary: [] };
  return { ...item, status: 'in_progress' };
}

/** @param {Item} item @param {object} at @param {number | undefined} chunkSize @returns {StreamEvent[]} */
function textEvents(item, at, chunkSize) {
  const [part] = /** @type {{ text: string }[]} */ (item.content);
  const text = part?.text ?? '';
  const size = chunkSize ?? Math.max(24, Math.ceil(text.length / 40));
  const here = { ...at, content_index: 0 };
  const deltas = [];
  for (let i = 0; i < text.length; i += size) {
    deltas.push({ type: 'response.output_text.delta', ...here, delta: text.slice(i, i + size) });
  }
  return [
    { type: 'response.content_part.added', ...here, part: { ...part, text: '' } },
    ...deltas,
    { type: 'response.output_text.done', ...here, text },
    { type: 'response.content_part.done', ...here, part },
  ];
}

/** @param {Item} item @param {object} at @returns {StreamEvent[]} */
function summaryEvents(item, at) {
  return /** @type {{ text: string }[]} */ (item.summary).flatMap((part, i) => {
    const here = { ...at, summary_index: i };
    return [
      { type: 'response.reasoning_summary_part.added', ...here, part: { ...part, text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...here, delta: part.text },
      { type: 'response.reasoning_summary_text.done', ...here, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...here, part },
    ];
  });
}
