// @ts-check
/**
 * The calls by which a scripted model starts other agents and speaks to them. Codex has had two sets:
 * the first (`send_input`, 0.101 to 0.169) names an agent by its thread id, the second
 * (`followup_task`, 0.120 and later, behind `multi_agent_v2`) by a path such as `/root/alpha`.
 *
 * Every task in a script begins with `TASK-<name>`: an agent is known by the last task it was given.
 */
import { toolNames } from './request-reading.mjs';
import { functionCall } from './response-items.mjs';

/** @typedef {import('./request-reading.mjs').RequestBody} RequestBody */
/** @typedef {import('./response-items.mjs').Item} Item */

/**
 * The agent that asks, and how many batches of tool outputs it has had since it was given its task.
 * @param {RequestBody} body
 * @returns {{ agent: string, task: string, round: number }} the task's text after its name
 */
export function whoAsks(body) {
  const input = body.input ?? [];
  let agent = '';
  let task = '';
  let round = 0;
  let inBatch = false;
  for (const item of input) {
    const said = isSaid(item) ? JSON.stringify(item['content']).match(/TASK-(\w+)([^"\\]*)/) : null;
    if (said) {
      agent = said[1] ?? '';
      task = (said[2] ?? '').trim();
      round = 0;
    }
    const isOutput = item.type.endsWith('_output');
    if (isOutput && !inBatch) round += 1;
    inBatch = isOutput;
  }
  return { agent, task, round };
}

/**
 * Starts an agent.
 * @param {RequestBody} body
 * @param {string} name lower case
 * @param {string} task
 * @param {{ withHistory?: boolean }} [options] it sees what its parent has seen
 * @returns {Item}
 */
export function spawnCall(body, name, task, { withHistory = false } = {}) {
  const message = `TASK-${name} ${task}`;
  return agentCall(
    body,
    'spawn_agent',
    isSecondSet(body)
      ? { task_name: name, message, fork_turns: withHistory ? 'all' : 'none' }
      : { message, ...(withHistory ? { fork_context: true } : {}) },
  );
}

/**
 * Waits until one of the agents is done.
 * @param {RequestBody} body
 * @param {string[]} names
 * @returns {Item}
 */
export function waitCall(body, names) {
  if (isSecondSet(body)) return agentCall(body, 'wait_agent', { timeout_ms: 10_000 });
  const ids = names.map((name) => agentId(body, name));
  const tool = hasTool(body, 'wait_agent') ? 'wait_agent' : 'wait';
  return agentCall(body, tool, {
    [tool === 'wait' ? 'ids' : 'targets']: ids,
    timeout_ms: 10_000,
  });
}

/**
 * Gives an agent that is done another task, or one that works a word in between.
 * @param {RequestBody} body
 * @param {string} name
 * @param {string} text
 * @returns {Item}
 */
export function tellCall(body, name, text) {
  const message = `TASK-${name} ${text}`;
  if (isSecondSet(body)) return agentCall(body, 'followup_task', { target: name, message });
  return agentCall(body, 'send_input', { ...target(body, name), message });
}

/**
 * Ends an agent.
 * @param {RequestBody} body
 * @param {string} name
 * @returns {Item}
 */
export function closeCall(body, name) {
  if (!isSecondSet(body)) return agentCall(body, 'close_agent', target(body, name));
  const tool = hasTool(body, 'close_agent') ? 'close_agent' : 'interrupt_agent';
  return agentCall(body, tool, { target: name });
}

/** Whether this request offers any agents. @param {RequestBody} body */
export function hasAgents(body) {
  return hasTool(body, 'spawn_agent');
}

/** @param {RequestBody} body @param {string} name @param {Record<string, unknown>} args */
function agentCall(body, name, args) {
  const offered = toolNames(body).find((tool) => tool.endsWith(`/${name}`));
  return functionCall(name, args, offered?.split('/')[0]);
}

/** @param {RequestBody} body */
function isSecondSet(body) {
  return hasTool(body, 'followup_task');
}

/** @param {RequestBody} body @param {string} name */
function hasTool(body, name) {
  return toolNames(body).some((tool) => tool === name || tool.endsWith(`/${name}`));
}

/** `id` up to about 0.101, `target` since. @param {RequestBody} body @param {string} name */
function target(body, name) {
  const id = agentId(body, name);
  return hasTool(body, 'wait') ? { id } : { target: id };
}

/** The id that the call which spawned an agent was answered. @param {RequestBody} body @param {string} name */
function agentId(body, name) {
  const input = body.input ?? [];
  const spawn = input.find(
    (item) => item['name'] === 'spawn_agent' && String(item['arguments']).includes(`TASK-${name} `),
  );
  const output = input.find(
    (item) => item.type === 'function_call_output' && item['call_id'] === spawn?.['call_id'],
  );
  return JSON.stringify(output?.output)?.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/)?.[0] ?? 'none';
}

/**
 * What agents say to each other is an item of its own from 0.140 on, and before that JSON in the
 * assistant's name.
 * @param {import('./request-reading.mjs').InputItem} item
 */
function isSaid(item) {
  if (item.type === 'agent_message') return true;
  if (item.type !== 'message') return false;
  return item.role === 'user' || /"trigger_turn\\*":true/.test(JSON.stringify(item.content));
}
