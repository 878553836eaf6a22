import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import { textOf } from './chat-message.js';

/** Messages in the user's name that Codex itself puts into the context. */
const INJECTED = /^(<[a-z_]+[ >]|# AGENTS\.md |Warning: )/;

/**
 * What was asked in a turn, in order: what the user typed, steering included, never what Codex put
 * into the context; of a review what it covers, of an agent's turn its task where that is readable.
 */
export function promptsOf(
  events: readonly RolloutEvent[],
  turn: {
    readonly started: boolean;
    readonly review: boolean;
    readonly isAgent: boolean;
    /** Codex itself started the thread, and asks it in the user's name (a reviewer of approvals). */
    readonly isOwnHelper: boolean;
  },
): string[] {
  const first = events.findIndex((event) => event.kind === 'user_message');
  const typed = events.flatMap((event, index): string[] => {
    if (event.kind === 'user_message') return isViewedImage(events, index) ? [] : [textOf(event.content)];
    // Files without start lines (0.60, 0.80) tell of steering only in the model's context.
    const isSteering = !turn.started && !turn.review && first >= 0 && index > first;
    return isSteering ? steering(event, events) : [];
  });
  if (typed.length > 0) return typed.filter((prompt) => prompt !== '');
  if (turn.isAgent) {
    // Nobody typed anything: another agent gave the task, which may be encrypted.
    const tasks = events.flatMap((event) => (event.kind === 'agent_message' ? (event.task ?? []) : []));
    return tasks.length > 0 || !turn.isOwnHelper ? tasks : requests(events);
  }
  if (!turn.review) return [];
  // The request for a review is recorded only as what it covers.
  return events.flatMap((event) =>
    event.kind === 'review_mode' && event.phase === 'entered' ? [`Review ${event.hint ?? ''}`.trim()] : [],
  );
}

function requests(events: readonly RolloutEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'message' || event.role !== 'user') return [];
    const text = textOf(event.content);
    return text === '' || INJECTED.test(text) ? [] : [text];
  });
}

function steering(event: RolloutEvent, events: readonly RolloutEvent[]): string[] {
  if (event.kind !== 'message' || event.role !== 'user') return [];
  if (event.content.some((part) => part.type !== 'text')) return [];
  const text = textOf(event.content);
  const isTold = events.some((other) => other.kind === 'user_message' && textOf(other.content) === text);
  return isTold || INJECTED.test(text) ? [] : [text];
}

/** 0.101 tells of a picture that the model looked at as if the user had sent it. */
function isViewedImage(events: readonly RolloutEvent[], index: number): boolean {
  const event = events[index];
  if (event?.kind !== 'user_message' || event.content.some((part) => part.type !== 'image')) return false;
  const before = events.slice(0, index).findLast((one) => one.kind !== 'message');
  const callId = before?.kind === 'tool_output' ? before.callId : undefined;
  return events.some(
    (call) => call.kind === 'tool_call' && call.callId === callId && call.name === 'view_image',
  );
}
