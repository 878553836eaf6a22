import { type CutText, shareOf } from '../codex/lines/kept-text.js';
import { withoutNul } from './nul.js';
import type { Redactor, TraceRedaction } from './redaction/redactor.js';
import { type Clipped, clip, clipCut, cutMarker, jsonAddedLength, utf8Length } from './texts/clip.js';
import { roughCut, withoutEdges } from './texts/cut-text.js';
import { describePictures } from './texts/pictures.js';

/** What may leave the machine, and how much of it. */
export interface ContentPolicy {
  /** `metadata`: names, times, tokens and outcomes, no text of anybody's. */
  readonly mode: 'full' | 'metadata';
  /** Takes secrets out; undefined where the user has switched that off. */
  readonly redactor: Redactor | undefined;
  /** Bytes (UTF-8) of one message, one tool's input or one tool's output. */
  readonly maxContentBytes: number;
}

/** A text of this length is worth keeping as it was prepared. */
const MANY_CHARACTERS = 1000;

/** Prepared texts that are kept at a time, in characters: one is told again soon, or not at all. */
const PREPARED_LENGTH = 4 * 1024 * 1024;

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
  readonly #redaction: TraceRedaction | undefined;
  /** Long texts are told up to four times: of the model, of the tool, and in the next response's input. */
  readonly #prepared = new Map<string, Clipped>();
  #preparedLength = 0;

  /** @param firstMark the number of the first secret's mark */
  constructor(policy: ContentPolicy, spanCount: number, firstMark = 1) {
    const share = shareOf(spanCount);
    this.#policy = policy;
    this.#redaction = policy.redactor?.begin(firstMark);
    this.messageBytes = Math.min(policy.maxContentBytes, share);
    this.inputBytes = Math.min(4 * policy.maxContentBytes, share);
  }

  get open(): boolean {
    return this.#policy.mode === 'full';
  }

  /** A short text that is no message (a name, a folder, a branch): secrets out, never cut. */
  label(text: string): string {
    return this.#redaction?.redact(text) ?? text;
  }

  /** How many secrets were taken out so far, by kind. */
  get redacted(): ReadonlyMap<string, number> {
    return this.#redaction?.counts ?? new Map();
  }

  text(text: string): string {
    const known = this.#prepared.get(text);
    const prepared = known ?? this.#prepare(text);
    if (!known && text.length > MANY_CHARACTERS) this.#keep(text, prepared);
    this.cutBytes += prepared.cutBytes;
    return prepared.text;
  }

  #keep(text: string, prepared: Clipped): void {
    if (this.#preparedLength > PREPARED_LENGTH) {
      this.#prepared.clear();
      this.#preparedLength = 0;
    }
    this.#prepared.set(text, prepared);
    this.#preparedLength += text.length + prepared.text.length;
  }

  #prepare(whole: string): Clipped {
    const text = withoutNul(whole);
    const cut = roughCut(text, this.messageBytes);
    if (!cut) return this.#fit(this.label(describePictures(text)));
    const marker = cutMarker(cut.cutBytes);
    const clean = this.label(describePictures(cut.head + marker + cut.tail));
    const at = clean.indexOf(marker);
    // Without the marker the cut was within something that stands for itself: a picture, a text not searched.
    if (at < 0) return this.#fit(clean);
    const sides = { ...cut, head: clean.slice(0, at), tail: clean.slice(at + marker.length) };
    return this.#fitCut(this.#redaction ? withoutEdges(sides) : sides);
  }

  #fit(text: string): Clipped {
    const fine = clip(text, this.messageBytes);
    const fair = this.#fairBytes(fine.text);
    return fair === undefined ? fine : clip(text, fair);
  }

  #fitCut(cut: CutText): Clipped {
    const fine = clipCut(cut, this.messageBytes);
    const fair = this.#fairBytes(fine.text);
    return fair === undefined ? fine : clipCut(cut, fair);
  }

  /** Texts that JSON makes much longer (quotes, control characters) get less. @returns undefined: all that others get */
  #fairBytes(text: string): number | undefined {
    const added = jsonAddedLength(text);
    if (added <= text.length / 2) return undefined;
    return Math.floor((this.messageBytes * text.length) / (text.length + added));
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
    if (typeof value === 'number') return this.#number(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > 60) return '[nested too deeply]';
    if (Array.isArray(value)) {
      // A flag and its value are neighbours in a list of arguments.
      return value.map((element, index) => this.#named(value[index - 1], element, depth));
    }
    const named = nameBeside(value);
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [
        this.label(withoutNul(key)),
        this.#named(key === 'value' ? (named ?? key) : key, element, depth),
      ]),
    );
  }

  /** A number that a pattern of the user's names (of a card, of a customer) is a text like any other. */
  #number(value: number): unknown {
    const said = String(value);
    const clean = this.label(said);
    return clean === said ? value : clean;
  }

  /** A value of data is a secret also by its name, of which its text says nothing. */
  #named(name: unknown, value: unknown, depth: number): unknown {
    const isPlain = typeof value === 'string' || typeof value === 'number';
    const mark =
      isPlain && typeof name === 'string' ? this.#redaction?.redactNamed(name, String(value)) : undefined;
    return mark ?? this.#value(value, depth + 1);
  }
}

/** `{"name": "DB_PASSWORD", "value": …}`. */
function nameBeside(object: object): string | undefined {
  const { name, key } = object as { name?: unknown; key?: unknown };
  const said = name ?? key;
  return typeof said === 'string' ? said : undefined;
}
