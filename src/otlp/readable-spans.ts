import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  type IdGenerator,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { PACKAGE_NAME, packageVersion } from '../platform/package-version.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { withoutOtelEnvironment } from './otel-environment.js';

/**
 * Turns span specs into the SDK's spans, through the SDK, with the ids and times of the specs.
 * Sampler and limits are given, so that no `OTEL_*` variable drops or cuts anything.
 * @param serviceVersion Codex's version, the resource's `service.version`
 * @param resourceAttributes beside ours, which win
 */
export function toReadableSpans(
  specs: readonly SpanSpec[],
  serviceVersion: string | undefined,
  resourceAttributes: Readonly<Record<string, string>> = {},
): ReadableSpan[] {
  const collected = new Collector();
  const ids = new SpecIds();
  const provider = withoutOtelEnvironment(
    () =>
      new BasicTracerProvider({
        idGenerator: ids,
        sampler: new AlwaysOnSampler(),
        spanLimits: {
          attributeCountLimit: 1024,
          attributeValueLengthLimit: Number.POSITIVE_INFINITY,
          eventCountLimit: 1024,
          attributePerEventCountLimit: 1024,
          linkCountLimit: 1024,
        },
        resource: defaultResource().merge(
          resourceFromAttributes({
            ...resourceAttributes,
            [ATTR_SERVICE_NAME]: 'codex',
            ...(serviceVersion === undefined ? {} : { [ATTR_SERVICE_VERSION]: serviceVersion }),
          }),
        ),
        spanProcessors: [collected],
      }),
  );
  const tracer = provider.getTracer(PACKAGE_NAME, packageVersion());
  for (const spec of specs) {
    ids.spec = spec;
    const span = tracer.startSpan(
      spec.name,
      {
        kind: SpanKind[spec.kind],
        startTime: toHrTime(spec.startMs),
        attributes: { ...spec.attributes },
        links: (spec.links ?? []).map((link) => ({
          context: { ...link, traceFlags: TraceFlags.SAMPLED, isRemote: true },
        })),
      },
      parentContext(spec),
    );
    for (const event of spec.events)
      span.addEvent(event.name, { ...event.attributes }, toHrTime(event.timeMs));
    if (spec.status.code === 'ERROR')
      span.setStatus({ code: SpanStatusCode.ERROR, message: spec.status.message });
    span.end(toHrTime(spec.endMs));
  }
  return collected.spans;
}

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
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}

class SpecIds implements IdGenerator {
  spec: SpanSpec | undefined;
  generateTraceId = (): string => this.#required().traceId;
  generateSpanId = (): string => this.#required().spanId;

  #required(): SpanSpec {
    if (!this.spec) throw new Error('a span was started without a spec');
    return this.spec;
  }
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
