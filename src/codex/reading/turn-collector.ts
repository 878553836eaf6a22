import { uuidTimeMs } from '../../platform/uuid-time.js';
import type { SessionMeta } from '../lines/rollout-event.js';
import type { LocatedEvent } from '../recordings/rollout-lines.js';
import { TurnSplitter } from '../segments/split-turns.js';
import { ToolTexts } from '../segments/tool-texts.js';
import type { LateItem, TurnSegment } from '../segments/turn-segment.js';

/** What is known of a turn before its lines are read. */
export interface WantedTurn {
  /** As announced; `"0"` and undefined name none. */
  readonly turnId?: string;
  /** Tell one turn from another where ids do not. */
  readonly prompt?: string;
  readonly answer?: string;
}

/** How far before a turn to look for the thread's running total of tokens. */
const TOTAL_SEARCH_BYTES = 4 * 1024 * 1024;

/** Ids of turns are made in the order of the turns, but for clocks that are set back. */
const CLOCK_MS = 60_000;

/**
 * Whether an id tells a turn from the others of its thread. Up to 0.80 it counts what one process was
 * told, from `"0"`, and stands in no recording.
 */
export function isUsableTurnId(turnId: string | undefined): turnId is string {
  return turnId !== undefined && !/^\d*$/.test(turnId);
}

/** Collects the lines of one turn from the end of a file backwards, no further than they reach. */
export class TurnCollector {
  readonly #collected: { -readonly [Key in keyof LocatedEvent]: LocatedEvent[Key] }[] = [];
  readonly #byId: boolean;
  /** Where the turn begins, once it is there; only the total before it is missing then. */
  #foundAt: number | undefined;
  /** Of the turn whose lines are read. */
  #texts = new ToolTexts();
  /** The file has start lines. */
  #modern = false;

  /** @param meta the file's first line: it tells whose a line is, and an agent's turn from one of another's */
  constructor(
    readonly wanted: WantedTurn,
    readonly meta: SessionMeta | undefined,
  ) {
    this.#byId = isUsableTurnId(wanted.turnId);
  }

  /** The lines so far, in the order of the file. */
  get events(): LocatedEvent[] {
    return this.#collected.slice().reverse();
  }

  /** Takes the line before those it has. @returns whether the turn is complete, or can no longer come */
  see(located: LocatedEvent): boolean {
    const { event, start } = located;
    if (this.#foundAt !== undefined) {
      if (event.kind === 'token_count') this.#collected.push(located);
      return event.kind === 'token_count' || this.#foundAt - start > TOTAL_SEARCH_BYTES;
    }
    this.#collected.push({ ...located, event: this.#texts.keep(event) });
    const cut = this.#texts.toCutAgain();
    if (cut) for (const kept of this.#collected) kept.event = cut(kept.event);
    if (event.kind === 'task_started') return this.#seeStart(event.turnId, start);
    const mayBegin = !this.#byId && !this.#modern && TELLS_BEGINNING.has(event.kind);
    return mayBegin && isCertain(this.meta, this.events, this.wanted);
  }

  #seeStart(turnId: string | undefined, start: number): boolean {
    this.#modern = true;
    this.#texts = new ToolTexts();
    const isOther = this.#byId && turnId !== this.wanted.turnId;
    const found = isOther ? undefined : pickTurn(splitLocated(this.meta, this.events).segments, this.wanted);
    if (!found) return this.#isTooOld(turnId);
    this.#foundAt = start;
    // Counts are compared with the total before, unless the turn has exact records.
    return found.events.some(({ kind }) => kind === 'token_usage_record');
  }

  #isTooOld(turnId: string | undefined): boolean {
    const wantedMs = this.#byId ? uuidTimeMs(this.wanted.turnId) : undefined;
    return wantedMs !== undefined && (uuidTimeMs(turnId) ?? wantedMs) < wantedMs - CLOCK_MS;
  }
}

const TELLS_BEGINNING = new Set(['user_message', 'token_count', 'review_mode']);

/**
 * Without start lines a turn's beginning is certain once another turn stands before it, and its
 * tokens are once a total does that is not a reviewer's.
 */
function isCertain(
  meta: SessionMeta | undefined,
  events: readonly LocatedEvent[],
  wanted: WantedTurn,
): boolean {
  const { segments } = splitLocated(meta, events);
  const found = pickTurn(segments, wanted);
  if (!found || found === segments[0]) return false;
  const [review] = events.filter(({ event }) => event.kind === 'review_mode');
  const beginsInReview = review?.event.kind === 'review_mode' && review.event.phase === 'exited';
  return found.previousTotal !== undefined && !beginsInReview;
}

/** What lines of a file make. */
interface SplitLines {
  readonly segments: TurnSegment[];
  /** The thread's running total of tokens after them, where they tell one. */
  readonly total: number | undefined;
  /** Items that stand after their turns' own lines. */
  readonly late: LateItem[];
}

/** The turns that lines of a file make. */
export function splitLocated(meta: SessionMeta | undefined, events: readonly LocatedEvent[]): SplitLines {
  const splitter = new TurnSplitter();
  splitter.meta = meta;
  const segments: TurnSegment[] = [];
  for (const { event, start, end } of events) {
    const segment = splitter.push(event, start, end);
    if (segment) segments.push(segment);
  }
  const last = splitter.finish();
  if (last) segments.push(last);
  return { segments, total: splitter.total, late: splitter.takeLate() };
}

/** The turn that is wanted among those there are; the newest of several. */
export function pickTurn(segments: readonly TurnSegment[], wanted: WantedTurn): TurnSegment | undefined {
  if (isUsableTurnId(wanted.turnId)) return segments.findLast((segment) => segment.turnId === wanted.turnId);
  const { prompt: _, ...answerOnly } = wanted;
  return (
    segments.findLast((segment) => matches(segment, wanted)) ??
    (wanted.answer === undefined ? undefined : segments.findLast((segment) => matches(segment, answerOnly)))
  );
}

function matches(segment: TurnSegment, wanted: WantedTurn): boolean {
  const said = (kind: 'user' | 'assistant', text: string | undefined) =>
    text === undefined ||
    segment.events.some((event) => {
      if (kind === 'user' && event.kind === 'user_message') return hasText(event.content, text);
      return event.kind === 'message' && event.role === kind && hasText(event.content, text);
    });
  return said('user', wanted.prompt) && said('assistant', wanted.answer);
}

function hasText(
  content: readonly { readonly type: string; readonly text?: string }[],
  text: string,
): boolean {
  return content.some((part) => part.type === 'text' && part.text === text);
}
