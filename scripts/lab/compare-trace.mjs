// @ts-check
/**
 * Compares what arrived at the OTLP receiver with what the scripted model served. Pure; says what is
 * wrong in words, nothing where all is well.
 */
/** @typedef {import('./otlp-decode.mjs').DecodedSpan} DecodedSpan */
/** @typedef {import('./responses-api.mjs').Served} Served */

/**
 * @param {readonly DecodedSpan[]} arrived all spans, in order
 * @param {readonly Served[]} served
 * @param {{ prompts: readonly string[], tellsCacheWrites: boolean }} expected
 *   prompts: what the user typed, turn by turn; tellsCacheWrites: this Codex records tokens written to
 *   the cache
 * @returns {string[]} what is wrong
 */
export function compareTraces(arrived, served, { prompts, tellsCacheWrites }) {
  const spans = arrived.filter((span, n) => !isReplaced(span, arrived.slice(n + 1)));
  const llms = spans.filter((span) => typeOf(span) === 'LLM');
  const tools = spans.filter((span) => typeOf(span) === 'TOOL');
  const roots = spans.filter((span) => span.parentSpanId === '');
  const completed = served.filter(({ end }) => end === 'completed');
  return [
    ...differences(
      'tokens',
      served.flatMap(({ usage }) =>
        usage ? [tokens(tellsCacheWrites ? usage : { ...usage, cacheWrite: 0 })] : [],
      ),
      llms.filter(({ attributes }) => 'mlflow.chat.tokenUsage' in attributes).map(tokensOf),
    ),
    ...missingCalls(completed, tools),
    ...missingAnswers(completed, llms),
    ...differences('prompt', prompts, roots.flatMap(promptsOf)),
    ...structure(spans, roots),
  ];
}

/**
 * A call whose command outlived its turn is told again when that has ended; MLflow replaces the span.
 * @param {DecodedSpan} span @param {readonly DecodedSpan[]} later
 */
function isReplaced(span, later) {
  return (
    span.attributes['codex.tool.running'] === true &&
    later.some(({ traceId, spanId }) => traceId === span.traceId && spanId === span.spanId)
  );
}

/** @param {readonly DecodedSpan[]} spans @param {readonly DecodedSpan[]} roots */
function structure(spans, roots) {
  const ids = spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`);
  const known = new Set(ids);
  const orphans = spans.filter(
    ({ traceId, parentSpanId }) => parentSpanId !== '' && !known.has(`${traceId} ${parentSpanId}`),
  );
  const skipped = spans.filter(({ attributes }) => 'codex.lines.skipped' in attributes);
  return [
    ...(known.size === ids.length ? [] : [`${ids.length - known.size} spans arrived twice`]),
    ...orphans.map(({ name }) => `${name} stands below nothing`),
    ...roots.filter(({ name }) => name !== 'invoke_agent codex').map(({ name }) => `${name} is a root`),
    ...skipped.map(({ attributes }) => `${attributes['codex.lines.skipped']} lines are not understood`),
  ];
}

/** @param {readonly Served[]} completed @param {readonly DecodedSpan[]} tools */
function missingCalls(completed, tools) {
  return completed.flatMap(({ items }) =>
    items.flatMap((item) => {
      if (item.call_id === undefined) return [];
      const found = tools.filter(({ attributes }) => attributes['gen_ai.tool.call.id'] === item.call_id);
      if (found.length !== 1) return [`call ${item['name']} has ${found.length} spans`];
      const name = found[0]?.attributes['gen_ai.tool.name'];
      // An MCP server's tool is told with its server.
      const isTold =
        name === item['name'] ||
        (/^mcp__.+__/.test(String(name)) && String(name).endsWith(`__${item['name']}`));
      return isTold ? [] : [`call ${item['name']} is told as ${name}`];
    }),
  );
}

/** @param {readonly Served[]} completed @param {readonly DecodedSpan[]} llms */
function missingAnswers(completed, llms) {
  const outputs = llms.map(({ attributes }) => String(attributes['mlflow.spanOutputs']));
  return completed.flatMap(({ items }) =>
    items
      .filter((item) => item.type === 'message')
      .map((item) =>
        JSON.stringify(/** @type {{ text: string }[]} */ (item['content'])[0]?.text ?? '').slice(1, -1),
      )
      .filter((text) => !outputs.some((output) => output.includes(text)))
      .map((text) => `answer "${text.slice(0, 40)}" is missing`),
  );
}

/** @param {string} what @param {readonly string[]} expected @param {readonly string[]} found */
function differences(what, expected, found) {
  const left = [...found];
  const missing = expected.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((one) => `${what} ${shown(one)} missing`),
    ...left.map((one) => `${what} ${shown(one)} too many`),
  ];
}

/** @param {string} text */
function shown(text) {
  return JSON.stringify(text.length > 50 ? `${text.slice(0, 50)}…` : text);
}

/** @param {NonNullable<Served['usage']>} usage */
function tokens({ input, cached, cacheWrite, output, reasoning }) {
  return `${input} in (${cached} cached, ${cacheWrite} written), ${output} out (${reasoning} reasoning)`;
}

/** @param {DecodedSpan} span */
function tokensOf({ attributes }) {
  /** @param {string} name */
  const count = (name) => Number(attributes[`gen_ai.usage.${name}`] ?? 0);
  return tokens({
    input: count('input_tokens'),
    cached: count('cache_read.input_tokens'),
    cacheWrite: count('cache_creation.input_tokens'),
    output: count('output_tokens'),
    reasoning: count('reasoning.output_tokens'),
  });
}

/** @param {DecodedSpan} root @returns {string[]} */
function promptsOf({ attributes }) {
  const inputs = attributes['mlflow.spanInputs'];
  if (inputs === undefined) return [];
  const { messages } = JSON.parse(String(inputs));
  return messages.map((/** @type {{ content: string }} */ { content }) => content);
}

/** @param {DecodedSpan} span */
function typeOf({ attributes }) {
  return attributes['mlflow.spanType'];
}
