import type { RolloutEvent } from '../../codex/lines/rollout-event.js';
import { compact } from '../../platform/json.js';
import { textOf } from '../chat-message.js';
import type { ChatMessage, ModelCall, ToolCall, TurnOutcome } from '../turn.js';
import { inside, type TurnTimes } from '../turn-times.js';

/** What of a turn its open request follows from. */
interface EndedTurn extends TurnTimes {
  readonly outcome: TurnOutcome;
  readonly toolCalls: readonly ToolCall[];
  readonly events: readonly RolloutEvent[];
  readonly review: boolean;
  readonly transcript: readonly ChatMessage[];
  readonly model?: string | undefined;
  /** When Codex had the turn's first token, in ms since the epoch. */
  readonly firstTokenMs?: number | undefined;
}

/**
 * Adds what the items alone do not show: the request that was under way when the turn ended, and
 * the time to the first token, which Codex counts from the turn's start.
 */
export function completeModelCalls(calls: readonly ModelCall[], turn: EndedTurn): ModelCall[] {
  const inTurn = calls.map((call): ModelCall => {
    const startMs = inside(call.startMs, turn);
    return { ...call, startMs, endMs: Math.max(startMs, inside(call.endMs, turn)) };
  });
  const timed = withFirstToken(inTurn, turn.firstTokenMs);
  if (turn.outcome === 'interrupted') return withOpenRequest(timed, 'cut', turn);
  return turn.outcome === 'failed' ? withOpenRequest(timed, 'failed', turn) : timed;
}

/** A time that lies outside the first response is none of its. */
function withFirstToken(calls: readonly ModelCall[], firstTokenMs: number | undefined): ModelCall[] {
  const [first, ...others] = calls;
  if (!first || firstTokenMs === undefined || first.outcome !== 'completed') return [...calls];
  const ms = firstTokenMs - first.startMs;
  return ms >= 0 && firstTokenMs <= first.endMs
    ? [{ ...first, timeToFirstTokenMs: ms }, ...others]
    : [...calls];
}

function withOpenRequest(
  calls: readonly ModelCall[],
  outcome: 'cut' | 'failed',
  turn: EndedTurn,
): ModelCall[] {
  const last = calls.at(-1);
  const lastInput = lastInputOf(turn.events);
  const isAtOnce = outcome === 'cut' && tellsUsageAtOnce(turn.events);
  const isLast = last !== undefined && last.endMs >= (lastInput?.timeMs ?? 0);
  if (last?.usage === undefined && (isLast || (last && isAtOnce && wasWrittenAtEnd(lastInput, turn)))) {
    // It was answering. Else calls that it had made are there whole: then a tool was cut off, not the response.
    const isWhole = !isAtOnce && last.output?.toolCalls !== undefined;
    return isWhole ? [...calls] : [...calls.slice(0, -1), { ...last, outcome, endMs: turn.endMs }];
  }
  if (!lastInput || !isWaiting(lastInput, last, turn)) return [...calls];
  const open: ModelCall = {
    key: `response ${calls.length}`,
    purpose: 'response',
    outcome,
    startMs: inside(lastInput.timeMs, turn),
    endMs: turn.endMs,
    inputFrom: last?.inputFrom ?? 0,
    inputTo: lengthUpTo(lastInput.event, turn.transcript),
    ...compact({ model: turn.model }),
  };
  return [...calls, open];
}

/** Whether a response's tokens are written as soon as it is over, before its tools' outputs (0.160 on). */
function tellsUsageAtOnce(events: readonly RolloutEvent[]): boolean {
  return events.some(
    (event) =>
      event.kind === 'token_usage_record' ||
      (event.kind === 'task_started' && event.rootTurnId !== undefined),
  );
}

/** Outputs of tools that ended while the response went on are written as it is cut off: 5 ms before the turn's end (0.171). */
const AT_END_MS = 500;

function wasWrittenAtEnd(input: LastInput | undefined, turn: EndedTurn): boolean {
  return input?.event.kind === 'tool_output' && input.timeMs >= turn.endMs - AT_END_MS;
}

/** Whether what the model was last told had gone to it: no response came after it, and no tool runs. */
function isWaiting(lastInput: LastInput, last: ModelCall | undefined, turn: EndedTurn): boolean {
  if (turn.review || isAbortedTool(lastInput.event, turn.toolCalls)) return false;
  if (hasUnanswered(turn)) return false;
  return !last || lastInput.timeMs > last.endMs || lastInput.index > lastItemIndex(turn.events);
}

interface LastInput {
  readonly event: RolloutEvent;
  readonly timeMs: number;
  readonly index: number;
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
function lastInputOf(events: readonly RolloutEvent[]): LastInput | undefined {
  const index = events.findLastIndex(({ kind }) => kind === 'tool_output' || kind === 'user_message');
  const event = events[index];
  return event && { event, timeMs: event.timeMs, index };
}

function lastItemIndex(events: readonly RolloutEvent[]): number {
  return events.findLastIndex(
    (event) =>
      event.kind === 'tool_call' ||
      event.kind === 'reasoning' ||
      (event.kind === 'message' && event.role === 'assistant'),
  );
}

function isAbortedTool(event: RolloutEvent, calls: readonly ToolCall[]): boolean {
  return (
    event.kind === 'tool_output' &&
    calls.some((call) => call.id === event.callId && call.failure?.type === 'aborted')
  );
}

function hasUnanswered({ toolCalls, events }: EndedTurn): boolean {
  const answered = new Set(events.flatMap((event) => (event.kind === 'tool_output' ? [event.callId] : [])));
  return toolCalls.some((call) => call.form !== 'hosted' && !answered.has(call.id));
}
