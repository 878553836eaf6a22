import type { SpanSpec } from '../spans/span-spec.js';
import type { ExportOutcome } from './export-outcome.js';

/** Everything that is known of the trace that a turn belongs to. */
export interface WholeTrace {
  /** The trace's root first, then the spans of all its turns that are over, subagents' too. */
  readonly specs: readonly SpanSpec[];
}

/** How one request is made. */
export interface SendOptions {
  /** For the whole request, in ms. */
  readonly timeoutMs: number;
  /** Never compress: some servers refuse gzip (MLflow before 3.7). */
  readonly plain?: boolean;
  /** One request whatever comes of it: the turn has failed before, and is likely to be the reason. */
  readonly once?: boolean;
  /**
   * Gathers the turn's whole trace, for a destination that takes no parts; undefined where its root is
   * not over yet. Without it the turn is all there is.
   * @param threads where turns of the trace came from that were sent before
   */
  readonly wholeTrace?: (threads: readonly string[]) => Promise<WholeTrace | undefined>;
}

/** Sends spans to one destination. */
export interface Sender {
  /** A turn's spans may come in several requests, its root with the last. */
  readonly takesParts: boolean;
  /**
   * Sends spans and says what became of them; never throws.
   * @param serviceVersion Codex's version
   */
  send(
    specs: readonly SpanSpec[],
    serviceVersion: string | undefined,
    options: SendOptions,
  ): Promise<ExportOutcome>;
  /** Whether spans go compressed unless they must not. */
  compresses(specs: readonly SpanSpec[]): boolean;
  /** Ends the connections. */
  close(): void;
}
