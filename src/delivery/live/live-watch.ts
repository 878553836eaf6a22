import { isAbandoned } from '../../codex/recording-life.js';
import type { RunningTurn } from '../../codex/running-turn.js';
import type { Settings } from '../../settings/merge-settings.js';
import { DeliveryRun, type RunOptions } from '../delivery-run.js';
import { drainFamily } from '../drain-thread.js';
import { readAnnouncements } from '../store/inbox.js';
import { appendTurn } from '../store/journal.js';
import {
  hasLiveRecords,
  type LiveRecord,
  liveRecordOf,
  liveRecords,
  saveLiveRecord,
  UNSEEN_MS,
} from '../store/live-records.js';
import { destinationKey } from '../store/throttle.js';
import { announceLiveTurn, announceLiveTurns, repeatWholeTurns } from './after-live.js';
import { type LivePace, RequestBudget } from './live-pace.js';
import { type DueTurn, sendLive } from './live-request.js';
import { liveRoute } from './live-route.js';
import { LiveServers } from './live-server.js';
import { LiveTurn } from './live-turn.js';
import { TurnFinder } from './turn-finder.js';

/** What a watcher is given. */
export interface WatchOptions {
  /** Of its runs; each run's time is the watcher's affair. */
  readonly run: Omit<RunOptions, 'deadlineMs' | 'requestTimeoutMs'>;
  readonly pace: LivePace;
  /** Whether the settings of a folder want its turns to be shown. */
  readonly isWanted: (settings: Settings) => boolean;
  /** Told of every turn after each pass in which something became of it. */
  readonly onTurn?: (turn: LiveTurn) => void;
}

/** Settings are read anew so often. */
const RUN_MS = 60_000;
/** For a whole turn, in ms: nobody waits for this process. */
const WHOLE_TURN_MS = 30_000;
/** How often it is looked whether a silent turn still has somebody who writes it, in ms. */
const ALIVE_MS = 60_000;
/** The pauses between two tries to send a turn whole, in ms: each twice the one before. */
const AGAIN_MS = 15_000;
const LONGEST_AGAIN_MS = 10 * 60_000;
/** Of one turn's lines in memory; a longer turn is sent when it is over. */
const MAX_BYTES = 48 * 1024 * 1024;

/**
 * Shows the turns of one Codex home while they go on, pass by pass, and sees to it that each of them is
 * sent whole afterwards. Nothing that it sends live is owed to anybody, or tried again.
 */
export class LiveWatch {
  readonly #turns = new Map<string, LiveTurn>();
  readonly #finder: TurnFinder;
  readonly #servers = new LiveServers();
  readonly #budget: RequestBudget;
  #run: DeliveryRun | undefined;
  #runUntilMs = 0;
  #staleAtMs = 0;
  readonly #shown = new Set<LiveTurn>();
  readonly #aliveAtMs = new Map<string, number>();

  constructor(readonly options: WatchOptions) {
    this.#finder = new TurnFinder(options.run.codexHome, Date.now());
    this.#budget = new RequestBudget(options.pace.requestsPerMinute);
  }

