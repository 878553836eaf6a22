import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import type { ModelCall, ToolCall, Turn } from '../../turn/turn.js';
import { buildSpans, type WantedCalls } from '../build-spans.js';
import type { ContentPolicy } from '../content.js';
import type { Digest } from '../ids.js';
import type { TraceOptions, TurnPlacement } from '../span-context.js';
import type { SpanSpec } from '../span-spec.js';
import { liveSpan } from './live-span.js';

/** A turn that has not ended, as far as its lines have been read. */
export interface RunningTurnView {
  readonly turn: Turn;
  readonly meta: SessionMeta | undefined;
  readonly placement: TurnPlacement;
  /** The calls that are still under way, by their ids: see `openCalls`. */
  readonly openCalls: ReadonlySet<string>;
}

/** What of a running turn is sent now. */
export interface LiveSpans {
  /** The turn's AGENT first, then what is new or open, by start. */
  readonly specs: readonly SpanSpec[];
  /** What the closed spans among them are known by, to be given as `sent` the next time. */
  readonly closed: readonly string[];
  /** There was more than `maxClosed`. */
  readonly isMore: boolean;
}

/** How live spans are made. */
export interface LiveOptions {
  /** The time, in ms since the epoch: the end of whatever has none. */
  readonly nowMs: number;
  /** Whether tokens and cost may be in them: a server before MLflow 3.15 adds them up when the turn is sent whole. */
  readonly withUsage: boolean;
  /** Closed spans that were sent before, from `LiveSpans.closed`. */
  readonly sent: ReadonlySet<string>;
  /** No more closed spans than this, the oldest first. */
  readonly maxClosed: number;
}

/**
 * The spans of a turn that still goes on: its AGENT with its own id, responses and calls that are over,
 * each once, and the calls that are under way. They have the ids that they will have in the whole turn,
 * which replaces them. Pure.
 */
export function buildLiveSpans(
  view: RunningTurnView,
  live: LiveOptions,
  options: TraceOptions,
  policy: ContentPolicy,
  digest: Digest,
): LiveSpans {
  const { turn, meta, placement, openCalls } = view;
  const fresh = freshCalls(turn, openCalls, live.sent);
  const closed = new Set(fresh.slice(0, live.maxClosed).map(({ key }) => key));
  const wanted: WantedCalls = {
    modelCall: (call) => closed.has(modelKey(call)),
    toolCall: ({ id }) => closed.has(toolKey(id)) || openCalls.has(id),
  };
  const specs = buildSpans(turn, meta, placement, options, policy, digest, wanted);
  return {
    specs: specs.map((spec) => liveSpan(spec, { ...live, openCalls, digest })),
    closed: [...closed],
    isMore: fresh.length > live.maxClosed,
  };
}

/** Of a tool that an interrupt cut off: the turn's end follows, and after it the tool's own times (0.152 to 0.171). */
const CUT_OFF = 'aborted';

/** Responses and calls that are over and were not sent, by their end. */
function freshCalls(turn: Turn, openCalls: ReadonlySet<string>, sent: ReadonlySet<string>) {
  const calls = [
    ...turn.modelCalls.filter((call, index) => isClosed(call, index, turn)).map(keyed(modelKey)),
    ...everyCall(turn.toolCalls)
      .filter(({ id, failure }) => !openCalls.has(id) && failure?.type !== CUT_OFF)
      .map(keyed(({ id }) => toolKey(id))),
  ];
  return calls.filter(({ key }) => !sent.has(key)).sort((a, b) => a.endMs - b.endMs);
}

/**
 * Before its tokens are recorded a response has another id than in the end, where it has none of the
 * provider's (Codex 0.169). The last response that asks for no tool is the answer, which the turn's end
 * follows at once, or a compaction's summary, whose model may be named after it.
 */
function isClosed(call: ModelCall, index: number, turn: Turn): boolean {
  if (call.usage === undefined) return false;
  return index < turn.modelCalls.length - 1 || call.output?.toolCalls !== undefined;
}

function everyCall(calls: readonly ToolCall[]): ToolCall[] {
  return calls.flatMap((call) => [call, ...everyCall(call.children)]);
}

function keyed<T extends { readonly endMs: number }>(keyOf: (call: T) => string) {
  return (call: T) => ({ key: keyOf(call), endMs: call.endMs });
}

function modelKey({ responseId, key }: ModelCall): string {
  return `response ${responseId ?? key}`;
}

function toolKey(id: string): string {
  return `call ${id}`;
}
