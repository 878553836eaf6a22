import { type Clipped, clip, jsonAddedLength, utf8Length } from './clip.js';
import { withoutNul } from './nul.js';
import { describePictures } from './pictures.js';

/** What may leave the machine, and how much of it. */
export interface ContentPolicy {
  /** `metadata`: names, times, tokens and outcomes, no text of anybody's. */
  readonly mode: 'full' | 'metadata';
  /** Takes secrets out of a text; the identity where the user has switched that off. */
  readonly redact: (text: string) => string;
  /** Bytes (UTF-8) of one message, one tool's input or one tool's output. */
  readonly maxContentBytes: number;
}

/**
 * What a turn's messages may have together before each gets a smaller share. As JSON in JSON, told as
 * a call, as a tool's input and in the next response's input, it becomes more: 500 tool calls with
 * large texts make 8 MB on the wire, and 17 MB where JSON has to escape every character (measured).
 */
const TURN_BYTES = 12 * 1024 * 1024;

const MANY_CHARACTERS = 1000;

/**
 * Prepares a turn's texts for sending: pictures and secrets out first, then the size, so that a cut
 * never halves a secret. A turn of many spans gets a smaller share for each, never less than 2 KiB.
 */
export class ContentGate {
  /** Bytes that were cut from this turn's content. */
  cutBytes = 0;
  /** Bytes of one message. */
  readonly messageBytes: number;
  /** Bytes of all messages of one model call's input. */
  readonly inputBytes: number;
  readonly #policy: ContentPolicy;
  /** Long texts are told up to four times: of the model, of the tool, and in the next response's input. */
  readonly #prepared = new Map<string, Clipped>();

  constructor(policy: ContentPolicy, spanCount: number) {
    const share = Math.max(2048, Math.floor(TURN_BYTES / (2 * Math.max(1, spanCount))));
    this.#policy = policy;
    this.messageBytes = Math.min(policy.maxContentBytes, share);
    this.inputBytes = Math.min(4 * policy.maxContentBytes, share);
  }

  get open(): boolean {
    return this.#policy.mode === 'full';
  }

  text(text: string): string {
    const known = this.#prepared.get(text);
    const prepared = known ?? this.#prepare(text);
    if (!known && text.length > MANY_CHARACTERS) this.#prepared.set(text, prepared);
    this.cutBytes += prepared.cutBytes;
    return prepared.text;
  }

  #prepare(whole: string): Clipped {
    const text = describePictures(withoutNul(whole));
    // Far more than will be sent is cut before the search for secrets, which reads every byte.
    const rough = clip(text, 4 * this.messageBytes);
    const fine = this.#fit(this.#policy.redact(rough.text));
    return { text: fine.text, cutBytes: rough.cutBytes + fine.cutBytes };
  }

  /** Texts that JSON makes much longer (quotes, control characters) get less. */
  #fit(text: string): Clipped {
    const fine = clip(text, this.messageBytes);
    const added = jsonAddedLength(fine.text);
    if (added <= fine.text.length / 2) return fine;
    const fair = (this.messageBytes * fine.text.length) / (fine.text.length + added);
    return clip(text, Math.floor(fair));
  }

  /** Any JSON value as JSON text, its strings prepared one by one and the whole within one message's size. */
  json(value: unknown): string {
    const text = JSON.stringify(this.#value(value, 0));
    if (utf8Length(text) <= 2 * this.messageBytes) return text;
    const cut = clip(text, this.messageBytes);
    this.cutBytes += cut.cutBytes;
    return JSON.stringify({ clipped: cut.text });
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > 60) return '[nested too deeply]';
    if (Array.isArray(value)) return value.map((element) => this.#value(element, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [withoutNul(key), this.#value(element, depth + 1)]),
    );
  }
}
