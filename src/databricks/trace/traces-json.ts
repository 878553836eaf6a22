import {
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_CHAT_TOOLS,
  MLFLOW_LLM_COST,
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
} from '../../spans/mlflow-attributes.js';
import type { AttributeValue, SpanEvent, SpanSpec } from '../../spans/span-spec.js';
import { MLFLOW_TRACE_REQUEST_ID } from './request-id.js';

/** Attributes whose value is JSON text already: encoded again they would be read back as mere strings. */
const JSON_TEXTS: ReadonlySet<string> = new Set([
  MLFLOW_SPAN_INPUTS,
  MLFLOW_SPAN_OUTPUTS,
  MLFLOW_CHAT_TOKEN_USAGE,
  MLFLOW_CHAT_TOOLS,
  MLFLOW_LLM_COST,
]);

/**
 * One span as MLflow's clients write it into `traces.json` (`Span.to_dict`, 3.17; `kind` from 3.18): ids in
 * Base64, times in nanoseconds, and every attribute's value as JSON text.
 * @param requestId the trace's, as `requestIdOf` makes it
 */
export function spanJson(spec: SpanSpec, requestId: string): string {
  const attributes = Object.entries(spec.attributes).map(([key, value]) => [key, jsonText(key, value)]);
  return JSON.stringify({
    trace_id: base64(spec.traceId),
    span_id: base64(spec.spanId),
    parent_span_id: spec.parentSpanId === undefined ? null : base64(spec.parentSpanId),
    name: withoutNul(spec.name),
    kind: `SPAN_KIND_${spec.kind}`,
    start_time_unix_nano: nanoseconds(spec.startMs),
    end_time_unix_nano: nanoseconds(spec.endMs),
    events: spec.events.map(eventJson),
    status:
      spec.status.code === 'ERROR'
        ? { code: 'STATUS_CODE_ERROR', message: withoutNul(spec.status.message) }
        : { code: 'STATUS_CODE_OK', message: '' },
    attributes: {
      [MLFLOW_TRACE_REQUEST_ID]: JSON.stringify(requestId),
      ...Object.fromEntries(attributes),
    },
    links: (spec.links ?? []).map(({ traceId, spanId }) => ({
      trace_id: traceId,
      span_id: spanId,
      attributes: null,
    })),
  });
}

/** The file of a trace, of its spans' JSON texts. */
export function tracesJson(spans: readonly string[]): string {
  return `{"spans":[${spans.join(',')}]}`;
}

function eventJson({ name, timeMs, attributes }: SpanEvent): object {
  const values = Object.entries(attributes).map(([key, value]) => [
    key,
    typeof value === 'string' ? withoutNul(value) : value,
  ]);
  return { name, time_unix_nano: nanoseconds(timeMs), attributes: Object.fromEntries(values) };
}

function jsonText(key: string, value: AttributeValue): string {
  if (typeof value !== 'string') return withoutNul(JSON.stringify(value));
  return withoutNul(JSON_TEXTS.has(key) ? value : JSON.stringify(value));
}

/** A NUL is refused by PostgreSQL (MLflow 3.17.2): as it stands, and as JSON writes it. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\ufffd');
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/**
 * Microseconds fit a JavaScript number and nanoseconds do not; but JSON prints the shortest digits that
 * tell a number from its neighbours, which are 256 ns away: whole microseconds come out exactly.
 */
function nanoseconds(ms: number): number {
  return Math.round(ms * 1000) * 1000;
}
