import { sha256 } from '../../platform/sha256.js';
import { type SpanSpec, textLength } from '../../spans/span-spec.js';
import type { SentPart } from '../store/thread-state.js';

/** Spans of one request: MLflow 3.17.2 stores 3,000 in 1.2 s on SQLite. */
const PART_SPANS = 500;
/** Characters of one request's spans. */
const PART_LENGTH = 1024 * 1024;

/** After so many spans whatever else is due has its turn: a run's time may be over. */
const GIVE_WAY_SPANS = 25;

/** What of a turn goes in one request. */
export interface TurnPart {
  readonly specs: readonly SpanSpec[];
  /** There is no more of the turn. */
  readonly isLast: boolean;
}

/**
 * Cuts a turn's spans into parts, one request each, none of them made before it is asked for.
 * @param spans the turn's AGENT last, as `spansOf` gives them
 * @returns the parts; in the last one, mostly the only one, the AGENT stands first
 */
export async function* partsOf(spans: Iterable<SpanSpec>): AsyncGenerator<TurnPart> {
  let part: SpanSpec[] = [];
  let length = 0;
  for (const spec of spans) {
    if (part.length % GIVE_WAY_SPANS === GIVE_WAY_SPANS - 1) await giveWay();
    const specLength = textLength(spec);
    if (part.length >= PART_SPANS || (part.length > 0 && length + specLength > PART_LENGTH)) {
      yield { specs: part, isLast: false };
      part = [];
      length = 0;
    }
    part.push(spec);
    length += specLength;
  }
  const agent = part.pop();
  if (agent) yield { specs: [agent, ...part], isLast: true };
}

/** Which of a turn's spans a server has, told by their ids: equal turns have equal ids in equal order. */
export class SentSpans {
  #ids = '';
  #count = 0;

  /** Passes over what a server has already. @returns those spans that it has not, and what it has */
  static after(
    sent: SentPart | undefined,
    spans: () => Iterable<SpanSpec>,
  ): { rest: Iterable<SpanSpec>; has: SentSpans } {
    const has = new SentSpans();
    if (!sent) return { rest: spans(), has };
    const rest = iterate(spans());
    for (let n = 0; n < sent.spans; n++) {
      const { value, done } = rest.next();
      if (!done) has.add([value]);
    }
    // Another order, or other spans, than it was sent: by another version of ours, or with more lines.
    return has.part?.digest === sent.digest ? { rest, has } : { rest: spans(), has: new SentSpans() };
  }

  add(specs: readonly SpanSpec[]): void {
    this.#count += specs.length;
    for (const { spanId } of specs) this.#ids += spanId;
  }

  /** Undefined where it has none. */
  get part(): SentPart | undefined {
    if (this.#count === 0) return undefined;
    return { spans: this.#count, digest: sha256(this.#ids).slice(0, 16) };
  }
}

function giveWay(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function* iterate(spans: Iterable<SpanSpec>): Generator<SpanSpec, undefined> {
  yield* spans;
  return undefined;
}
