// @ts-check
/**
 * What a scripted model reads in Codex's request: the tools on offer and how far the turn is.
 *
 * Codex offers its tools in two ways. Classic (for instance `gpt-5.5`): one function per tool in
 * `tools`. Code mode (for instance `gpt-6.1-sol`, Codex 0.16x): a single tool `functions/exec`,
 * announced by an input item `additional_tools`, which takes JavaScript that calls the others.
 */
import { customCall, functionCall, localShellCall } from './response-items.mjs';

/** @typedef {import('./response-items.mjs').Item} Item */
/** @typedef {{ type?: string, name?: string, tools?: Tool[] } & Record<string, unknown>} Tool */
/** @typedef {{ type: string, role?: string, content?: unknown, output?: unknown, tools?: Tool[] } & Record<string, unknown>} InputItem */
/** @typedef {{ model?: string, input?: InputItem[], tools?: Tool[] } & Record<string, unknown>} RequestBody the body of POST /v1/responses */

/**
 * Names of all tools on offer, those of a namespace as `namespace/name`.
 * @param {RequestBody} body
 * @returns {string[]}
 */
export function toolNames(body) {
  return offeredTools(body).flatMap((tool) =>
    tool.type === 'namespace'
      ? (tool.tools ?? []).map((inner) => `${tool.name}/${inner.name}`)
      : [tool.name ?? tool.type ?? ''],
  );
}

/** @param {RequestBody} body @returns {Tool[]} */
function offeredTools(body) {
  const announced = (body.input ?? []).filter((item) => item.type === 'additional_tools');
  return [...(body.tools ?? []), ...announced.flatMap((item) => item.tools ?? [])];
}

/** @param {RequestBody} body */
export function isCodeMode(body) {
  return toolNames(body).includes('functions/exec');
}

/**
 * A shell command through whatever shell tool this request offers.
 * @param {RequestBody} body
 * @param {string} cmd
 * @param {Record<string, unknown>} [options] more arguments of `exec_command`, such as `yield_time_ms`
 * @returns {Item}
 */
export function shellCall(body, cmd, options = {}) {
  if (isCodeMode(body)) {
    return code(`const r = await tools.exec_command(${JSON.stringify({ cmd, ...options })});\ntext(r);`);
  }
  const names = toolNames(body);
  if (names.includes('exec_command')) return functionCall('exec_command', { cmd, ...options });
  if (names.includes('shell_command')) return functionCall('shell_command', { command: cmd });
  const argv = ['bash', '-lc', cmd];
  return names.includes('local_shell') ? localShellCall(argv) : functionCall('shell', { command: argv });
}

/**
 * Several shell commands of one response that run at the same time.
 * @param {RequestBody} body
 * @param {string[]} commands
 * @returns {Item[]}
 */
export function parallelShellCalls(body, commands) {
  if (!isCodeMode(body)) return commands.map((cmd) => shellCall(body, cmd));
  const list = JSON.stringify(commands);
  return [
    code(
      `const all = await Promise.all(${list}.map((cmd) => tools.exec_command({ cmd })));\nfor (const r of all) text(r);`,
    ),
  ];
}

/**
 * A file edit through whatever patch tool this request offers.
 * @param {RequestBody} body
 * @param {string[]} lines the patch without its `Begin Patch` and `End Patch` lines
 * @returns {Item}
 */
export function patchCall(body, lines) {
  const patch = ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
  if (isCodeMode(body)) return code(`text(await tools.apply_patch(${JSON.stringify(patch)}));`);
  const tool = offeredTools(body).find((offered) => offered.name === 'apply_patch');
  if (tool?.type === 'custom') return customCall('apply_patch', patch);
  if (tool) return functionCall('apply_patch', { input: patch });
  return shellCall(body, `apply_patch <<'EOP'\n${patch}\nEOP`);
}

/**
 * A plan update.
 * @param {RequestBody} body
 * @param {Record<string, unknown>} plan
 * @returns {Item}
 */
export function planCall(body, plan) {
  if (isCodeMode(body)) return code(`text(await tools.update_plan(${JSON.stringify(plan)}));`);
  return functionCall('update_plan', plan);
}

/**
 * A call of an MCP server's tool: in a namespace `mcp__SERVER` in Codex 0.16x, flat before.
 * @param {RequestBody} body
 * @param {string} server
 * @param {string} tool
 * @param {Record<string, unknown>} args
 * @returns {Item}
 */
export function mcpCall(body, server, tool, args) {
  const flat = `mcp__${server}__${tool}`;
  if (isCodeMode(body)) return code(`text(await tools.${flat}(${JSON.stringify(args)}));`);
  const names = toolNames(body);
  const spaced = names.find((name) => name.endsWith(`${server}/${tool}`));
  if (spaced) return functionCall(tool, args, spaced.split('/')[0]);
  // Behind `tool_search` an MCP server's tools are not listed, but can be called.
  if (names.includes('tool_search')) return functionCall(tool, args, `mcp__${server}`);
  return functionCall(names.find((name) => name.endsWith(`${server}__${tool}`)) ?? flat, args);
}

/**
 * A call of a tool by its plain name, in whatever way this request offers it. In code mode only some
 * tools are offered beside the script (`functions/request_user_input`, `collaboration/spawn_agent`).
 * @param {RequestBody} body
 * @param {string} name
 * @param {Record<string, unknown>} args
 * @returns {Item}
 */
export function toolCall(body, name, args) {
  const [namespace] =
    toolNames(body)
      .find((tool) => tool.endsWith(`/${name}`))
      ?.split('/') ?? [];
  if (isCodeMode(body) && !namespace) return code(`text(await tools.${name}(${JSON.stringify(args)}));`);
  return functionCall(name, args, namespace === 'functions' ? undefined : namespace);
}

/**
 * Code mode's only tool: JavaScript that calls the nested tools.
 * @param {string} source
 * @returns {Item}
 */
export function code(source) {
  return customCall('exec', source);
}

/** The items after the last user message: what this turn has done so far. @param {RequestBody} body */
export function turnSoFar(body) {
  const input = body.input ?? [];
  let start = input.length;
  while (start > 0 && !isUserMessage(input[start - 1])) start -= 1;
  return input.slice(start);
}

/** Outputs of tools since the last user message, oldest first. @param {RequestBody} body */
export function toolOutputs(body) {
  return turnSoFar(body).filter((item) => item.type.endsWith('_output'));
}

/**
 * How many batches of tool outputs came back since the last user message: 0 at a turn's first request.
 * @param {RequestBody} body
 */
export function round(body) {
  let rounds = 0;
  let inBatch = false;
  for (const item of turnSoFar(body)) {
    const isOutput = item.type.endsWith('_output');
    if (isOutput && !inBatch) rounds += 1;
    inBatch = isOutput;
  }
  return rounds;
}

/** The text of the last user message. @param {RequestBody} body */
export function lastUserText(body) {
  const last = (body.input ?? []).filter(isUserMessage).at(-1);
  const parts = Array.isArray(last?.content) ? last.content : [last?.content];
  return parts.map((part) => (typeof part === 'string' ? part : (part?.text ?? ''))).join('\n');
}

/** @param {InputItem | undefined} item */
function isUserMessage(item) {
  return item?.type === 'message' && item.role === 'user';
}
