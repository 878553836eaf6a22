import type { ChatMessage } from '../turn/turn.js';
import { utf8Length } from './clip.js';
import type { ContentGate } from './content.js';

/**
 * A turn's messages as JSON texts in chat-completions shape, each prepared once however many model
 * calls read it.
 */
export class Conversation {
  readonly #messages: readonly ChatMessage[];
  readonly #gate: ContentGate;
  readonly #rendered: ({ json: string; bytes: number } | undefined)[] = [];

  constructor(messages: readonly ChatMessage[], gate: ContentGate) {
    this.#messages = messages;
    this.#gate = gate;
  }

  /**
   * The JSON array of the messages from an index to another (exclusive), within the budget of one
   * input: what the user said stays, then the newest messages, then the oldest; a note stands where
   * others were left out.
   */
  slice(from: number, to: number): string {
    const indexes = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter((index) =>
      saysAnything(this.#messages[index]),
    );
    let left = this.#gate.inputBytes;
    const kept = new Set<number>();
    const keep = (index: number): boolean => {
      if (kept.has(index)) return true;
      const size = this.#render(index).bytes + 1;
      if (size > left) return false;
      left -= size;
      kept.add(index);
      return true;
    };
    const prompt = indexes.filter((index) => this.#messages[index]?.role === 'user').at(-1);
    if (prompt !== undefined) keep(prompt);
    for (let i = indexes.length - 1; i >= 0; i--) if (!keep(indexes[i] as number)) break;
    for (const index of indexes) if (!keep(index)) break;
    return `[${this.#join(indexes, kept)}]`;
  }

  #join(indexes: readonly number[], kept: ReadonlySet<number>): string {
    const parts: string[] = [];
    let left: number[] = [];
    const note = () => {
      if (left.length === 0) return;
      const bytes = left.reduce((sum, index) => sum + this.#render(index).bytes, 0);
      this.#gate.cutBytes += bytes;
      const content = `[… ${left.length} earlier messages of this turn, ${bytes} bytes, left out by mlflow-codex …]`;
      parts.push(JSON.stringify({ role: 'system', content }));
      left = [];
    };
    for (const index of indexes) {
      if (kept.has(index)) {
        note();
        parts.push(this.#render(index).json);
      } else {
        left.push(index);
      }
    }
    note();
    return parts.join(',');
  }

  #render(index: number): { json: string; bytes: number } {
    const known = this.#rendered[index];
    if (known) return known;
    const message = this.#messages[index];
    const json = message ? JSON.stringify(chatMessage(message, this.#gate)) : '{}';
    const rendered = { json, bytes: utf8Length(json) };
    this.#rendered[index] = rendered;
    return rendered;
  }
}

/** A response of which only the tokens are known says nothing. */
function saysAnything(message: ChatMessage | undefined): boolean {
  if (!message) return false;
  return message.content !== '' || message.role === 'tool' || Boolean(message.toolCalls ?? message.reasoning);
}

/** A message in chat-completions shape, its texts prepared. `reasoning` is MLflow's key. */
export function chatMessage(message: ChatMessage, gate: ContentGate): object {
  return {
    role: message.role,
    content: message.content === '' && message.toolCalls ? null : gate.text(message.content),
    ...(message.reasoning === undefined ? {} : { reasoning: gate.text(message.reasoning) }),
    ...(message.toolCalls
      ? {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: argumentsJson(call.arguments, gate) },
          })),
        }
      : {}),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
  };
}

/** Arguments stay JSON when they are cut. */
function argumentsJson(text: string, gate: ContentGate): string {
  try {
    return gate.json(JSON.parse(text));
  } catch {
    return gate.text(text);
  }
}
