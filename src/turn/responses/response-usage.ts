import type { RolloutEvent, TokenCount } from '../../codex/lines/rollout-event.js';
import type { ResponseDrafts } from './response-drafts.js';

/** Finds the tokens of each response among a turn's lines. */
export interface UsageReader {
  /** Looks at the next line; those without tokens are passed over. */
  read(event: RolloutEvent): void;
}

/** One record for each response, compactions included (Codex from about 0.150 on). */
export class UsageByRecord implements UsageReader {
  /** The ids of the responses that have theirs. */
  readonly #counted = new Set<string>();

  constructor(readonly drafts: ResponseDrafts) {}

  read(event: RolloutEvent): void {
    if (event.kind !== 'token_usage_record') return;
    const { drafts } = this;
    const { responseId, usage, timeMs } = event;
    if (responseId !== undefined && this.#counted.has(responseId)) return;
    const draft = drafts.last?.open ? drafts.last : drafts.usageOnly({ usage, timeMs });
    drafts.count(draft, usage);
    if (responseId === undefined) return;
    draft.responseId = responseId;
    this.#counted.add(responseId);
  }
}

/**
 * Running totals, written several times for each response (Codex 0.60 to 0.150): a count is one of a
 * response when the total has changed. It belongs to the response that has no tokens yet, or, where
 * there is none (0.60 writes the count first), to the next one.
 */
export class UsageByTotal implements UsageReader {
  #total: number | undefined;

  /** @param previousTotal the thread's total before the turn, where known */
  constructor(
    readonly drafts: ResponseDrafts,
    previousTotal: number | undefined,
  ) {
    this.#total = previousTotal;
  }

  read(event: RolloutEvent): void {
    if (event.kind !== 'token_count') return;
    const isNew = isResponse(event, this.#total);
    this.#total = event.total.totalTokens;
    if (!isNew) return;
    const { drafts } = this;
    const { last } = drafts;
    if (last && last.usage === undefined) {
      drafts.count(last, event.last);
      return;
    }
    drafts.settleEarly();
    drafts.early = { usage: event.last, timeMs: event.timeMs };
    if (last) last.open = false;
  }
}

/**
 * Whether a count is of a response: a repeated total is none. Codex makes up two counts: one after a
 * compaction, with the same total, and one that fills the context when a request exceeded it, of
 * which only the totals are set.
 */
function isResponse({ last, total }: TokenCount, previousTotal: number | undefined): boolean {
  return last.inputTokens + last.outputTokens > 0 && total.totalTokens !== previousTotal;
}
