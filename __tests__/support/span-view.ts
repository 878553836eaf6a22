import type { StoredSpan } from '../../scripts/lab/mlflow-rest.mjs';
import type { DecodedSpan } from '../../scripts/lab/otlp-decode.mjs';

/** A span as the tests look at it, from MLflow or from the wire: JSON text in attributes is parsed. */
export type SpanView = StoredSpan;

const STATUS = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** A span from the wire, in the shape in which MLflow gives it back. */
export function viewOf(span: DecodedSpan): SpanView {
  return {
    ...span,
    parentSpanId: span.parentSpanId || null,
    status: { code: STATUS[span.status.code] ?? 'unknown', message: span.status.message },
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([key, value]) => [key, parsed(value)]),
    ),
  };
}

/** The only span without a parent. */
export function rootOf(spans: readonly SpanView[]): SpanView {
  const roots = spans.filter((span) => span.parentSpanId === null);
  if (roots.length !== 1) throw new Error(`${roots.length} spans have no parent`);
  return roots[0] as SpanView;
}

/** The spans right below another. */
export function childrenOf(spans: readonly SpanView[], parent: SpanView): SpanView[] {
  return spans.filter((span) => span.parentSpanId === parent.spanId);
}

/** The spans of a type, in the order they started. */
export function spansOfType(spans: readonly SpanView[], type: 'AGENT' | 'LLM' | 'TOOL'): SpanView[] {
  return spans
    .filter((span) => span.attributes['mlflow.spanType'] === type)
    .sort((a, b) => a.startMs - b.startMs);
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value;
}
