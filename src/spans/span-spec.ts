import type { LinkedSpan } from './caller.js';

/** A value OpenTelemetry takes for an attribute, as far as we use them. */
export type AttributeValue = string | number | boolean | string[];

export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: { readonly [key: string]: AttributeValue };
}

/**
 * A span as plain data, before any SDK has seen it. Ids are lower-case hex (32 and 16 digits), times
 * are ms since the epoch. Equal turns give equal specs, on any machine and for ever.
 */
export interface SpanSpec {
  readonly name: string;
  readonly kind: 'INTERNAL' | 'CLIENT';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: { readonly [key: string]: AttributeValue };
  readonly status: { readonly code: 'UNSET' } | { readonly code: 'ERROR'; readonly message: string };
  readonly events: readonly SpanEvent[];
  readonly links?: readonly LinkedSpan[];
}

/** How many characters a span's texts have together: its size, but for some hundred bytes. */
export function textLength({ attributes }: SpanSpec): number {
  let length = 0;
  for (const value of Object.values(attributes)) if (typeof value === 'string') length += value.length;
  return length;
}
