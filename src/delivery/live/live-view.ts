import type { Settings } from '../../settings/merge-settings.js';
import { DeliveryRun, type RunOptions } from '../run/delivery-run.js';
import { destinationKey } from '../store/throttle.js';
import { type LivePace, RequestBudget } from './live-pace.js';
import { type DueTurn, sendLive } from './live-request.js';
import { liveRoute } from './live-route.js';
import { LiveServers } from './live-server.js';
import type { LiveTurn } from './live-turn.js';

export interface ViewOptions {
  /** Of its runs; each run's time is the view's affair. */
  readonly run: Omit<RunOptions, 'deadlineMs' | 'requestTimeoutMs'>;
  readonly pace: LivePace;
  /** Whether the settings of a folder want its turns to be shown. */
  readonly isWanted: (settings: Settings) => boolean;
}

/** Settings are read anew so often. */
const RUN_MS = 60_000;

/** What is sent of turns that go on. Nothing of it is owed to anybody, or tried again. */
export class LiveView {
  readonly #servers = new LiveServers();
  readonly #budget: RequestBudget;
  #run: DeliveryRun | undefined;
  #runUntilMs = 0;

  constructor(readonly options: ViewOptions) {
    this.#budget = new RequestBudget(options.pace.requestsPerMinute);
  }

  /**
   * Sends what is new of the turns that are due, those of one destination in one request.
   * @param turns all that are followed: agents go where the turn goes that they belong to
   * @returns the turns that were shown, and those that must not be
   */
  async *show(turns: readonly LiveTurn[], nowMs: number): AsyncGenerator<LiveTurn> {
    const due = turns.filter((live) => live.isDue(nowMs, this.options.pace)).sort(agentsLast);
    if (due.length === 0) return;
    const run = this.#runAt(nowMs);
    const groups = new Map<string, DueTurn[]>();
    for (const live of due) {
      const known = live.assemble();
      if (!known) continue;
      const { isWanted } = this.options;
      const route = await liveRoute(live, known.turn, { run, servers: this.#servers, turns, isWanted });
      live.isRouted = route.kind !== 'none';
      live.notShown = route.kind === 'none' ? route.reason : undefined;
      if (route.kind === 'none') yield live;
      if (route.kind === 'none' || run.obstacle(route.destination)) continue;
      const key = `${destinationKey(route.destination)} ${live.running.meta?.cliVersion}`;
      groups.set(key, [...(groups.get(key) ?? []), { live, route }]);
    }
    for (const group of groups.values()) yield* await this.#send(group);
  }

  close(): void {
    this.#run?.close();
    this.#run = undefined;
  }

  async #send(group: readonly DueTurn[]): Promise<readonly LiveTurn[]> {
    const { pace, run } = this.options;
    return this.#budget.take(Date.now()) ? sendLive(group, run.stateDir, pace) : [];
  }

  #runAt(nowMs: number): DeliveryRun {
    if (!this.#run || nowMs >= this.#runUntilMs) {
      this.#run?.close();
      const { run, pace } = this.options;
      const deadlineMs = Number.POSITIVE_INFINITY;
      this.#run = new DeliveryRun({ ...run, maxRequests: 1, deadlineMs, requestTimeoutMs: pace.requestMs });
      this.#runUntilMs = nowMs + RUN_MS;
    }
    return this.#run;
  }
}

/** An agent's turn goes where the turn goes that it belongs to. */
function agentsLast(a: LiveTurn, b: LiveTurn): number {
  const isAgents = ({ running }: LiveTurn) => (running.meta?.parentThreadId === undefined ? 0 : 1);
  return isAgents(a) - isAgents(b);
}
