import type {
  AdditionalTools,
  RolloutEvent,
  SessionMeta,
  ThreadSettings,
  TurnStarted,
} from '../lines/rollout-event.js';
import { CopiedTurns } from './copied-turns.js';
import { LeadIn } from './lead-in.js';
import { ToolTexts } from './tool-texts.js';
import { isReview, type LateItem, type TurnSegment } from './turn-segment.js';
import { carriesTurn, hasAnswered } from './turn-signs.js';

/** Codex 0.169 and 0.171 name them so and write all their lines in one moment. */
const IMPORTED_TURN = 'external-import-turn-';

const REVIEWERS = new Set(['user_message', 'tool_item', 'token_count']);

/**
 * Cuts a thread's events into turns, one event at a time, holding no more than one turn, and of that no more
 * than can be sent (`ToolTexts`).
 *
 * A turn runs from its `task_started` to its `task_complete` or `turn_aborted`; lines that follow
 * the end and name the turn still belong to it (0.169: a command cut off by an abort), so it is
 * given out when the next one begins; what comes later still is a `LateItem`. Without start lines (0.60, 0.80) a turn begins at its
 * `user_message`, unless the model still has an answer to give: then that one is steering.
 * Lines of other threads, which a review leaves in its parent's file, are left out.
 * Turns that were copied from another thread's file are marked: see `CopiedTurns`.
 */
export class TurnSplitter {
  meta: SessionMeta | undefined;
  #current: TurnSegment | undefined;
  #total: number | undefined;
  /** Reading began after a turn: lines before the next one's beginning are late ones of that turn. */
  readonly #afterTurn: boolean;
  #settings: ThreadSettings | undefined;
  #tools: AdditionalTools | undefined;
  #reviewing = false;
  readonly #copied = new CopiedTurns();
  readonly #leadIn = new LeadIn();
  #late: LateItem[] = [];
  /** Of the turn under way. */
  #texts = new ToolTexts();

  /** @param known what was read before, where reading begins in the middle of a file, after a turn */
  constructor(known?: { meta: SessionMeta | undefined; total: number | undefined }) {
    this.meta = known?.meta;
    this.#total = known?.total;
    this.#afterTurn = known !== undefined;
  }

  /** The thread's running total of tokens so far, where the lines tell one. */
  get total(): number | undefined {
    return this.#total;
  }

  /** The turn that is being read, ended or not. */
  get current(): TurnSegment | undefined {
    return this.#current;
  }

