import type { ContentPart } from '../codex/lines/rollout-event.js';
import type { ChatMessage } from './turn.js';

/** The texts of the messages that are held: one is asked for several times, and is one text in memory. */
const texts = new WeakMap<readonly ContentPart[], string>();

/** The text of a message's parts; what is no text is named in its place. */
export function textOf(content: readonly ContentPart[]): string {
  const known = texts.get(content);
  if (known !== undefined) return known;
  const text = joined(content);
  texts.set(content, text);
  return text;
}

function joined(content: readonly ContentPart[]): string {
  return content
    .map(partText)
    .reduce((text, part) => text + (text === '' || text.endsWith('\n') ? '' : '\n') + part, '');
}

function partText(part: ContentPart): string {
  if (part.type === 'text') return part.text;
  return part.type === 'image' ? imageNote(part) : `[${part.kind}]`;
}

/** What stands for a picture, whose bytes are never kept. */
export function imageNote(image: { mediaType?: string; bytes?: number; source?: string }): string {
  const facts = [
    image.source,
    image.mediaType,
    image.bytes === undefined ? undefined : `${image.bytes} bytes`,
  ].filter((fact) => fact !== undefined);
  return `[image${facts.length > 0 ? `: ${facts.join(', ')}` : ''}]`;
}

/** Chat completions know no `developer`; MLflow's conversation view refuses it. */
export function chatRole(role: string): ChatMessage['role'] {
  return role === 'assistant' || role === 'user' ? role : 'system';
}
