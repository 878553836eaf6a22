import { gunzipSync } from 'node:zlib';
import type { OtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { type Sample, samples } from '../../scripts/lab/secrets/corpus.mjs';
import { lookAlikes } from '../../scripts/lab/secrets/look-alikes.mjs';
import { Random } from '../../scripts/lab/secrets/random.mjs';
import { TextEverywhere } from './everywhere.js';

/** What parts the texts of one turn: nothing that one says reaches into the next. */
const APART = '\n\n. . .\n\n';
const TEXTS_OF_A_TURN = 16;

/** A thread with every kind of secret, and every look-alike, in every place of its turns. */
export class SecretTurns {
  readonly corpus: readonly Sample[];
  readonly innocent: readonly string[];
  readonly #turnOf = new Map<string, string>();
  readonly #thread: TextEverywhere;
  /** What Codex announces when the thread begins: before the secrets, so that all of them are ours to send. */
  readonly first: string;

  /** @param mode how tools are called */
  constructor(
    codexHome: string,
    seed: number,
    readonly mode: 'classic' | 'code',
  ) {
    this.corpus = samples(seed);
    this.innocent = lookAlikes(new Random(seed));
    this.#thread = new TextEverywhere(codexHome);
    this.first = this.#thread.payload(this.#thread.turn());
  }

  get threadId(): string {
    return this.#thread.threadId;
  }

  /** Writes the turns. @returns what Codex announces of the last one */
  write(): string {
    for (const some of inBatches(this.corpus)) {
      const turnId = this.#thread.turnWith(some.map(({ text }) => text).join(APART), this.mode);
      for (const { kind } of some) this.#turnOf.set(kind, turnId);
    }
    for (const some of inBatches(this.innocent)) {
      const turnId = this.#thread.turnWith(some.join(APART), this.mode);
      for (const text of some) this.#turnOf.set(text, turnId);
    }
    return this.#thread.payload(this.#thread.turn());
  }

  /** The turn that holds a kind of secret, or a look-alike. */
  turnOf(kindOrText: string): string {
    return this.#turnOf.get(kindOrText) ?? '';
  }
}

function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / TEXTS_OF_A_TURN) }, (_, i) =>
    all.slice(TEXTS_OF_A_TURN * i, TEXTS_OF_A_TURN * (i + 1)),
  );
}

/** What left the machine, byte by byte, by the turn's id. */
export function bodiesByTurn(receiver: OtlpReceiver): Map<string, string> {
  const bodies = new Map<string, string>();
  for (const { body, headers, spans } of receiver.requests) {
    const turnId = spans.map((span) => span.attributes['codex.turn.id']).find((id) => typeof id === 'string');
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (typeof turnId === 'string') bodies.set(turnId, (bodies.get(turnId) ?? '') + bytes.toString('utf8'));
  }
  return bodies;
}

/** A text as it stands in JSON. */
export function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** A secret as it may stand in a body: plain, in JSON, in JSON in JSON. */
export function formsOf({ secrets }: Sample): string[] {
  return secrets.flatMap((secret) => [secret, inJson(secret), inJson(inJson(secret))]);
}
