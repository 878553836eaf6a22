import type { RolloutEvent, TurnAborted, TurnCompleted } from '../codex/lines/rollout-event.js';
import type { TurnSegment } from '../codex/segments/turn-segment.js';
import { compact } from '../platform/json.js';
import { textOf } from './chat-message.js';
import type { Turn, TurnOutcome } from './turn.js';

export type TurnEnd = TurnCompleted | TurnAborted;

export function isTurnEnd(event: RolloutEvent): event is TurnEnd {
  return event.kind === 'task_complete' || event.kind === 'turn_aborted';
}

/**
 * The turn's final answer, its plan included (`last_agent_message` leaves a plan out, Codex 0.101 to
 * 0.171); of a review, what Codex says of it.
 * @param said `lastText`: the model's last message; `isQuoted`: the assistant's messages are no model's
 */
export function answerOf(
  end: TurnEnd | undefined,
  events: readonly RolloutEvent[],
  { lastText, isQuoted }: { lastText?: string | undefined; isQuoted: boolean },
): string | undefined {
  const final = (end?.kind === 'task_complete' && end.lastAgentMessage) || undefined;
  const plan = events.findLast((event) => event.kind === 'plan');
  if (plan?.kind === 'plan') {
    if (lastText?.includes('<proposed_plan>')) return withoutPlanTags(lastText);
    return [plan.text.trimEnd(), final].filter(Boolean).join('\n\n');
  }
  if (final !== undefined) return final;
  if (isQuoted) {
    const said = events.findLast((event) => event.kind === 'message' && event.role === 'assistant');
    const exited = events.findLast((event) => event.kind === 'review_mode' && event.phase === 'exited');
    // 0.60 says the verdict nowhere else.
    const verdict = exited?.kind === 'review_mode' ? exited.verdict : undefined;
    return (said?.kind === 'message' && textOf(said.content)) || verdict;
  }
  // What the model had said before it was cut off or failed is no answer, but it is all there is.
  return lastText;
}

/** The tags stand on lines of their own around the plan. */
function withoutPlanTags(text: string): string {
  return text.replace(/^[ \t]*<\/?proposed_plan>[ \t]*(\n|$)/gm, '').trimEnd();
}

/**
 * How the turn ended, and with which error, as far as its lines tell. That there is no last message is
 * no failure: from 0.152 on the end line names the error; before, a turn has failed where its last
 * request brought no response, or where an error was shown to the user.
 * @param turn `unanswered`: something was said to the model after its last response
 */
export function verdictOf(
  end: TurnEnd | undefined,
  segment: TurnSegment,
  turn: { review: boolean; unanswered: boolean; answer?: string | undefined },
  events: readonly RolloutEvent[],
): { outcome: TurnOutcome; error?: Turn['error'] } {
  if (end?.kind === 'turn_aborted') return { outcome: 'interrupted' };
  if (end?.kind === 'task_complete') {
    if (end.error) return { outcome: 'failed', error: end.error };
    // Up to 0.140 the parent of a review and a manual compaction end without a message, too.
    if (end.lastAgentMessage !== null || end.tellsErrors || turn.review) return { outcome: 'completed' };
    const told = events.findLast((event) => event.kind === 'error');
    if (told?.kind === 'error') {
      return { outcome: 'failed', error: compact({ message: told.message, code: told.code }) };
    }
    return { outcome: turn.unanswered ? 'failed' : 'completed' };
  }
  // Files without start lines have no end lines either: an answer is all that can tell of the end.
  const answered = segment.started ? false : turn.review ? turn.answer !== undefined : endsWithAnswer(events);
  return { outcome: answered ? 'completed' : 'incomplete' };
}

function endsWithAnswer(events: readonly RolloutEvent[]): boolean {
  const last = events.findLast((event) =>
    ['message', 'tool_call', 'tool_output', 'reasoning', 'user_message'].includes(event.kind),
  );
  return last?.kind === 'message' && last.role === 'assistant';
}
