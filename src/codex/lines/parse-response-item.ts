import { asArray, asObject, asString, asText, compact, type JsonObject } from '../../platform/json.js';
import { parseAgentMessage, parseDisguisedMessage } from './parse-agent-message.js';
import { parseContent } from './parse-content.js';
import type { RolloutEvent } from './rollout-event.js';

/** Items of the model's context that say nothing of a turn's course. */
const IGNORED = new Set(['ghost_snapshot', 'compaction_trigger', 'context_compaction']);

/**
 * A `response_item` line: what went into the model's context and came out of it.
 * Source: `codex-rs/protocol/src/models.rs` (ResponseItem), Codex 0.60 to 0.169.
 */
export function parseResponseItem(item: JsonObject, line: { timeMs: number; turnId?: string }): RolloutEvent {
  const type = asText(item['type']) ?? 'none';
  const id = asText(item['id']);
  switch (type) {
    case 'message':
      return (
        parseDisguisedMessage(item, line) ??
        compact({
          ...line,
          kind: 'message',
          role: asText(item['role']) ?? 'user',
          id,
          content: parseContent(item['content']),
        })
      );
    case 'reasoning':
      return compact({ ...line, kind: 'reasoning', id, text: reasoningText(item) });
    case 'additional_tools':
      return { ...line, kind: 'additional_tools', tools: asArray(item['tools']) };
    case 'agent_message':
      return parseAgentMessage(item, line);
    case 'compaction':
    case 'compaction_summary':
      return { ...line, kind: 'compaction_item' };
  }
  if (IGNORED.has(type)) return { ...line, kind: 'ignored', type };
  if (type.endsWith('_output')) return toolOutput(item, line);
  if (type.endsWith('_call')) return toolCall(type, item, line);
  return { ...line, kind: 'skipped', reason: 'unknown type', type };
}

/** Raw reasoning where the model gave it, the summaries otherwise. */
function reasoningText(item: JsonObject): string[] {
  const texts = (value: unknown) => asArray(value).flatMap((part) => asText(asObject(part)?.['text']) ?? []);
  const content = texts(item['content']);
  return content.length > 0 ? content : texts(item['summary']);
}

function toolCall(type: string, item: JsonObject, line: { timeMs: number; turnId?: string }): RolloutEvent {
  const hosted = item['call_id'] === undefined;
  // Up to 0.140 a web search has no id at all; `identifyCalls` gives it one.
  const callId = asText(item['call_id']) ?? asText(item['id']) ?? '';
  const named = type === 'function_call' || type === 'custom_tool_call';
  const input =
    type === 'function_call'
      ? item['arguments']
      : type === 'custom_tool_call'
        ? item['input']
        : (item['action'] ?? item['arguments'] ?? item['input'] ?? revisedPrompt(item));
  return compact({
    ...line,
    kind: 'tool_call',
    callId,
    name: (named ? asText(item['name']) : undefined) ?? type.replace(/_call$/, ''),
    namespace: asText(item['namespace']),
    // What has no call id of its own ran at the provider: nothing here answers it.
    form: type === 'custom_tool_call' ? 'custom' : hosted ? 'hosted' : 'function',
    input,
    status: asText(item['status']),
  });
}

/** All that an image generation at the provider tells of its input. */
function revisedPrompt(item: JsonObject): object | undefined {
  const revised = asText(item['revised_prompt']);
  return revised === undefined ? undefined : { revised_prompt: revised };
}

function toolOutput(item: JsonObject, line: { timeMs: number; turnId?: string }): RolloutEvent {
  const callId = asText(item['call_id']);
  if (!callId) return { ...line, kind: 'ignored', type: asText(item['type']) ?? 'output' };
  const output = item['output'] ?? item['tools'];
  // Codex before 0.80 wrote some outputs as {content, success}.
  const wrapped = asObject(output);
  const success = wrapped?.['success'];
  const body = wrapped ? (wrapped['content'] ?? JSON.stringify(wrapped)) : output;
  return compact({
    ...line,
    kind: 'tool_output',
    callId,
    content: asString(body) === undefined && !Array.isArray(body) ? [] : outputContent(body),
    success: typeof success === 'boolean' ? success : undefined,
  });
}

/** Parts of an unknown shape (a tool search's list of tools) are kept as JSON. */
function outputContent(body: unknown) {
  if (
    Array.isArray(body) &&
    body.some((part) => asText(asObject(part)?.['type'])?.match(/^(function|namespace|custom)$/))
  )
    return parseContent(JSON.stringify(body));
  return parseContent(body);
}
