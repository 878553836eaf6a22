import type { RunningTurn } from '../../codex/reading/running-turn.js';
import { parseRecordingName } from '../../codex/recordings/recording-name.js';
import type { TurnPlacement } from '../../spans/span-context.js';
import { assembleTurn } from '../../turn/assemble-turn.js';
import { openCalls } from '../../turn/tools/open-calls.js';
import type { Turn } from '../../turn/turn.js';
import { appendTurn } from '../store/journal.js';
import type { Position } from '../store/thread-state.js';
import type { LivePace } from './live-pace.js';

/** A turn that is followed, and what has been shown of it. */
export class LiveTurn {
  /** Closed spans that a server has: see `LiveSpans.closed`. */
  readonly sent = new Set<string>();
  readonly threadId: string;
  /** Where it begins in its thread. */
  readonly at: Position;
  requests = 0;
  spans = 0;
  /** Where it stands in its trace, once that is certain. */
  placement: TurnPlacement | undefined;
  /** Why nothing more of it is sent live, where that is so. */
  stopped: string | undefined;
  /** Why nothing of it is shown, where its folder's settings or its server say so. */
  notShown: string | undefined;
  /** It is shown, or is to be in the next request. */
  isRouted = false;
  /** Its trace in MLflow's page, where the server has one. */
  link: string | undefined;
  /** When it was seen to be over, in ms since the epoch. */
  overMs: number | undefined;
  /** How often it was tried to be sent whole. */
  tries = 0;
  #sentMs = 0;
  #sentBytes = 0;
  #isMore = false;
  #tookMs = 0;
  #isLogged = false;

  constructor(readonly running: RunningTurn) {
    const name = parseRecordingName(running.path);
    this.threadId = running.meta?.threadId ?? name?.threadId ?? '';
    this.at = { file: name?.key ?? this.threadId, start: running.start };
  }

  /** Not all that is over of it has been sent. */
  get hasMore(): boolean {
    return this.#isMore && this.stopped === undefined && this.overMs === undefined;
  }

  get turnId(): string {
    return this.running.turnId;
  }

  /** The turn as far as it is written, and the calls that are under way; undefined where nothing is. */
  assemble(): { turn: Turn; openCalls: ReadonlySet<string> } | undefined {
    const { segment, meta } = this.running;
    return segment && { turn: assembleTurn(segment, meta), openCalls: openCalls(segment.events) };
  }

  /** Whether it is time to show it: there is something new, or it has been silent for a while. */
  isDue(nowMs: number, { firstMs, heartbeatMs }: LivePace): boolean {
    const { running } = this;
    if (this.stopped !== undefined || this.overMs !== undefined || running.isOver) return false;
    // A clock that was put back would hide the turn for as long.
    if (Math.abs(nowMs - running.startMs) < firstMs) return false;
    return running.bytes > this.#sentBytes || this.#isMore || nowMs - this.#sentMs >= heartbeatMs;
  }

  /** A server has taken spans of it. */
  noteSent(closed: readonly string[], isMore: boolean, atMs: number): void {
    for (const key of closed) this.sent.add(key);
    this.#isMore = isMore;
    this.#sentMs = atMs;
    this.#sentBytes = this.running.bytes;
  }

  /** A request was made for it. */
  noteRequest(spans: number, tookMs: number): void {
    this.requests++;
    this.spans += spans;
    this.#tookMs += tookMs;
  }

  /** The one line of the log for all that was sent of it. */
  log(stateDir: string): void {
    if (this.requests === 0 || this.#isLogged) return;
    this.#isLogged = true;
    const { threadId, turnId, requests, spans } = this;
    const detail = `${requests} requests, ${spans} spans${this.stopped ? `, stopped: ${this.stopped}` : ''}`;
    appendTurn(stateDir, { threadId, turnId, outcome: 'live', ms: this.#tookMs, detail }, '');
  }
}
