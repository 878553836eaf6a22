import { isOwnHelper } from '../codex/family/own-helpers.js';
import type { RolloutEvent, SessionMeta, TurnContext } from '../codex/lines/rollout-event.js';
import { isReview, type TurnSegment } from '../codex/segments/turn-segment.js';
import { compact } from '../platform/json.js';
import { uuidTimeMs } from '../platform/uuid-time.js';
import { promptsOf } from './prompts.js';
import { collectModelCalls } from './responses/model-calls.js';
import { completeModelCalls } from './responses/open-request.js';
import { skillsOf } from './skills.js';
import { subAgentsOf } from './sub-agents.js';
import { identifyCalls } from './tools/identify-calls.js';
import { collectToolCalls } from './tools/tool-calls.js';
import type { Turn } from './turn.js';
import { serviceTierOf, toolsOf, usedPercentOf } from './turn-facts.js';
import { withTimes } from './turn-times.js';
import { answerOf, isTurnEnd, type TurnEnd, verdictOf } from './turn-verdict.js';

/**
 * Makes the turn of its lines. Pure: the same lines give the same turn.
 * @param meta the file's first line, for what the lines themselves do not say
 */
export function assembleTurn(segment: TurnSegment, meta: SessionMeta | undefined): Turn {
  const events = withTimes(identifyCalls(segment.events), fallbackMs(segment, meta));
  const times = events.map((event) => event.timeMs).filter((timeMs) => !Number.isNaN(timeMs));
  const end = events.findLast(isTurnEnd);
  const startMs = startOf(segment, times, meta);
  const endMs = Math.max(startMs, end && !Number.isNaN(end.timeMs) ? end.timeMs : latest(times, startMs));
  const review = isReview(segment);
  const found = collectModelCalls(events, {
    startMs,
    isQuoted: review || segment.imported,
    previousTotal: segment.previousTotal,
  });
  const prompts = promptsOf(events, {
    started: segment.started,
    review,
    isAgent: meta?.subagent !== undefined,
    isOwnHelper: isOwnHelper(meta),
  });
  const answer = answerOf(end, events, { isQuoted: review || segment.imported, lastText: found.lastText });
  const verdict = verdictOf(end, segment, { review, answer, unanswered: found.unanswered }, events);
  const toolCalls = collectToolCalls(events, found.callTimes, { startMs, endMs });
  return {
    threadId: meta?.threadId ?? '',
    ...compact({
      turnId: segment.turnId,
      ...parentageOf(events),
      abortReason: end?.kind === 'turn_aborted' ? end.reason : undefined,
      error: verdict.error,
      answer,
      ...settingsOf(events, meta),
      serviceTier: serviceTierOf(events, segment),
      usedPercent: usedPercentOf(events),
      tools: toolsOf(events, segment),
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
      transcript: found.transcript,
      model: events.findLast(isContext)?.model,
      firstTokenMs: firstTokenMs(end, startMs),
    }),
    toolCalls,
    skills: skillsOf(events, toolCalls),
    subAgents: subAgentsOf(events),
    foreignTurnIds: segment.foreignTurnIds,
    skippedLines: segment.events.filter(isUnread).length,
    ...(segment.imported ? { imported: true } : {}),
  };
}

/** The turns that a sub-agent's turn belongs to. */
function parentageOf(events: readonly RolloutEvent[]) {
  const started = events.find((event) => event.kind === 'task_started');
  return { parentTurnId: started?.parentTurnId, rootTurnId: started?.rootTurnId };
}

/** The model and effort that the turn began with; the folder and the permissions that it ended with. */
function settingsOf(events: readonly RolloutEvent[], meta: SessionMeta | undefined) {
  const first = events.find(isContext);
  const last = events.findLast(isContext);
  return {
    model: first?.model,
    effort: first?.effort,
    cwd: last?.cwd ?? meta?.cwd,
    approvalPolicy: last?.approvalPolicy,
    sandboxMode: last?.sandboxMode,
  };
}

function firstTokenMs(end: TurnEnd | undefined, startMs: number): number | undefined {
  const ms = end?.kind === 'task_complete' ? end.timeToFirstTokenMs : undefined;
  return ms === undefined ? undefined : startMs + ms;
}

/** What could not be understood, and lines that do not say when they were written. */
function isUnread(event: RolloutEvent): boolean {
  return event.kind === 'skipped' || Number.isNaN(event.timeMs);
}

function isContext(event: RolloutEvent): event is TurnContext {
  return event.kind === 'turn_context';
}

/** Without a start line a turn begins at its prompt, at what that waited for, or where a review was entered. */
function startOf(segment: TurnSegment, times: readonly number[], meta: SessionMeta | undefined): number {
  const first = segment.started
    ? segment.events[0]
    : (segment.events.find((event) => BEGINNINGS.has(event.kind)) ?? segment.events[0]);
  if (first && !Number.isNaN(first.timeMs)) return first.timeMs;
  return times.length > 0 ? Math.min(...times) : (meta?.timeMs ?? 0);
}

/** Where no line tells a time, ids hold the time they were made. */
function fallbackMs({ turnId }: TurnSegment, meta: SessionMeta | undefined): number {
  return uuidTimeMs(turnId) ?? meta?.startedMs ?? uuidTimeMs(meta?.threadId) ?? 0;
}

/** A compaction before the prompt leads in with the turn's settings; else these come after it. */
const BEGINNINGS = new Set(['user_message', 'review_mode', 'turn_context']);

function latest(times: readonly number[], fallback: number): number {
  return times.reduce((max, timeMs) => Math.max(max, timeMs), fallback);
}
