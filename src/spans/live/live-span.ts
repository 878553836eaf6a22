import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_PROCESS_EXIT_CODE,
} from '@opentelemetry/semantic-conventions/incubating';
import { type Digest, spanIdOf } from '../ids.js';
import {
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_CHAT_TOOLS,
  MLFLOW_LLM_COST,
  MLFLOW_SPAN_OUTPUTS,
  MLFLOW_SPAN_TYPE,
  MLFLOW_TRACE_TAG_PREFIX,
} from '../mlflow-attributes.js';
import type { SpanSpec } from '../span-spec.js';

/** What a live span depends on, beside the span that it will be in the end. */
interface LiveContext {
  readonly nowMs: number;
  readonly withUsage: boolean;
  readonly openCalls: ReadonlySet<string>;
  readonly digest: Digest;
}

/** A turn's span as it is shown while the turn goes on. */
export function liveSpan(spec: SpanSpec, context: LiveContext): SpanSpec {
  switch (spec.attributes[MLFLOW_SPAN_TYPE]) {
    case 'AGENT':
      return liveAgent(spec, context);
    case 'LLM':
      return context.withUsage ? without(spec, isOfFirstLlm) : without(spec, isOfUsage);
    default:
      return context.openCalls.has(String(spec.attributes[ATTR_GEN_AI_TOOL_CALL_ID]))
        ? openTool(spec, context)
        : spec;
  }
}

/**
 * The AGENT below a parent that no span has. MLflow (3.10 to 3.18) makes of a span without a parent the
 * trace's root and settles the trace's state by it for ever; of this one it shows the tree and the prompt,
 * and the trace stays IN_PROGRESS until the root comes under the same id.
 */
function liveAgent(spec: SpanSpec, { nowMs, digest }: LiveContext): SpanSpec {
  const { links: _, ...agent } = without(spec, isOfTheEnd);
  return {
    ...agent,
    parentSpanId: spec.parentSpanId ?? spanIdOf(spec.traceId, 'live', digest),
    endMs: Math.max(spec.startMs, nowMs),
    attributes: { ...agent.attributes, 'codex.turn.outcome': 'running' },
    status: { code: 'UNSET' },
    events: [],
  };
}

/** A call that is under way: what it was asked, and no word of how it ended. */
function openTool(spec: SpanSpec, { nowMs }: LiveContext): SpanSpec {
  const asked = without(spec, (key) => RESULT.has(key));
  return { ...asked, endMs: Math.max(spec.startMs, nowMs), status: { code: 'UNSET' }, events: [] };
}

const RESULT: ReadonlySet<string> = new Set([MLFLOW_SPAN_OUTPUTS, ATTR_PROCESS_EXIT_CODE, ATTR_ERROR_TYPE]);

/** Tags and numbers of the whole trace, which MLflow takes from whichever comes first. */
function isOfTheEnd(key: string): boolean {
  return RESULT.has(key) || key.startsWith(MLFLOW_TRACE_TAG_PREFIX) || key.startsWith('codex.content.');
}

/** The tools that the model was given, 36 kB as a rule: the first response of each pass would have them again. */
function isOfFirstLlm(key: string): boolean {
  return key === MLFLOW_CHAT_TOOLS;
}

function isOfUsage(key: string): boolean {
  const isCounted = key === MLFLOW_CHAT_TOKEN_USAGE || key === MLFLOW_LLM_COST;
  return isOfFirstLlm(key) || isCounted || key.startsWith('gen_ai.usage.');
}

function without(spec: SpanSpec, isLeftOut: (key: string) => boolean): SpanSpec {
  const kept = Object.entries(spec.attributes).filter(([key]) => !isLeftOut(key));
  return { ...spec, attributes: Object.fromEntries(kept) };
}
