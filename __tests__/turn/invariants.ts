import type { AttributeValue, SpanSpec } from '../../src/spans/span-spec.js';

/** What must be so in the spans of any turn, whatever its lines: a list of what is not, best empty. */
export function brokenInvariants(spans: readonly SpanSpec[]): string[] {
  const broken: string[] = [];
  const claim = (holds: boolean, what: string, span: SpanSpec) => {
    if (!holds) broken.push(`${span.name} (${span.spanId}): ${what}`);
  };
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const agent = spans[0];
  if (!agent || typeOf(agent) !== 'AGENT') return ['the first span is no AGENT'];
  if (byId.size !== spans.length) broken.push('span ids are not unique');
  const callIds = spans.filter((span) => typeOf(span) === 'TOOL').map(callIdOf);
  if (new Set(callIds).size !== callIds.length) broken.push('a call has more than one span');
  for (const span of spans) {
    claim(/^[0-9a-f]{32}$/.test(span.traceId) && !/^0+$/.test(span.traceId), 'trace id', span);
    claim(/^[0-9a-f]{16}$/.test(span.spanId) && !/^0+$/.test(span.spanId), 'span id', span);
    claim(span.traceId === agent.traceId, 'is in another trace', span);
    claim(Number.isFinite(span.startMs) && Number.isFinite(span.endMs), 'has no times', span);
    claim(span.endMs >= span.startMs, `ends ${span.startMs - span.endMs} ms before it starts`, span);
    claim(Object.values(span.attributes).every(isValue), 'has an attribute without a value', span);
    claim(!isEmpty(span.attributes['mlflow.spanInputs']), 'has empty inputs', span);
    claim(!isEmpty(span.attributes['mlflow.spanOutputs']), 'has empty outputs', span);
    claim(span.status.code === 'UNSET' || span.status.message !== '', 'is an error without a message', span);
    claim(
      (span.status.code === 'ERROR') === (span.attributes['error.type'] !== undefined),
      'says of its error only half',
      span,
    );
    const exceptions = span.events.filter(({ name }) => name === 'exception');
    claim(
      exceptions.length === (span.status.code === 'ERROR' ? 1 : 0),
      'has no exception event of its own',
      span,
    );
    const hasUsage = span.attributes['mlflow.chat.tokenUsage'] !== undefined;
    claim(!hasUsage || typeOf(span) === 'LLM', 'has tokens and is no LLM', span);
    if (span === agent) continue;
    const parent = byId.get(span.parentSpanId ?? '');
    claim(parent !== undefined, 'has no parent', span);
    if (!parent) continue;
    claim(span.startMs >= parent.startMs, `starts ${parent.startMs - span.startMs} ms too early`, span);
    // A command may go on in the background; everything else is over when its parent is.
    const mayOutlive = typeOf(span) === 'TOOL' && /exec|shell/.test(span.name);
    claim(mayOutlive || span.endMs <= parent.endMs, `ends ${span.endMs - parent.endMs} ms too late`, span);
  }
  return broken;
}

/** `AGENT`, `LLM` or `TOOL`. */
export function typeOf(span: SpanSpec): AttributeValue | undefined {
  return span.attributes['mlflow.spanType'];
}

export function callIdOf(span: SpanSpec): AttributeValue | undefined {
  return span.attributes['gen_ai.tool.call.id'];
}

function isValue(value: AttributeValue): boolean {
  return value !== undefined && value !== '' && !Number.isNaN(value);
}

/** No JSON, or JSON that says nothing. */
function isEmpty(json: AttributeValue | undefined): boolean {
  if (json === undefined) return false;
  const value = JSON.parse(String(json)) as { messages?: unknown[]; choices?: unknown[] };
  return Object.keys(value).length === 0 || value.messages?.length === 0 || value.choices?.length === 0;
}
