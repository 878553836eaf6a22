import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  type IdGenerator,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { compact } from '../platform/json.js';
import { PACKAGE_NAME, packageVersion } from '../platform/process/package-version.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { withoutOtelEnvironment } from './otel-environment.js';

/**
 * Turns span specs into the SDK's spans, through the SDK, with the ids and times of the specs, in their order. No
 * limit of the SDK's and no `OTEL_*` variable drops or cuts anything: what is too much is cut before, and said.
 * @param serviceVersion Codex's version, the resource's `service.version`
 * @param resourceAttributes beside ours, which win
 */
export function toReadableSpans(
  specs: readonly SpanSpec[],
  serviceVersion: string | undefined,
  resourceAttributes: Readonly<Record<string, string>> = {},
): ReadableSpan[] {
  const ids = new SpecIds();
  const collected = new Collector();
  const resource = defaultResource().merge(
    resourceFromAttributes({
      ...resourceAttributes,
      [ATTR_SERVICE_NAME]: 'codex',
      ...compact({ [ATTR_SERVICE_VERSION]: serviceVersion }),
    }),
  );
  const tracer = withoutOtelEnvironment(() =>
    new BasicTracerProvider({
      idGenerator: ids,
      spanLimits: LIMITS,
      resource,
      spanProcessors: [collected],
    }).getTracer(PACKAGE_NAME, packageVersion()),
  );
  for (const spec of specs) {
    ids.spec = spec;
    const options = {
      kind: SpanKind[spec.kind],
      startTime: toHrTime(spec.startMs),
      attributes: { ...spec.attributes },
      links: (spec.links ?? []).map((link) => ({
        context: { ...link, traceFlags: TraceFlags.SAMPLED, isRemote: true },
      })),
    };
    const span = tracer.startSpan(spec.name, options, parentContext(spec));
    for (const event of spec.events)
      span.addEvent(event.name, { ...event.attributes }, toHrTime(event.timeMs));
    if (spec.status.code === 'ERROR')
      span.setStatus({ code: SpanStatusCode.ERROR, message: spec.status.message });
    span.end(toHrTime(spec.endMs));
  }
  return collected.spans;
}

/** In place of the SDK's own, 128 of each (sdk-trace-base 2.12). */
const LIMITS = {
  attributeCountLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: Number.POSITIVE_INFINITY,
  attributePerEventCountLimit: Number.POSITIVE_INFINITY,
  linkCountLimit: Number.POSITIVE_INFINITY,
};

function parentContext(spec: SpanSpec): Context {
  if (spec.parentSpanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: spec.traceId,
    spanId: spec.parentSpanId,
    traceFlags: TraceFlags.SAMPLED,
  });
}

/** Nanoseconds since the epoch do not fit a JavaScript number: seconds and nanoseconds apart. */
function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** Gives each span the ids of its spec. */
class SpecIds implements IdGenerator {
  spec!: SpanSpec;
  generateTraceId = (): string => this.spec.traceId;
  generateSpanId = (): string => this.spec.spanId;
}

class Collector implements SpanProcessor {
  readonly spans: ReadableSpan[] = [];

  onStart(): void {}
  onEnd(span: Span): void {
    this.spans.push(span as unknown as ReadableSpan);
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
