import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
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
import { PACKAGE_NAME, packageVersion } from '../platform/process/package-version.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { withoutOtelEnvironment } from './otel-environment.js';

/** Turns span specs into the SDK's spans: see `SpanMaker`. */
export function toReadableSpans(
  specs: readonly SpanSpec[],
  ...resource: ConstructorParameters<typeof SpanMaker>
): ReadableSpan[] {
  return new SpanMaker(...resource).make(specs);
}

/**
 * Turns span specs into the SDK's spans, through the SDK, with the ids and times of the specs: one provider
 * for all that are of one resource. Sampler and limits are given, so that no `OTEL_*` variable drops or cuts
 * anything.
 */
export class SpanMaker {
  readonly #ids = new SpecIds();
  readonly #collected = new Collector();
  readonly #tracer: Tracer;

  /**
   * @param serviceVersion Codex's version, the resource's `service.version`
   * @param resourceAttributes beside ours, which win
   */
  constructor(serviceVersion: string | undefined, resourceAttributes: Readonly<Record<string, string>> = {}) {
    const resource = defaultResource().merge(
      resourceFromAttributes({
        ...resourceAttributes,
        [ATTR_SERVICE_NAME]: 'codex',
        ...(serviceVersion === undefined ? {} : { [ATTR_SERVICE_VERSION]: serviceVersion }),
      }),
    );
    const provider = withoutOtelEnvironment(
      () =>
        new BasicTracerProvider({
          idGenerator: this.#ids,
          sampler: new AlwaysOnSampler(),
          spanLimits: LIMITS,
          resource,
          spanProcessors: [this.#collected],
        }),
    );
    this.#tracer = provider.getTracer(PACKAGE_NAME, packageVersion());
  }

  make(specs: readonly SpanSpec[]): ReadableSpan[] {
    for (const spec of specs) this.#make(spec);
    return this.#collected.take();
  }

  #make(spec: SpanSpec): void {
    this.#ids.spec = spec;
    const options = {
      kind: SpanKind[spec.kind],
      startTime: toHrTime(spec.startMs),
      attributes: { ...spec.attributes },
      links: (spec.links ?? []).map((link) => ({
        context: { ...link, traceFlags: TraceFlags.SAMPLED, isRemote: true },
      })),
    };
    const span = this.#tracer.startSpan(spec.name, options, parentContext(spec));
    for (const event of spec.events)
      span.addEvent(event.name, { ...event.attributes }, toHrTime(event.timeMs));
    if (spec.status.code === 'ERROR')
      span.setStatus({ code: SpanStatusCode.ERROR, message: spec.status.message });
    span.end(toHrTime(spec.endMs));
  }
}

const LIMITS = {
  attributeCountLimit: 1024,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: 1024,
  attributePerEventCountLimit: 1024,
  linkCountLimit: 1024,
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
  #spans: ReadableSpan[] = [];

  /** The spans that have ended since this was asked last. */
  take(): ReadableSpan[] {
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }

  onStart(): void {}
  onEnd(span: Span): void {
    this.#spans.push(span as unknown as ReadableSpan);
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
