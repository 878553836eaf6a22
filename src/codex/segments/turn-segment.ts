import type { AdditionalTools, RolloutEvent, ThreadSettings, ToolItem } from '../lines/rollout-event.js';

/** The lines of one turn, in the order of the file. */
export interface TurnSegment {
  turnId?: string;
  /** The turn's first and last byte (exclusive) in the file, where the caller gave offsets. */
  startOffset: number;
  endOffset: number;
  readonly events: RolloutEvent[];
  /** It has a start line of its own; files up to about 0.80 have none. */
  readonly started: boolean;
  /** Its end line has been read. */
  ended: boolean;
  /** The thread's running total of tokens before it, as far as it is known. */
  readonly previousTotal?: number;
  /** The thread's settings when it began, as far as lines before it tell them. */
  readonly settings?: ThreadSettings;
  /** The tools its model was given before it, likewise. */
  readonly tools?: AdditionalTools;
  /** A copy of a turn of the thread this one was forked or spawned from. */
  inherited: boolean;
  /** Brought over from another agent's session (`/import`): Codex had no part in it. */
  readonly imported: boolean;
  readonly foreignTurnIds: string[];
}

/**
 * What became of a tool, written when its turn's lines were over: a command that went on in the
 * background ends after later turns, or one that an interrupt cut off when the next turn is under way
 * (0.152 to 0.171).
 */
export interface LateItem {
  /** The turn that it belongs to. */
  readonly turnId: string;
  readonly item: ToolItem;
  /** Its line's first and last byte (exclusive) in the file. */
  readonly start: number;
  readonly end: number;
}

/** The turn with those of the items that are its own. */
export function withLateItems(segment: TurnSegment, items: readonly LateItem[]): TurnSegment {
  const own = items.filter(({ turnId }) => turnId === segment.turnId).map(({ item }) => item);
  return own.length === 0 ? segment : { ...segment, events: [...segment.events, ...own] };
}

/** Whether the turn is a review (`/review`), told by its lines for entering and leaving review mode. */
export function isReview(segment: TurnSegment): boolean {
  return segment.events.some((event) => event.kind === 'review_mode');
}
