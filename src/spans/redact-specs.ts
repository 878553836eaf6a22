import {
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_SESSION_ID,
} from '@opentelemetry/semantic-conventions/incubating';
import type { ContentGate } from './content.js';
import {
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_CHAT_TOOLS,
  MLFLOW_LLM_COST,
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
} from './mlflow-attributes.js';
import type { AttributeValue, SpanSpec } from './span-spec.js';

/** The kinds of what was taken out of a turn, on its AGENT span. */
export const REDACTED_KINDS = 'codex.content.redacted_kinds';

/** Prepared text by text when they were made; numbers; ids, which others are found by. */
const AS_THEY_ARE = new Set<string>([
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_CHAT_TOOLS,
  MLFLOW_LLM_COST,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_SESSION_ID,
  'codex.turn.id',
  'codex.thread.id',
]);

/**
 * The last look at a span: whatever is a text and was not prepared by the gate goes through it
 * now (names, folders, branches, addresses, tags, status messages, events), those of a later version's
 * attributes too.
 */
export function redactSpec(spec: SpanSpec, gate: ContentGate): SpanSpec {
  const { status } = spec;
  return {
    ...spec,
    name: gate.label(spec.name),
    attributes: cleanAttributes(spec.attributes, gate),
    status: status.code === 'ERROR' ? { code: 'ERROR', message: gate.label(status.message) } : status,
    events: spec.events.map((event) => ({ ...event, attributes: cleanAttributes(event.attributes, gate) })),
  };
}

function cleanAttributes(attributes: SpanSpec['attributes'], gate: ContentGate): SpanSpec['attributes'] {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      AS_THEY_ARE.has(key) ? value : clean(value, gate),
    ]),
  );
}

function clean(value: AttributeValue, gate: ContentGate): AttributeValue {
  if (Array.isArray(value)) return value.map((element) => gate.label(element));
  return typeof value === 'string' ? gate.label(value) : value;
}

/** What was taken out: how many, and the kinds with their counts, for the AGENT span. */
export function redactionAttributes(gate: ContentGate): { [key: string]: AttributeValue } {
  const counts = [...gate.redacted].sort(([a], [b]) => (a < b ? -1 : 1));
  if (counts.length === 0) return {};
  return {
    'codex.content.redacted': counts.reduce((sum, [, count]) => sum + count, 0),
    [REDACTED_KINDS]: counts.map(([kind]) => kind),
  };
}
