import type { RunningTurn } from '../../codex/reading/running-turn.js';
import { isAbandoned } from '../../codex/recordings/recording-life.js';
import { LiveTurn } from './live-turn.js';
import { LiveView, type ViewOptions } from './live-view.js';
import { TurnFinder } from './turn-finder.js';
import { WholeTurns } from './whole-turns.js';

/** What a watcher is given. */
export interface WatchOptions extends ViewOptions {
  /** Told of every turn after each pass in which something became of it. */
  readonly onTurn?: (turn: LiveTurn) => void;
}

/** How often it is looked whether a silent turn still has somebody who writes it, in ms. */
const ALIVE_MS = 60_000;
/** Of one turn's lines in memory; a longer turn is sent when it is over. */
const MAX_BYTES = 48 * 1024 * 1024;

/**
 * Shows the turns of one Codex home while they go on, pass by pass, and sees to it that each of them is
 * sent whole afterwards. Nothing that it sends live is owed to anybody, or tried again.
 */
export class LiveWatch {
  readonly #turns = new Map<string, LiveTurn>();
  readonly #finder: TurnFinder;
  readonly #view: LiveView;
  readonly #whole: WholeTurns;
  readonly #shown = new Set<LiveTurn>();
  readonly #aliveAtMs = new Map<string, number>();

  constructor(readonly options: WatchOptions) {
    this.#finder = new TurnFinder(options.run.codexHome, Date.now());
    this.#view = new LiveView(options);
    this.#whole = new WholeTurns(options.run, options.pace.settleMs);
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
    for (const live of this.turns) if (await this.#whole.complete(live)) this.#forget(live);
    await this.#whole.seeToOthers(nowMs);
  }

  close(): void {
    for (const live of this.turns) live.log(this.options.run.stateDir);
    this.#view.close();
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
    for await (const live of this.#view.show(this.turns, nowMs)) {
      this.#tell(live);
      if (live.stopped !== undefined) live.log(this.options.run.stateDir);
      if (live.notShown === undefined) await this.#whole.takeOver(live.threadId);
    }
  }

  #forget(live: LiveTurn): void {
    this.#turns.delete(keyOf(live.running));
    this.#aliveAtMs.delete(live.running.path);
    this.#tell(live);
  }

  #tell(live: LiveTurn): void {
    if (live.requests > 0 || live.notShown !== undefined) this.#shown.add(live);
    this.options.onTurn?.(live);
  }
}

function keyOf({ path, turnId }: RunningTurn): string {
  return `${path} ${turnId}`;
}
