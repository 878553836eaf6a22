import { compact } from '../codex/json-shape.js';
import type {
  RolloutEvent,
  SessionMeta,
  TurnAborted,
  TurnCompleted,
  TurnContext,
} from '../codex/rollout-event.js';
import { textOf } from './chat-message.js';
import { identifyCalls } from './identify-calls.js';
import { collectModelCalls } from './model-calls.js';
import { promptsOf } from './prompts.js';
import { isReview, type TurnSegment } from './split-turns.js';
import { collectToolCalls } from './tool-calls.js';
import type { ModelCall, SubAgentLink, ToolCall, Turn, TurnOutcome } from './turn.js';
import { inside, withTimes } from './turn-times.js';

/**
 * Makes the turn of its lines. Pure: the same lines give the same turn.
 * @param meta the file's first line, for what the lines themselves do not say
 */
export function assembleTurn(segment: TurnSegment, meta: SessionMeta | undefined): Turn {
  const events = withTimes(identifyCalls(segment.events), meta?.startedMs ?? 0);
  const times = events.map((event) => event.timeMs).filter((timeMs) => !Number.isNaN(timeMs));
  const end = findLast(events, isEnd);
  const startMs = startOf(segment, times, meta);
  const endMs = Math.max(startMs, end && !Number.isNaN(end.timeMs) ? end.timeMs : latest(times, startMs));
  const review = isReview(segment);
  const found = collectModelCalls(events, {
    startMs,
    isReview: review,
    ...(segment.previousTotal === undefined ? {} : { previousTotal: segment.previousTotal }),
  });
  const prompts = promptsOf(events, {
    started: segment.started,
    review,
    isAgent: meta?.subagent !== undefined,
  });
  const answer = answerOf(end, events, review, found.lastText);
  const verdict = verdictOf(end, segment, { review, prompts, answer, lastText: found.lastText }, events);
  const toolCalls = collectToolCalls(events, found.callTimes, { startMs, endMs });
  const context = findLast(events, (event) => event.kind === 'turn_context') as TurnContext | undefined;
  const started = events.find((event) => event.kind === 'task_started');
  const firstContext = events.find((event) => event.kind === 'turn_context') as TurnContext | undefined;
  return {
    threadId: meta?.threadId ?? '',
    ...compact({
      turnId: segment.turnId,
      parentTurnId: started?.kind === 'task_started' ? started.parentTurnId : undefined,
      rootTurnId: started?.kind === 'task_started' ? started.rootTurnId : undefined,
      abortReason: end?.kind === 'turn_aborted' ? end.reason : undefined,
      error: verdict.error,
      answer,
      model: firstContext?.model,
      effort: firstContext?.effort,
      cwd: context?.cwd ?? meta?.cwd,
      approvalPolicy: context?.approvalPolicy,
      sandboxMode: context?.sandboxMode,
    }),
    startMs,
    endMs,
    outcome: verdict.outcome,
    prompts,
    transcript: found.transcript,
    modelCalls: completeModelCalls(found.modelCalls, {
      outcome: verdict.outcome,
      toolCalls,
      events,
      startMs,
      endMs,
      review,
      transcriptLength: found.transcript.length,
      ...(context?.model === undefined ? {} : { model: context.model }),
      ...(end?.kind === 'task_complete' && end.timeToFirstTokenMs !== undefined
        ? { firstTokenMs: startMs + end.timeToFirstTokenMs }
        : {}),
    }),
    toolCalls,
    subAgents: subAgentsOf(events),
    foreignTurnIds: segment.foreignTurnIds,
    skippedLines: events.filter((event) => event.kind === 'skipped').length,
  };
}

function isEnd(event: RolloutEvent): event is TurnCompleted | TurnAborted {
  return event.kind === 'task_complete' || event.kind === 'turn_aborted';
}

/** Without a start line a turn begins at its prompt, at what that waited for, or where a review was entered. */
function startOf(segment: TurnSegment, times: readonly number[], meta: SessionMeta | undefined): number {
  const first = segment.started
    ? segment.events[0]
    : (segment.events.find((event) => BEGINNINGS.has(event.kind)) ?? segment.events[0]);
  if (first && !Number.isNaN(first.timeMs)) return first.timeMs;
  return times.length > 0 ? Math.min(...times) : (meta?.timeMs ?? 0);
}

/** A compaction before the prompt leads in with the turn's settings; else these come after it. */
const BEGINNINGS = new Set(['user_message', 'review_mode', 'turn_context']);

function latest(times: readonly number[], fallback: number): number {
  return times.reduce((max, timeMs) => Math.max(max, timeMs), fallback);
}

function answerOf(
  end: TurnCompleted | TurnAborted | undefined,
  events: readonly RolloutEvent[],
  review: boolean,
  lastText: string | undefined,
): string | undefined {
  if (end?.kind === 'task_complete' && end.lastAgentMessage) return end.lastAgentMessage;
  if (review) {
    const said = findLast(events, (event) => event.kind === 'message' && event.role === 'assistant');
    const exited = findLast(events, (event) => event.kind === 'review_mode' && event.phase === 'exited');
    // 0.60 says the verdict nowhere else.
    const verdict = exited?.kind === 'review_mode' ? exited.verdict : undefined;
    return (said?.kind === 'message' && textOf(said.content)) || verdict;
  }
  // What the model had said before it was cut off or failed is no answer, but it is all there is.
  return lastText;
}

function verdictOf(
  end: TurnCompleted | TurnAborted | undefined,
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
    const told = findLast(events, (event) => event.kind === 'error');
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
  const last = findLast(events, (event) =>
    ['message', 'tool_call', 'tool_output', 'reasoning', 'user_message'].includes(event.kind),
  );
  return last?.kind === 'message' && last.role === 'assistant';
}

/**
 * Adds what the items alone do not show: the request that was under way when the turn ended, and
 * the time to the first token, which Codex counts from the turn's start.
 */
function completeModelCalls(
  calls: readonly ModelCall[],
  turn: {
    outcome: TurnOutcome;
    toolCalls: readonly ToolCall[];
    events: readonly RolloutEvent[];
    startMs: number;
    endMs: number;
    review: boolean;
    transcriptLength: number;
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
    inputTo: turn.transcriptLength,
  });
  return result;
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

function subAgentsOf(events: readonly RolloutEvent[]): SubAgentLink[] {
  const links: SubAgentLink[] = [];
  for (const event of events) {
    if (event.kind === 'sub_agent' && event.activity !== 'completed') {
      links.push({ callId: event.callId, agentThreadId: event.agentThreadId, timeMs: event.timeMs });
    } else if (event.kind === 'tool_output') {
      // Up to 0.140 only the spawning call's output names the agent it started.
      const agent = textOf(event.content).match(/^\{"agent_id":"([0-9a-f-]{36})"/)?.[1];
      if (agent) links.push({ callId: event.callId, agentThreadId: agent, timeMs: event.timeMs });
    }
  }
  return links;
}

function findLast<T extends RolloutEvent>(
  events: readonly RolloutEvent[],
  test: ((event: RolloutEvent) => event is T) | ((event: RolloutEvent) => boolean),
): T | undefined {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event && test(event)) return event as T;
  }
  return undefined;
}
