import type { RolloutEvent } from '../lines/rollout-event.js';

/** Whether an event shows that a turn is under way, in a file whose beginning is missing. */
export function carriesTurn(event: RolloutEvent): boolean {
  switch (event.kind) {
    case 'message':
      return event.role === 'assistant';
    case 'reasoning':
    case 'tool_call':
    case 'tool_output':
    case 'tool_item':
    case 'token_usage_record':
    case 'task_complete':
    case 'turn_aborted':
      return true;
    default:
      return false;
  }
}

/** The model's last word is an answer, or the turn was given up: what the user says now begins another. */
export function hasAnswered(events: readonly RolloutEvent[]): boolean {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    switch (event?.kind) {
      case 'message':
        if (event.role === 'assistant') return true;
        break;
      case 'tool_call':
      case 'tool_output':
      case 'reasoning':
        return false;
      case 'user_message':
        // Nothing came of the one before: a failed request leaves no line in these versions.
        return true;
    }
  }
  return false;
}
