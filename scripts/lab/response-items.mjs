// @ts-check
/**
 * Builders for the items of a Responses API answer, as Codex 0.60 to 0.171 take them.
 * Ids are unique within the process and say what they name.
 */

/** @typedef {{ type: string, id: string, call_id?: string } & Record<string, unknown>} Item one element of `response.output` */

let count = 0;

/**
 * A fresh id such as `call_0000000007`.
 * @param {string} prefix what the id names
 */
export function freshId(prefix) {
  count += 1;
  return `${prefix}_${process.pid.toString(16)}${count.toString(16).padStart(6, '0')}`;
}

/**
 * An assistant message; `phase` is Codex 0.16x's `commentary` or `final_answer`.
 * @param {string} text
 * @param {'commentary' | 'final_answer'} [phase]
 * @returns {Item}
 */
export function message(text, phase) {
  return {
    type: 'message',
    id: freshId('msg'),
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
    ...(phase ? { phase } : {}),
  };
}

/**
 * A function call; `namespace` is how Codex 0.169 names the tools of MCP servers and of agents.
 * @param {string} name
 * @param {Record<string, unknown>} args
 * @param {string} [namespace]
 * @returns {Item}
 */
export function functionCall(name, args, namespace) {
  return {
    type: 'function_call',
    id: freshId('fc'),
    call_id: freshId('call'),
    status: 'completed',
    name,
    arguments: JSON.stringify(args),
    ...(namespace ? { namespace } : {}),
  };
}

/**
 * A call whose argument is plain text: `apply_patch`, or code mode's `exec`.
 * @param {string} name
 * @param {string} input
 * @returns {Item}
 */
export function customCall(name, input) {
  return {
    type: 'custom_tool_call',
    id: freshId('ctc'),
    call_id: freshId('call'),
    status: 'completed',
    name,
    input,
  };
}

/**
 * A reasoning item. Real models send the reasoning itself only encrypted, beside a summary in parts.
 * @param {string[]} summary
 * @returns {Item}
 */
export function reasoning(summary) {
  return {
    type: 'reasoning',
    id: freshId('rs'),
    summary: summary.map((text) => ({ type: 'summary_text', text })),
    encrypted_content: `gAAAAA-${freshId('sealed')}`,
  };
}

/**
 * A web search that the provider itself has done.
 * @param {string} query
 * @returns {Item}
 */
export function webSearch(query) {
  return {
    type: 'web_search_call',
    id: freshId('ws'),
    status: 'completed',
    action: { type: 'search', query, queries: [query] },
  };
}

/**
 * The shell call of models with the built-in `local_shell` tool.
 * @param {string[]} command
 * @returns {Item}
 */
export function localShellCall(command) {
  return {
    type: 'local_shell_call',
    id: freshId('lsh'),
    call_id: freshId('call'),
    status: 'completed',
    action: { type: 'exec', command, timeout_ms: 10_000 },
  };
}

/**
 * A picture that the provider itself has made.
 * @param {string} revisedPrompt
 * @param {string} png base64
 * @returns {Item}
 */
export function picture(revisedPrompt, png) {
  return {
    type: 'image_generation_call',
    id: freshId('ig'),
    status: 'completed',
    revised_prompt: revisedPrompt,
    result: png,
  };
}
