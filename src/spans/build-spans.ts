import { ATTR_SESSION_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { SessionMeta } from '../codex/lines/rollout-event.js';
import type { ToolCall, Turn } from '../turn/turn.js';
import { buildAgentSpan } from './agent-span.js';
import { Conversation } from './chat-json.js';
import { ContentGate, type ContentPolicy } from './content.js';
import { withException } from './exception-event.js';
import { agentKey, type Digest, type TurnIdentity, traceIdOf, turnKey } from './ids.js';
import { buildLlmSpan } from './llm-span.js';
import { specWithoutNul } from './nul.js';
import { redactionAttributes, redactSpecs } from './redact-specs.js';
import type { SpanContext, TraceOptions, TurnPlacement } from './span-context.js';
import type { SpanSpec } from './span-spec.js';
import { chatToolsAttribute } from './tools/chat-tools-attribute.js';
import { buildToolSpans } from './tools/tool-spans.js';

/** What a turn is called in ids: see `turnKey`. */
export function identityOf(turn: Turn): TurnIdentity {
  return { threadId: turn.threadId, turnKey: turnKey(turn.turnId, turn.startMs) };
}

/**
 * The spans of one turn: the AGENT first, then its model and tool calls by start.
 * @param placement where the turn stands; a turn of the user's is its own root
 */
export function buildSpans(
  turn: Turn,
  meta: SessionMeta | undefined,
  placement: TurnPlacement,
  options: TraceOptions,
  policy: ContentPolicy,
  digest: Digest,
): SpanSpec[] {
  const spanCount = 1 + turn.modelCalls.length + countTools(turn.toolCalls);
  const context: SpanContext = {
    traceId: traceIdOf(placement.root, digest),
    identity: identityOf(turn),
    meta,
    cwd: turn.cwd,
    gate: new ContentGate(policy, spanCount, firstMarkOf(turn, placement, digest)),
    digest,
  };
  const agent = buildAgentSpan(turn, placement, options, context);
  const conversation = new Conversation(turn.transcript, context.gate);
  const children = [
    ...turn.modelCalls.map((call) => buildLlmSpan(call, turn, conversation, agent.spanId, context)),
    ...turn.toolCalls.flatMap((call) => buildToolSpans(call, agent.spanId, context)),
  ].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  // Once a trace: MLflow collects them over all of it.
  const tools =
    placement.parentSpanId === undefined ? chatToolsAttribute(turn.tools, context.gate) : undefined;
  const firstLlm = tools === undefined ? -1 : children.findIndex(({ kind }) => kind === 'CLIENT');
  const told = children.map((spec, index) =>
    index === firstLlm ? { ...spec, attributes: { ...spec.attributes, ...tools } } : spec,
  );
  const [root, ...below] = redactSpecs([agent, ...told].map(withException), context.gate);
  const specs = [
    root ? { ...root, attributes: { ...root.attributes, ...lossesOf(context.gate) } } : agent,
    ...below,
  ].map(specWithoutNul);
  // MLflow 3.17 takes a trace's session from the first span to arrive, and a subagent's own thread
  // (gen_ai.conversation.id) where no session.id stands beside it. Its spans may well come first.
  return placement.parentSpanId === undefined
    ? specs
    : specs.map((spec) => inSession(spec, placement.root.threadId));
}

/** What of the turn's content is not in its spans: bytes that were cut, secrets that were taken out. */
function lossesOf(gate: ContentGate): SpanSpec['attributes'] {
  const clipped = gate.cutBytes > 0 ? { 'codex.content.clipped_bytes': gate.cutBytes } : {};
  return { ...clipped, ...redactionAttributes(gate) };
}

/**
 * The number of a turn's first mark. A subagent's part of the trace is sent by another process, which
 * cannot know the numbers given elsewhere: it begins at a number of its own, so that no two secrets of
 * a trace share one.
 */
function firstMarkOf(turn: Turn, placement: TurnPlacement, digest: Digest): number {
  if (placement.parentSpanId === undefined) return 1;
  const own = Number.parseInt(digest(`marks:${agentKey(identityOf(turn))}`).slice(0, 4), 16);
  return 1001 + 1000 * own;
}

function inSession(spec: SpanSpec, sessionId: string): SpanSpec {
  return { ...spec, attributes: { ...spec.attributes, [ATTR_SESSION_ID]: sessionId } };
}

function countTools(calls: readonly ToolCall[]): number {
  return calls.reduce((count, call) => count + 1 + countTools(call.children), 0);
}
