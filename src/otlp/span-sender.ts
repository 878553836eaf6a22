import type { Agent } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { connectionAgent } from '../mlflow/connection-agent.js';
import type { Destination } from '../mlflow/server.js';
import { packageVersion } from '../platform/process/package-version.js';
import { type SpanSpec, textLength } from '../spans/span-spec.js';
import { type ExportOutcome, outcomeOf, type WireResult } from './export-outcome.js';
import { WatchedAgent } from './one-request.js';
import { withoutOtelEnvironment } from './otel-environment.js';
import { toReadableSpans } from './readable-spans.js';
import type { Sender, SendOptions } from './sender.js';

/** Smaller bodies are not worth compressing. */
const GZIP_FROM_BYTES = 4096;

type ExporterConfig = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;
type Compression = NonNullable<ExporterConfig['compression']>;

/** Longer than any request has: who sends keeps the time. Shorter than `NEVER`, which the exporter would wait for. */
const NO_TIMEOUT_MS = 3_600_000;

/** An exporter for one request, and the eyes on it. */
interface Wire {
  readonly exporter: OTLPTraceExporter;
  readonly watched: WatchedAgent;
}

/** Sends spans over OTLP/HTTP, one request a call, over connections it keeps open until `close`. */
export class SpanSender implements Sender {
  readonly takesParts = true;
  readonly #destination: Destination;
  #agent: Agent | undefined;

  constructor(destination: Destination) {
    this.#destination = destination;
  }

  async send(
    specs: readonly SpanSpec[],
    serviceVersion: string | undefined,
    options: SendOptions,
  ): Promise<ExportOutcome> {
    try {
      this.#agent ??= await connectionAgent(this.#destination, true);
      const wire = this.#openWire(this.#agent, !options.plain && this.compresses(specs));
      const spans = toReadableSpans(specs, serviceVersion, this.#destination.resourceAttributes);
      return outcomeOf(await within(options.timeoutMs, wire, spans), Date.now());
    } catch (error) {
      return outcomeOf({ errorCode: errorCode(error) }, Date.now());
    }
  }

  /** An exporter of one request's own costs 0.07 ms, and knows nothing of the one before. */
  #openWire(agent: Agent, compress: boolean): Wire {
    const watched = new WatchedAgent(agent);
    let isAsked = false;
    // Asked for before each try; after a failure the exporter makes up to five more.
    const headers = async () => {
      if (isAsked) throw new Error();
      isAsked = true;
      return { ...this.#destination.headers };
    };
    const exporter = withoutOtelEnvironment(
      () =>
        new OTLPTraceExporter({
          url: this.#destination.url,
          headers,
          timeoutMillis: NO_TIMEOUT_MS,
          ...(compress && { compression: 'gzip' as Compression }),
          httpAgentOptions: () => watched.agent,
          userAgent: `mlflow-codex/${packageVersion()}`,
        }),
    );
    return { exporter, watched };
  }

  compresses(specs: readonly SpanSpec[]): boolean {
    if (this.#destination.compression !== 'gzip') return false;
    return specs.reduce((length, spec) => length + textLength(spec), 0) > GZIP_FROM_BYTES;
  }

  close(): void {
    this.#agent?.destroy();
  }
}

/**
 * Exports, and waits for the request's own end, for the exporter's where it made no request, or for the
 * time: a server that sends a byte now and then is never idle.
 */
async function within(
  timeoutMs: number,
  { exporter, watched }: Wire,
  spans: ReadableSpan[],
): Promise<WireResult> {
  const request = watched.next();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<WireResult>((resolve) => {
    const giveUp = () => {
      const reached = request.isReached();
      resolve(request.answer() ?? { errorCode: reached ? 'timeout' : 'no connection', reached });
      request.end();
    };
    timer = setTimeout(giveUp, timeoutMs);
  });
  const failed = new Promise<WireResult>((resolve) => {
    // The end of a request that was made is told to `request` first.
    const isOver = (error: unknown) => resolve({ errorCode: errorCode(error) });
    exporter.export(spans, ({ error }) => setImmediate(isOver, error));
  });
  try {
    return await Promise.race([request.result, late, failed]);
  } finally {
    clearTimeout(timer);
  }
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'internal error';
}
