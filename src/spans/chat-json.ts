import type { ChatMessage } from '../turn/turn.js';
import type { ContentGate } from './content.js';
import { utf8Length } from './texts/clip.js';
import { recordedBytes } from './texts/cut-text.js';

/** Bytes of rendered messages that are kept at a time: the next response reads most of them again. */
const RENDERED_BYTES = 4 * 1024 * 1024;

interface Rendered {
  readonly json: string;
  readonly bytes: number;
}

/** What is known of the messages before an index without a look at each: a turn may have thousands. */
interface Before {
  /** How many of them say anything. */
  readonly count: number;
  /** UTF-8 bytes of their texts, as they were said. */
  readonly bytes: number;
  /** The last of the user's; -1 where there is none. */
  readonly prompt: number;
}

/**
 * A turn's messages as JSON texts in chat-completions shape, those that several model calls read
 * prepared once.
 */
export class Conversation {
  readonly #messages: readonly ChatMessage[];
  readonly #gate: ContentGate;
  readonly #before: readonly Before[];
  readonly #rendered = new Map<number, Rendered>();
  #renderedBytes = 0;

  constructor(messages: readonly ChatMessage[], gate: ContentGate) {
    this.#messages = messages;
    this.#gate = gate;
    this.#before = countUp(messages);
  }

  /**
   * The JSON array of the messages from an index to another (exclusive), within the budget of one
   * input: what the user said last stays, then the newest messages, then the oldest, each whole or not at
   * all; a note stands where others were left out. Looks at no more messages than it keeps.
   */
  slice(from: number, to: number): string {
    let left = this.#gate.inputBytes;
    const takes = (index: number): boolean => {
      if (!this.#says(index)) return true;
      // A text of the whole budget need not be searched for secrets to be seen to be too long.
      if (Math.min(this.#bytesOf(index), this.#gate.messageBytes) >= this.#gate.inputBytes) return false;
      const size = this.#render(index).bytes + 1;
      if (size > left) return false;
      left -= size;
      return true;
    };
    const told = this.#before[to]?.prompt ?? -1;
    const prompt = told >= from && takes(told) ? told : -1;
    let newest = to;
    while (newest > from && (newest - 1 === prompt || takes(newest - 1))) newest--;
    let oldest = from;
    while (oldest < newest && (oldest === prompt || takes(oldest))) oldest++;
    const isApart = prompt >= oldest && prompt < newest;
    const parts = isApart
      ? [
          ...this.#told(from, oldest),
          ...this.#leftOut(oldest, prompt),
          ...this.#told(prompt, prompt + 1),
          ...this.#leftOut(prompt + 1, newest),
          ...this.#told(newest, to),
        ]
      : [...this.#told(from, oldest), ...this.#leftOut(oldest, newest), ...this.#told(newest, to)];
    return `[${parts.join(',')}]`;
  }

  #told(from: number, to: number): string[] {
    const parts: string[] = [];
    for (let index = from; index < to; index++) if (this.#says(index)) parts.push(this.#render(index).json);
    return parts;
  }

  /** The note in the place of messages that there is no room for; none where they say nothing. */
  #leftOut(from: number, to: number): string[] {
    const count = this.#sum(from, to, 'count');
    if (count === 0) return [];
    const bytes = this.#sum(from, to, 'bytes');
    this.#gate.cutBytes += bytes;
    const content = `[… ${count} earlier messages of this turn, ${bytes} bytes, left out by mlflow-codex …]`;
    return [JSON.stringify({ role: 'system', content })];
  }

  #says(index: number): boolean {
    return this.#sum(index, index + 1, 'count') > 0;
  }

  #bytesOf(index: number): number {
    return this.#sum(index, index + 1, 'bytes');
  }

  #sum(from: number, to: number, what: 'count' | 'bytes'): number {
    return (this.#before[to]?.[what] ?? 0) - (this.#before[from]?.[what] ?? 0);
  }

  #render(index: number): Rendered {
    const known = this.#rendered.get(index);
    if (known) return known;
    const message = this.#messages[index];
    const json = message ? JSON.stringify(chatMessage(message, this.#gate)) : '{}';
    const rendered = { json, bytes: utf8Length(json) };
    if (this.#renderedBytes > RENDERED_BYTES) {
      this.#rendered.clear();
      this.#renderedBytes = 0;
    }
    this.#rendered.set(index, rendered);
    this.#renderedBytes += rendered.bytes;
    return rendered;
  }
}

/** For each index, and for the end, what stands before it. */
function countUp(messages: readonly ChatMessage[]): Before[] {
  let last: Before = { count: 0, bytes: 0, prompt: -1 };
  const before = [last];
  messages.forEach((message, index) => {
    const says = saysAnything(message);
    last = {
      count: last.count + (says ? 1 : 0),
      bytes: last.bytes + saidBytes(message),
      prompt: message.role === 'user' && says ? index : last.prompt,
    };
    before.push(last);
  });
  return before;
}

/** A response of which only the tokens are known says nothing. */
function saysAnything(message: ChatMessage): boolean {
  return message.content !== '' || message.role === 'tool' || Boolean(message.toolCalls ?? message.reasoning);
}

function saidBytes({ content, reasoning = '', toolCalls = [] }: ChatMessage): number {
  const asked = toolCalls.reduce((sum, call) => sum + recordedBytes(call.arguments), 0);
  return recordedBytes(content) + recordedBytes(reasoning) + asked;
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
