import { ATTR_SESSION_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { SessionMeta } from '../codex/lines/rollout-event.js';
import type { ModelCall, ToolCall, Turn } from '../turn/turn.js';
import { buildAgentSpan } from './agent-span.js';
import { Conversation } from './chat-json.js';
import { ContentGate, type ContentPolicy } from './content.js';
import { withException } from './exception-event.js';
import { agentKey, type Digest, type TurnIdentity, traceIdOf, turnKey } from './ids.js';
import { buildLlmSpan } from './llm-span.js';
import { specWithoutNul } from './nul.js';
import { redactionAttributes, redactSpec } from './redact-specs.js';
import type { SpanContext, TraceOptions, TurnPlacement } from './span-context.js';
import type { SpanSpec } from './span-spec.js';
import { chatToolsAttribute } from './tools/chat-tools-attribute.js';
import { buildToolSpan, toolSpanId } from './tools/tool-spans.js';

/** Of which calls spans are made, where not of all. */
export interface WantedCalls {
  modelCall(call: ModelCall): boolean;
  toolCall(call: ToolCall): boolean;
}

const EVERY_CALL: WantedCalls = { modelCall: () => true, toolCall: () => true };

/** What a turn is called in ids: see `turnKey`. */
export function identityOf(turn: Turn): TurnIdentity {
  return { threadId: turn.threadId, turnKey: turnKey(turn.turnId, turn.startMs) };
}

/** The spans of one turn: the AGENT first, then its model and tool calls by start. As `spansOf`. */
export function buildSpans(...turn: Parameters<typeof spansOf>): SpanSpec[] {
  const specs = [...spansOf(...turn)];
  const agent = specs.pop();
  return agent ? [agent, ...specs] : [];
}

/**
 * The spans of one turn one by one, so that they need not be in memory together: its model and tool calls by
 * start, and last its AGENT, which says what of all of them was left out.
 * @param placement where the turn stands; a turn of the user's is its own root
 * @param wanted of which calls; each gets the share of the content that it has in the whole turn
 */
export function* spansOf(
  turn: Turn,
  meta: SessionMeta | undefined,
  placement: TurnPlacement,
  options: TraceOptions,
  policy: ContentPolicy,
  digest: Digest,
  wanted: WantedCalls = EVERY_CALL,
): Generator<SpanSpec> {
  const context: SpanContext = {
    traceId: traceIdOf(placement.root, digest),
    identity: identityOf(turn),
    root: placement.root,
    meta,
    cwd: turn.cwd,
    hostedCalls: new Set(turn.toolCalls.flatMap(({ id, form }) => (form === 'hosted' ? [id] : []))),
    gate: new ContentGate(policy, countSpans(turn), firstMarkOf(turn, placement, digest)),
    digest,
  };
  const agent = buildAgentSpan(turn, placement, options, context);
  // MLflow 3.17 takes a trace's session from the first span to arrive, and a subagent's own thread
  // (gen_ai.conversation.id) where no session.id stands beside it. Its spans may well come first.
  const sessionId = placement.parentSpanId === undefined ? undefined : placement.root.threadId;
  const finish = (spec: SpanSpec) => {
    const clean = specWithoutNul(redactSpec(withException(spec), context.gate));
    return sessionId === undefined ? clean : inSession(clean, sessionId);
  };
  // Once a trace: MLflow collects them over all of it.
  let tools = placement.parentSpanId === undefined ? chatToolsAttribute(turn.tools, context.gate) : undefined;
  for (const { build } of childrenOf(turn, agent.spanId, context, wanted)) {
    const child = build();
    const isFirstLlm = tools !== undefined && child.kind === 'CLIENT';
    yield finish(isFirstLlm ? { ...child, attributes: { ...child.attributes, ...tools } } : child);
    if (isFirstLlm) tools = undefined;
  }
  const root = finish(agent);
  yield { ...root, attributes: { ...root.attributes, ...lossesOf(context.gate) } };
}

/** How many spans a turn has. */
function countSpans(turn: Turn): number {
  return 1 + turn.modelCalls.length + countTools(turn.toolCalls);
}

interface ChildSpan {
  readonly startMs: number;
  readonly endMs: number;
  build(): SpanSpec;
}

/** A turn's model and tool calls by start, not built yet. */
function childrenOf(turn: Turn, agentSpanId: string, context: SpanContext, wanted: WantedCalls): ChildSpan[] {
  const conversation = new Conversation(turn.transcript, context.gate);
  const responses = turn.modelCalls.filter((call) => wanted.modelCall(call));
  const children = responses.map((call): ChildSpan => {
    const build = () => buildLlmSpan(call, turn, conversation, agentSpanId, context);
    return { startMs: call.startMs, endMs: call.endMs, build };
  });
  const addTool = (call: ToolCall, parentSpanId: string) => {
    const build = () => buildToolSpan(call, parentSpanId, context);
    if (wanted.toolCall(call)) children.push({ startMs: call.startMs, endMs: call.endMs, build });
    for (const child of call.children) addTool(child, toolSpanId(call, context));
  };
  for (const call of turn.toolCalls) addTool(call, agentSpanId);
  return children.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
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