  /** @returns the turn before, when this event begins another */
  push(event: RolloutEvent, start = 0, end = 0): TurnSegment | undefined {
    if (event.kind === 'session_meta') this.#seeMeta(event);
    else if (this.#isForeign(event)) this.#passForeign(event, end);
    else return this.#pushOwn(event, start, end);
    return undefined;
  }

  #seeMeta(event: SessionMeta): void {
    this.meta ??= event;
    if (event.threadId !== this.meta.threadId && !this.#current) this.#copied.begin(event.timeMs);
  }

  #passForeign(event: RolloutEvent, end: number): void {
    if (!this.#current) return;
    if (event.kind === 'task_started' && event.turnId) this.#current.foreignTurnIds.push(event.turnId);
    this.#current.endOffset = end;
  }

  #pushOwn(event: RolloutEvent, start: number, end: number): TurnSegment | undefined {
    const before = this.#total;
    if (event.kind === 'token_count') this.#total = event.total.totalTokens;
    if (event.kind === 'thread_settings') this.#settings = event;
    if (event.kind === 'additional_tools') this.#tools = event;
    const begins = this.#begins(event);
    if (!begins && this.#isOfAnotherTurn(event)) {
      this.#keepLate(event, start, end);
      return undefined;
    }
    const current = this.#current;
    const isOwn = this.#copied.see(event);
    if (isOwn && current && current.turnId === undefined) current.inherited = false;
    if (begins || (!current && !this.#afterTurn && carriesTurn(event))) this.#open(event, start);
    else this.#leadIn.see(event, { start, total: before, length: current?.events.length ?? 0 });
    this.#append(event, end);
    return begins ? current : undefined;
  }

  #keepLate(event: RolloutEvent, start: number, end: number): void {
    if (event.kind !== 'tool_item' || event.turnId === undefined) return;
    this.#late.push({ turnId: event.turnId, item: event, start, end });
  }

  /** What was read of earlier turns since this was asked last. */
  takeLate(): LateItem[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /** @returns the last turn, ended or not */
  finish(): TurnSegment | undefined {
    const last = this.#current;
    this.#current = undefined;
    return last;
  }

  #append(event: RolloutEvent, end: number): void {
    const current = this.#current;
    if (!current || (current.ended && event.kind === 'message')) {
      return;
    }
    if (current.turnId === undefined && event.turnId !== undefined) current.turnId = event.turnId;
    const { events } = current;
    events.push(this.#texts.keep(event));
    const cut = this.#texts.toCutAgain();
    if (cut) for (const [index, kept] of events.entries()) events[index] = cut(kept);
    current.endOffset = end;
    if (event.kind === 'review_mode') this.#reviewing = event.phase === 'entered';
    if (event.kind === 'task_complete' || event.kind === 'turn_aborted') {
      current.ended = true;
      this.#reviewing = false;
    }
  }

  #begins(event: RolloutEvent): boolean {
    const current = this.#current;
    if (event.kind === 'task_started') return true;
    // Codex enters a review between turns alone: one that has no end by then was killed.
    if (event.kind === 'review_mode') return event.phase === 'entered';
    if (event.kind !== 'user_message') return false;
    if (!current || current.ended) return true;
    if (current.started) return false;
    return isReview(current) ? !this.#reviewing || this.#leadIn.isAfterPrompt : hasAnswered(current.events);
  }

  #open(event: RolloutEvent, start: number): void {
    const started = event.kind === 'task_started';
    const lines = this.#leadIn.take();
    const lead = event.kind === 'user_message' ? lines : undefined;
    if (lead && this.#current?.events[lead.length] === lead.events[0]) {
      this.#current?.events.splice(lead.length);
      if (this.#current) this.#current.endOffset = lead.start;
    }
    const total = lead ? lead.total : this.#total;
    this.#texts = new ToolTexts();
    this.#current = {
      ...(event.turnId === undefined ? {} : { turnId: event.turnId }),
      startOffset: lead?.start ?? start,
      endOffset: start,
      events: lead ? [...lead.events] : [],
      started,
      ended: false,
      ...(total === undefined ? {} : { previousTotal: total }),
      ...(this.#settings && { settings: this.#settings }),
      ...(this.#tools && { tools: this.#tools }),
      inherited: this.#copied.isCopy(event.turnId, this.meta),
      imported: (event.turnId ?? '').startsWith(IMPORTED_TURN),
      foreignTurnIds: [],
    };
    this.#reviewing = false;
  }

  #isOfAnotherTurn(event: RolloutEvent): boolean {
    if (event.turnId === undefined) return false;
    // Reading began after a turn: this is a line of that one or of an earlier one.
    if (!this.#current) return this.#afterTurn && event.kind === 'tool_item';
    return this.#current.turnId !== undefined && event.turnId !== this.#current.turnId;
  }

  #isForeign(event: RolloutEvent): boolean {
    const threadId = 'threadId' in event ? event.threadId : undefined;
    if (threadId !== undefined && this.meta && threadId !== this.meta.threadId) return true;
    if (event.kind === 'task_started') return this.#isForeignStart(event);
    // Up to 0.140 the reviewer's lines do not say whose they are; in 0.60 its token counts are among them.
    if (this.#reviewing && threadId === undefined && REVIEWERS.has(event.kind)) {
      // What the reviewer is told is not put into this thread's context: a prompt is.
      return event.kind !== 'user_message' || !this.#leadIn.isAfterPrompt;
    }
    const current = this.#current;
    if (event.kind === 'task_complete' || event.kind === 'turn_aborted') {
      return (
        current !== undefined && event.turnId !== undefined && current.foreignTurnIds.includes(event.turnId)
      );
    }
    return false;
  }

  /**
   * A start line does not name its thread. The reviewer's is the first within a review, and from 0.169 on it
   * names another turn as its root. Any other is the thread's own: Codex was killed during the review, and
   * nothing tells of its end.
   */
  #isForeignStart({ turnId, parentTurnId, rootTurnId }: TurnStarted): boolean {
    const isAgents = this.meta?.parentThreadId !== undefined || this.meta?.subagent !== undefined;
    if (parentTurnId !== undefined && !isAgents) return true;
    const isItsOwnRoot = rootTurnId !== undefined && rootTurnId === turnId;
    return this.#reviewing && !isItsOwnRoot && this.#current?.foreignTurnIds.length === 0;
  }
}

/** All turns of a list of events; for callers that have them in memory. */
export function splitTurns(events: Iterable<RolloutEvent>): { meta?: SessionMeta; segments: TurnSegment[] } {
  const splitter = new TurnSplitter();
  const segments: TurnSegment[] = [];
  for (const event of events) {
    const segment = splitter.push(event);
    if (segment) segments.push(segment);
  }
  const last = splitter.finish();
  if (last) segments.push(last);
  return { ...(splitter.meta ? { meta: splitter.meta } : {}), segments };
}