  /** The turns that go on, and those that are over and not sent whole yet. */
  get turns(): readonly LiveTurn[] {
    return [...this.#turns.values()];
  }

  /** The turns of which something was shown, or why nothing was. */
  get shown(): readonly LiveTurn[] {
    return [...this.#shown];
  }

  /** A turn goes on that is shown, or may be. */
  get isActive(): boolean {
    return this.turns.some(({ overMs, notShown }) => overMs === undefined && notShown === undefined);
  }

  /** The next pass has something to send, though nothing new is written. */
  get hasMore(): boolean {
    return this.turns.some((live) => live.hasMore);
  }

  /** Finds what goes on, shows what is new, and sends whole what is over. Never throws. */
  async pass(): Promise<void> {
    const nowMs = Date.now();
    const followed = this.turns
      .filter(({ overMs }) => overMs === undefined)
      .map(({ running }) => running.path);
    for (const running of await this.#finder.look(nowMs, new Set(followed))) {
      const key = keyOf(running);
      if (!this.#turns.has(key)) this.#turns.set(key, new LiveTurn(running));
    }
    for (const live of this.turns) await this.#readOn(live, nowMs);
    await this.#show(nowMs);
    for (const live of this.turns) await this.#complete(live);
    await this.#seeToOthers(nowMs);
  }

  close(): void {
    for (const live of this.turns) live.log(this.options.run.stateDir);
    this.#run?.close();
    this.#run = undefined;
  }

  async #readOn(live: LiveTurn, nowMs: number): Promise<void> {
    const { running } = live;
    const isGone = await running.readOn().then(
      () => false,
      () => true,
    );
    if (running.bytes > MAX_BYTES) live.stopped ??= 'too much for the memory';
    if (live.overMs === undefined && (isGone || running.isOver || (await this.#isLeft(live, nowMs)))) {
      live.overMs = nowMs;
      live.log(this.options.run.stateDir);
    }
  }

  /** Whether whoever wrote the turn is gone. Who has a file open is asked once a minute. */
  async #isLeft({ running }: LiveTurn, nowMs: number): Promise<boolean> {
    const { abandonedMs } = this.options.run;
    if (nowMs < (this.#aliveAtMs.get(running.path) ?? 0)) return false;
    this.#aliveAtMs.set(running.path, nowMs + ALIVE_MS);
    const life = { lastLineMs: running.lastLineMs, nowMs, abandonedMs };
    return isAbandoned(running.path, life).catch(() => true);
  }

  async #show(nowMs: number): Promise<void> {
    const { pace, isWanted } = this.options;
    const due = this.turns.filter((live) => live.isDue(nowMs, pace)).sort(agentsLast);
    if (due.length === 0) return;
    const run = this.#liveRun(nowMs);
    const groups = new Map<string, DueTurn[]>();
    for (const live of due) {
      const known = live.assemble();
      if (!known) continue;
      const context = { run, servers: this.#servers, turns: this.turns, isWanted };
      const route = await liveRoute(live, known.turn, context);
      live.isRouted = route.kind !== 'none';
      live.notShown = route.kind === 'none' ? route.reason : undefined;
      if (route.kind === 'none') this.#tell(live);
      if (route.kind === 'none' || run.obstacle(route.destination)) continue;
      const key = `${destinationKey(route.destination)} ${live.running.meta?.cliVersion}`;
      groups.set(key, [...(groups.get(key) ?? []), { live, route }]);
    }
    for (const group of groups.values()) await this.#send(group);
  }

  async #send(group: readonly DueTurn[]): Promise<void> {
    const { pace, run } = this.options;
    if (!this.#budget.take(Date.now())) return;
    for (const live of await sendLive(group, run.stateDir, pace)) {
      this.#tell(live);
      if (live.stopped !== undefined) live.log(run.stateDir);
      // A hook that came meanwhile has left the whole turn to us.
      if (readAnnouncements(run.stateDir, live.threadId).length > 0) await this.#sendWhole(live.threadId);
    }
  }

  /** A turn that is over is its hook's; what that leaves undone is done here. */
  async #complete(live: LiveTurn): Promise<void> {
    if (live.overMs === undefined) return this.#keepSeen(live);
    const { run, pace } = this.options;
    const { threadId, turnId } = live;
    const pauseMs = live.tries === 0 ? pace.settleMs : Math.min(AGAIN_MS * 2 ** live.tries, LONGEST_AGAIN_MS);
    const record = liveRecordOf(run.stateDir, { threadId, turnId });
    if (!record || record.whole) {
      this.#turns.delete(keyOf(live.running));
      this.#aliveAtMs.delete(live.running.path);
      this.#tell(live);
      return;
    }
    if (Date.now() < live.overMs + pauseMs) return;
    live.tries++;
    live.overMs = Date.now();
    announceLiveTurn(run.stateDir, record, Date.now());
    await this.#sendWhole(threadId);
  }

  #tell(live: LiveTurn): void {
    if (live.requests > 0 || live.notShown !== undefined) this.#shown.add(live);
    this.options.onTurn?.(live);
  }

  /** Tells others that the turn is looked after. */
  #keepSeen({ threadId, turnId, requests }: LiveTurn): void {
    const { stateDir } = this.options.run;
    const record = requests > 0 ? liveRecordOf(stateDir, { threadId, turnId }) : undefined;
    if (record && Date.now() - record.seenMs > UNSEEN_MS / 2) touch(stateDir, record);
  }

  /** Turns that an earlier watcher left, and whole turns that are to be sent once more. */
  async #seeToOthers(nowMs: number): Promise<void> {
    const { stateDir } = this.options.run;
    if (nowMs < this.#staleAtMs || !hasLiveRecords(stateDir)) return;
    this.#staleAtMs = nowMs + UNSEEN_MS / 4;
    announceLiveTurns(stateDir, nowMs, UNSEEN_MS);
    for (const { threadId, whole, seenMs } of liveRecords(stateDir))
      if (!whole && nowMs - seenMs >= UNSEEN_MS) await this.#sendWhole(threadId);
    await this.#withRun((run) => repeatWholeTurns(run));
  }

  async #sendWhole(threadId: string): Promise<void> {
    await this.#withRun((run) => drainFamily(run, threadId));
  }

  async #withRun(work: (run: DeliveryRun) => Promise<unknown>): Promise<void> {
    const { run: options } = this.options;
    const run = new DeliveryRun({
      ...options,
      maxRequests: 1,
      deadlineMs: Date.now() + 2 * WHOLE_TURN_MS,
      requestTimeoutMs: WHOLE_TURN_MS,
      onTurn: (report) => appendTurn(options.stateDir, report, 'watch'),
    });
    try {
      await work(run);
    } finally {
      run.close();
    }
  }

  #liveRun(nowMs: number): DeliveryRun {
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

function keyOf({ path, turnId }: RunningTurn): string {
  return `${path} ${turnId}`;
}

function touch(stateDir: string, record: LiveRecord): void {
  try {
    saveLiveRecord(stateDir, { ...record, seenMs: Date.now() });
  } catch {
    // Then others look after it as well, which does no harm.
  }
}
