import { setTimeout as sleep } from 'node:timers/promises';
import type { ExportOutcome } from '../../otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../otlp/sender.js';
import { compact } from '../../platform/json.js';
import type { SpanSpec } from '../../spans/span-spec.js';

/** The pause before the second request is drawn from here, in ms, so that many machines do not come at once. */
export const RETRY_PAUSE_MS: readonly [min: number, max: number] = [1000, 3000];

/** Requests of one run to a server that takes none. */
const MAX_REQUESTS = 2;

/** What a run knows that a server's retries depend on. */
export interface RetryLimits {
  readonly pauseMs: readonly [min: number, max: number];
  /** Milliseconds until the run must be over. */
  readonly remainingMs: () => number;
  /** Time for one request, in ms; 0 where there is not enough for any. */
  readonly requestMs: () => number;
  readonly signal?: AbortSignal;
}

/** How often a server has been asked in vain in this run; shared by all its experiments. */
export class RetryBudget {
  #failures = 0;
  #reason = '';

  constructor(readonly maxRequests: number = MAX_REQUESTS) {}

  /** Why there are to be no more requests, once so many in a row have been in vain. */
  get spent(): string | undefined {
    return this.#failures >= this.maxRequests ? this.#reason : undefined;
  }

  note(outcome: ExportOutcome): void {
    // An answer about the turn itself, or about credentials, is an answer of a server that works.
    if (outcome.kind !== 'pending' || outcome.blocked) this.#failures = 0;
    else if (!outcome.isTurns) {
      this.#failures++;
      this.#reason = outcome.reason;
    }
  }
}

/**
 * A sender that asks a slow or overloaded server a second time, after a drawn pause and only where as
 * much time is left as the first request took. Where nothing listens, or where the server says how
 * long it wants to be left alone, there is no second time.
 */
export class RetryingSender implements Sender {
  constructor(
    readonly inner: Sender,
    readonly budget: RetryBudget,
    readonly limits: RetryLimits,
  ) {}

  async send(
    specs: readonly SpanSpec[],
    serviceVersion: string | undefined,
    options: SendOptions,
  ): Promise<ExportOutcome> {
    const startedMs = Date.now();
    const first = await this.inner.send(specs, serviceVersion, options);
    this.budget.note(first);
    if (options.once || !isWorthAnother(first) || this.budget.spent !== undefined) return first;
    const isTime = await this.#pause(Date.now() - startedMs);
    const timeoutMs = this.limits.requestMs();
    if (!isTime || timeoutMs === 0) return first;
    const second = await this.inner.send(specs, serviceVersion, { ...options, timeoutMs });
    this.budget.note(second);
    return second;
  }

  get takesParts(): boolean {
    return this.inner.takesParts;
  }

  compresses(specs: readonly SpanSpec[]): boolean {
    return this.inner.compresses(specs);
  }

  close(): void {
    this.inner.close();
  }

  /** Waits where it makes sense. @param tookMs what the first request took @returns whether it did */
  async #pause(tookMs: number): Promise<boolean> {
    const { pauseMs, remainingMs, signal } = this.limits;
    const pause = pauseBefore(pauseMs, Math.random());
    if (remainingMs() < pause + tookMs) return false;
    try {
      await sleep(pause, undefined, compact({ signal }));
      return true;
    } catch {
      return false;
    }
  }
}

/** The pause before a second request, in ms. @param drawn from 0 to 1 */
export function pauseBefore([min, max]: RetryLimits['pauseMs'], drawn: number): number {
  return min + drawn * (max - min);
}

function isWorthAnother(outcome: ExportOutcome): boolean {
  return outcome.kind === 'pending' && outcome.transient === true && !outcome.retryAfterMs;
}
