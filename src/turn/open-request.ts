import type { RolloutEvent } from '../codex/lines/rollout-event.js';
import { textOf } from './chat-message.js';
import type { ChatMessage, ModelCall, ToolCall, TurnOutcome } from './turn.js';
import { inside } from './turn-times.js';

/**
 * Adds what the items alone do not show: the request that was under way when the turn ended, and
 * the time to the first token, which Codex counts from the turn's start.
 */
export function completeModelCalls(
  calls: readonly ModelCall[],
  turn: {
    outcome: TurnOutcome;
    toolCalls: readonly ToolCall[];
    events: readonly RolloutEvent[];
    startMs: number;
    endMs: number;
    review: boolean;
    transcript: readonly ChatMessage[];
    model?: string;
    firstTokenMs?: number;
  },
): ModelCall[] {
  const result = calls.map((call): ModelCall => {
    const callStartMs = inside(call.startMs, turn);
    return { ...call, startMs: callStartMs, endMs: Math.max(callStartMs, inside(call.endMs, turn)) };
  });
  const first = result[0];
  if (first && turn.firstTokenMs !== undefined && first.outcome === 'completed') {
    const ms = turn.firstTokenMs - first.startMs;
    if (ms >= 0 && turn.firstTokenMs <= first.endMs) result[0] = { ...first, timeToFirstTokenMs: ms };
  }
  if (turn.outcome !== 'interrupted' && turn.outcome !== 'failed') return result;
  const outcome = turn.outcome === 'interrupted' ? 'cut' : 'failed';
  const last = result.at(-1);
  const lastInput = lastInputOf(turn.events);
  if (
    last &&
    last.usage === undefined &&
    last.outcome === 'completed' &&
    last.endMs >= (lastInput?.timeMs ?? 0)
  ) {
    if (last.output?.toolCalls === undefined)
      result[result.length - 1] = { ...last, outcome, endMs: turn.endMs };
    return result;
  }
  const waiting =
    lastInput !== undefined &&
    !turn.review &&
    (last === undefined || lastInput.timeMs > last.endMs || lastInput.index > lastItemIndex(turn.events)) &&
    !isAbortedTool(lastInput.event, turn.toolCalls) &&
    turn.toolCalls.every((call) => !isUnanswered(call, turn.events));
  if (!waiting) return result;
  result.push({
    key: `response ${result.length}`,
    purpose: 'response',
    outcome,
    startMs: inside(lastInput.timeMs, turn),
    endMs: turn.endMs,
    ...(turn.model === undefined ? {} : { model: turn.model }),
    inputFrom: last?.inputFrom ?? 0,
    inputTo: lengthUpTo(lastInput.event, turn.transcript),
  });
  return result;
}

/** How much of the transcript there was when the request was made: Codex's notes on its end come after. */
function lengthUpTo(input: RolloutEvent, transcript: readonly ChatMessage[]): number {
  const last = transcript.findLastIndex((message) => {
    if (input.kind === 'tool_output') return message.toolCallId === input.callId;
    return (
      input.kind === 'user_message' &&
      message.role === 'user' &&
      message.content.includes(textOf(input.content))
    );
  });
  return last < 0 ? transcript.length : last + 1;
}

/** What the model was last told. `<turn_aborted>` is Codex's note for the next turn. */
function lastInputOf(
  events: readonly RolloutEvent[],
): { event: RolloutEvent; timeMs: number; index: number } | undefined {
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index];
    if (event?.kind === 'tool_output' || event?.kind === 'user_message')
      return { event, timeMs: event.timeMs, index };
  }
  return undefined;
}

function lastItemIndex(events: readonly RolloutEvent[]): number {
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index];
    if (
      event?.kind === 'tool_call' ||
      event?.kind === 'reasoning' ||
      (event?.kind === 'message' && event.role === 'assistant')
    )
      return index;
  }
  return -1;
}

function isAbortedTool(event: RolloutEvent, calls: readonly ToolCall[]): boolean {
  return (
    event.kind === 'tool_output' &&
    calls.some((call) => call.id === event.callId && call.failure?.type === 'aborted')
  );
}

function isUnanswered(call: ToolCall, events: readonly RolloutEvent[]): boolean {
  return (
    call.form !== 'hosted' &&
    !events.some((event) => event.kind === 'tool_output' && event.callId === call.id)
  );
}
