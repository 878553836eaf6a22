import type { RolloutEvent, TurnAborted, TurnCompleted } from '../codex/lines/rollout-event.js';
import type { TurnSegment } from '../codex/segments/split-turns.js';
import { textOf } from './chat-message.js';
import type { Turn, TurnOutcome } from './turn.js';

export type TurnEnd = TurnCompleted | TurnAborted;

export function isTurnEnd(event: RolloutEvent): event is TurnEnd {
  return event.kind === 'task_complete' || event.kind === 'turn_aborted';
}

/** The turn's final message; of a review, what Codex says of it. */
export function answerOf(
  end: TurnEnd | undefined,
  events: readonly RolloutEvent[],
  review: boolean,
  lastText: string | undefined,
): string | undefined {
  if (end?.kind === 'task_complete' && end.lastAgentMessage) return end.lastAgentMessage;
  if (review) {
    const said = events.findLast((event) => event.kind === 'message' && event.role === 'assistant');
    const exited = events.findLast((event) => event.kind === 'review_mode' && event.phase === 'exited');
    // 0.60 says the verdict nowhere else.
    const verdict = exited?.kind === 'review_mode' ? exited.verdict : undefined;
    return (said?.kind === 'message' && textOf(said.content)) || verdict;
  }
  // What the model had said before it was cut off or failed is no answer, but it is all there is.
  return lastText;
}

/** How the turn ended, and with which error, as far as its lines tell. */
export function verdictOf(
  end: TurnEnd | undefined,
  segment: TurnSegment,
  said: {
    review: boolean;
    prompts: readonly string[];
    answer?: string | undefined;
    lastText?: string | undefined;
  },
  events: readonly RolloutEvent[],
): { outcome: TurnOutcome; error?: Turn['error'] } {
  if (end?.kind === 'turn_aborted') return { outcome: 'interrupted' };
  if (end?.kind === 'task_complete') {
    if (end.error) return { outcome: 'failed', error: end.error };
    // 0.140 says only that there is no message; so do a review's parent and a manual compaction.
    const asked = said.prompts.length > 0 || events.some((event) => event.kind === 'agent_message');
    const silent = end.lastAgentMessage === null && !said.review && asked;
    if (!silent) return { outcome: 'completed' };
    const told = events.findLast((event) => event.kind === 'error');
    return told?.kind === 'error'
      ? {
          outcome: 'failed',
          error: { message: told.message, ...(told.code === undefined ? {} : { code: told.code }) },
        }
      : { outcome: 'failed' };
  }
  // Files without start lines have no end lines either: an answer is all that can tell of the end.
  const answered = segment.started ? false : said.review ? said.answer !== undefined : endsWithAnswer(events);
  return { outcome: answered ? 'completed' : 'incomplete' };
}

function endsWithAnswer(events: readonly RolloutEvent[]): boolean {
  const last = events.findLast((event) =>
    ['message', 'tool_call', 'tool_output', 'reasoning', 'user_message'].includes(event.kind),
  );
  return last?.kind === 'message' && last.role === 'assistant';
}
