/** How often live spans are sent at most. */
export interface LivePace {
  /** Nothing of a turn goes out before it is so old, in ms: short turns cost no request more. */
  readonly firstMs: number;
  /** From one pass to the next, in ms. */
  readonly passMs: number;
  /** And at least so many times the CPU time that the last one took. */
  readonly cpuFactor: number;
  /** An open turn in which nothing is written is shown to go on so often, in ms. */
  readonly heartbeatMs: number;
  /** Of all turns together, in a minute. */
  readonly requestsPerMinute: number;
  /** For one request, in ms. */
  readonly requestMs: number;
  /** Closed spans of one request. */
  readonly spansPerRequest: number;
  /** How long a turn that is over is left to its own hook, in ms. */
  readonly settleMs: number;
}

export const LIVE_PACE: LivePace = {
  firstMs: 10_000,
  passMs: 10_000,
  cpuFactor: 20,
  heartbeatMs: 60_000,
  requestsPerMinute: 6,
  requestMs: 3000,
  spansPerRequest: 200,
  settleMs: 15_000,
};

const MINUTE_MS = 60_000;

/** Counts requests, for all turns and servers together. */
export class RequestBudget {
  #times: number[] = [];

  constructor(readonly perMinute: number) {}

  /** Whether there may be one more now; then it is counted. */
  take(nowMs: number): boolean {
    this.#times = this.#times.filter((timeMs) => Math.abs(nowMs - timeMs) < MINUTE_MS);
    if (this.#times.length >= this.perMinute) return false;
    this.#times.push(nowMs);
    return true;
  }
}
