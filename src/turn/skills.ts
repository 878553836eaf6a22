import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import { textOf } from './chat-message.js';
import type { ToolCall } from './turn.js';

/**
 * The skills a turn used, by name: those the user named, whose text Codex puts into the context
 * (`<skill><name>…`, 0.80 and later), and those whose `SKILL.md` the model read by itself.
 */
export function skillsOf(events: readonly RolloutEvent[], calls: readonly ToolCall[]): string[] {
  const given = events.flatMap((event) => {
    if (event.kind !== 'message' || event.role !== 'user') return [];
    const text = textOf(event.content);
    if (!text.startsWith('<skill>')) return [];
    const name = text.match(/^<skill>\s*<name>([^<\n]{1,100})<\/name>/)?.[1];
    return name === undefined ? [] : [name.trim()];
  });
  return [...new Set([...given, ...calls.flatMap(readBy)])];
}

function readBy(call: ToolCall): string[] {
  const { cmd, command } = call.input ?? {};
  const texts = [cmd, command].flat().filter((part) => typeof part === 'string');
  const read = texts.flatMap((text) =>
    text.includes('SKILL.md') ? [...text.matchAll(/([\w.-]{1,100})[\\/]SKILL\.md\b/g)] : [],
  );
  return [...read.flatMap(([, name]) => name ?? []), ...call.children.flatMap(readBy)];
}
