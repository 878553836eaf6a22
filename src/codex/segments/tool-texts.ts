import { asObject, compact } from '../../platform/json.js';
import { keepHeapLean, keepYoungHeapSmall } from '../../platform/process/lean-heap.js';
import { cutOf, cutText, shareOf } from '../lines/kept-text.js';
import type { RolloutEvent, ToolCallItem } from '../lines/rollout-event.js';

/** What is kept beside a message's share: what the search for secrets looks at on both sides of a cut. */
const EDGES = 1536;

/** Once a message's share is this part of what it was, those that were kept before are cut again. */
const SHRUNK = 2 / 3;

/**
 * Keeps what tools were given and gave back within what can be sent of it, while a turn's lines are read: a
 * turn of 4,000 commands has 208 MB of it, of which 16 MB are sent. The more calls there are, the smaller a
 * message's share is; a text is never cut to less than the last one, when all calls are known.
 */
export class ToolTexts {
  readonly #calls = new Set<string>();
  #responses = 0;
  /** What texts were cut to when all were looked at last. */
  #cutTo = Number.POSITIVE_INFINITY;

  /** @returns the turn's next event, with the middle of long texts left out: see `cutOf` */
  keep(event: RolloutEvent): RolloutEvent {
    if (event.kind === 'token_usage_record') this.#responses++;
    if (event.kind === 'tool_call') this.#calls.add(event.callId);
    if (event.kind === 'tool_item') this.#calls.add(event.id);
    return cutEvent(event, this.#limit());
  }

  /** @returns what to do with the events that were kept before, where the share is much smaller by now */
  toCutAgain(): ((event: RolloutEvent) => RolloutEvent) | undefined {
    const limit = this.#limit();
    if (limit > SHRUNK * this.#cutTo) return undefined;
    this.#cutTo = limit;
    return (event) => cutEvent(event, limit);
  }

  #limit(): number {
    return shareOf(1 + this.#calls.size + this.#responses) + EDGES;
  }
}

function cutEvent(event: RolloutEvent, limit: number): RolloutEvent {
  switch (event.kind) {
    case 'tool_call':
      return keepCall(event, limit);
    case 'tool_item': {
      const { input, output, error } = event;
      return changed(event, keepAll({ input, output, error }, limit));
    }
    case 'tool_output':
      return changed(event, keepAll({ content: event.content }, limit));
    default:
      return event;
  }
}

/** Arguments that are JSON stay JSON. */
function keepCall(event: ToolCallItem, limit: number): ToolCallItem {
  const { input, form } = event;
  if (form !== 'function' || typeof input !== 'string' || input.length <= limit)
    return changed(event, keepAll({ input }, limit));
  try {
    const given = asObject(JSON.parse(input));
    if (given) return { ...event, input: JSON.stringify(keepAll(given, limit)) };
  } catch {
    // What is no JSON is a text like others.
  }
  return { ...event, input: keepText(input, limit) };
}

function changed<Event extends RolloutEvent>(
  event: Event,
  kept: { [Key in keyof Event]?: Event[Key] | undefined },
): Event {
  const isSame = Object.entries(kept).every(([key, value]) => event[key as keyof Event] === value);
  return isSame ? event : { ...event, ...compact(kept) };
}

/** The same value where it has no long text, else one with the long texts cut. */
function keepAll<Value>(value: Value, limit: number, depth = 0): Value {
  if (typeof value === 'string') return keepText(value, limit) as Value;
  if (typeof value !== 'object' || value === null || depth > 60) return value;
  if (Array.isArray(value)) {
    const kept = value.map((element) => keepAll(element, limit, depth + 1));
    return kept.every((element, index) => element === value[index]) ? value : (kept as Value);
  }
  const entries = Object.entries(value);
  const kept = entries.map(([key, element]) => [key, keepAll(element, limit, depth + 1)] as const);
  const isSame = kept.every(([, element], index) => element === entries[index]?.[1]);
  return isSame ? value : (Object.fromEntries(kept) as Value);
}

/** The two sides of a long text, the beginning with two thirds. A few bytes too many are not worth a copy. */
function keepText(text: string, limit: number): string {
  if (text.length <= limit + limit / 8) return text;
  keepHeapLean();
  keepYoungHeapSmall();
  const { head, tail, cutBytes } = cutOf(text) ?? { head: text, tail: '', cutBytes: 0 };
  const isWhole = cutBytes === 0;
  const end = isWhole ? head : tail;
  const headEnd = Math.min(head.length, Math.ceil((limit * 2) / 3));
  const tailStart = Math.max(0, end.length - Math.floor(limit / 3));
  const first = wholeCharacters(head.slice(0, beforeEscape(head, headEnd)));
  const last = wholeCharacters(end.slice(isEscaped(end, tailStart) ? tailStart + 1 : tailStart));
  const before = Buffer.byteLength(head) + Buffer.byteLength(tail);
  const left = before - Buffer.byteLength(first) - Buffer.byteLength(last);
  return copy(cutText({ head: first, tail: last, cutBytes: cutBytes + left }));
}

/**
 * A place to cut near another: no escape of JSON is halved there. An output may be JSON that tells how its
 * command ended (0.60, 0.80; scripts of code mode), and is to be readable when its middle is gone.
 * @returns the place itself, or the beginning of the escape that it lies in
 */
function beforeEscape(text: string, at: number): number {
  const digits = /u[\da-f]{0,3}$/i.exec(text.slice(Math.max(0, at - 4), at))?.[0].length ?? 0;
  for (const end of [at, at - digits]) if (isEscaped(text, end)) return end - 1;
  return at;
}

/** Whether a backslash before a place escapes what stands there. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === 92) from--;
  return (at - from) % 2 === 1;
}

/** Without half a pair of surrogates at either end. */
function wholeCharacters(text: string): string {
  const isHalf = (code: number, first: number) => code >= first && code < first + 0x400;
  const from = isHalf(text.charCodeAt(0), 0xdc00) ? 1 : 0;
  const to = isHalf(text.charCodeAt(text.length - 1), 0xd800) ? text.length - 1 : text.length;
  return text.slice(from, to);
}

/** A part of a text holds the whole in memory: V8 makes it a view. */
function copy(text: string): string {
  return Buffer.from(text).toString();
}
