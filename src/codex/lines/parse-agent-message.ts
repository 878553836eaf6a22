import { asArray, asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import { parseContent } from './parse-content.js';
import type { RolloutEvent } from './rollout-event.js';

type Line = { readonly timeMs: number; readonly turnId?: string };

/**
 * What one agent says to another, as a response item (from about 0.150) or as a line of its own
 * (0.140). What a provider has encrypted is not content.
 */
export function parseAgentMessage(message: JsonObject, line: Line): RolloutEvent {
  const content = parseContent(message['content']);
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const task =
    message['trigger_turn'] === true
      ? text
      : text.match(/^Message Type: NEW_TASK\n[\s\S]*?\nPayload:\n([\s\S]+)$/)?.[1];
  return compact({
    ...line,
    kind: 'agent_message',
    author: asText(message['author']),
    task: asText(task),
    content: content.filter((part) => part.type !== 'other'),
  });
}

/** 0.120 and 0.128 put such messages into the context as JSON in the assistant's name. */
export function parseDisguisedMessage(item: JsonObject, line: Line): RolloutEvent | undefined {
  if (item['role'] !== 'assistant') return undefined;
  const [part, ...more] = asArray(item['content']);
  const text = asText(asObject(part)?.['text']);
  if (more.length > 0 || !text?.startsWith('{"author":"/')) return undefined;
  try {
    const message = asObject(JSON.parse(text));
    if (asText(message?.['recipient']) === undefined || typeof message?.['trigger_turn'] !== 'boolean') {
      return undefined;
    }
    return parseAgentMessage(message, line);
  } catch {
    return undefined;
  }
}
