/** A span of another trace, as OpenTelemetry links to it: lower-case hex. */
export interface LinkedSpan {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * The span that a W3C `traceparent` names (https://www.w3.org/TR/trace-context/, version 00 and what may
 * follow it): who called `codex exec`. A malformed one names none.
 */
export function parseTraceparent(text: string | undefined): LinkedSpan | undefined {
  const [, version, traceId, spanId] =
    text?.trim().match(/^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || version === 'ff')
    return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(spanId) ? undefined : { traceId, spanId };
}
