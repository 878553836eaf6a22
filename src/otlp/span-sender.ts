import type { Agent } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { connectionAgent } from '../mlflow/connection-agent.js';
import type { Destination } from '../mlflow/server.js';
import { packageVersion } from '../platform/process/package-version.js';
import { type SpanSpec, textLength } from '../spans/span-spec.js';
import { type ExportOutcome, outcomeOf, type WireResult } from './export-outcome.js';
import { type OneRequest, WatchedAgent } from './one-request.js';
import { withoutOtelEnvironment } from './otel-environment.js';
import { SpanMaker } from './readable-spans.js';
import type { Sender, SendOptions } from './sender.js';

/** Smaller bodies are not worth compressing. */
const GZIP_FROM_BYTES = 4096;

type ExporterConfig = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;
type Compression = NonNullable<ExporterConfig['compression']>;

/** Longer than any request has: who sends keeps the time. */
const NO_TIMEOUT_MS = 60 * 60 * 1000;

/** An exporter, and the eyes on its requests. */
interface Wire {
  readonly exporter: OTLPTraceExporter;
  readonly watched: WatchedAgent;
  readonly compress: boolean;
  /** Lets the exporter make one request more. */
  allowOne(): void;
}

/** Sends spans over OTLP/HTTP, one request a call, over connections it keeps open until `close`. */
export class SpanSender implements Sender {
  readonly takesParts = true;
  readonly #destination: Destination;
  #agent: Agent | undefined;
  /** By Codex's version. */
  readonly #makers = new Map<string | undefined, SpanMaker>();
  /** What the last request went over, if it was taken. */
  #wire: Wire | undefined;

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
      const wire = this.#takeWire(this.#agent, !options.plain && this.compresses(specs));
      wire.allowOne();
      const spans = this.#makerOf(serviceVersion).make(specs);
      const result = await within(options.timeoutMs, wire.watched.next(), wire.exporter, spans);
      const outcome = outcomeOf(result, Date.now());
      // After anything else the exporter may still be about to try again, in vain.
      if (outcome.kind === 'sent') this.#wire = wire;
      return outcome;
    } catch (error) {
      return outcomeOf({ errorCode: errorCode(error) }, Date.now());
    }
  }

  #makerOf(serviceVersion: string | undefined): SpanMaker {
    const maker =
      this.#makers.get(serviceVersion) ?? new SpanMaker(serviceVersion, this.#destination.resourceAttributes);
    this.#makers.set(serviceVersion, maker);
    return maker;
  }

  #takeWire(agent: Agent, compress: boolean): Wire {
    const last = this.#wire;
    this.#wire = undefined;
    return last?.compress === compress ? last : this.#openWire(agent, compress);
  }

  #openWire(agent: Agent, compress: boolean): Wire {
    const watched = new WatchedAgent(agent);
    let allowed = 0;
    // Asked for before each request.
    const headers = async () => {
      if (allowed-- <= 0) throw new Error('one request only');
      return { ...this.#destination.headers };
    };
    const exporter = withoutOtelEnvironment(
      () =>
        new OTLPTraceExporter({
          url: this.#destination.url,
          headers,
          timeoutMillis: NO_TIMEOUT_MS,
          compression: (compress ? 'gzip' : 'none') as Compression,
          httpAgentOptions: () => watched.agent,
          userAgent: `mlflow-codex/${packageVersion()}`,
        }),
    );
    return { exporter, watched, compress, allowOne: () => (allowed = 1) };
  }

  compresses(specs: readonly SpanSpec[]): boolean {
    if (this.#destination.compression !== 'gzip') return false;
    return specs.reduce((length, spec) => length + textLength(spec), 0) > GZIP_FROM_BYTES;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
    this.#wire = undefined;
  }
}

/**
 * Exports, and waits for the request's own end, for the exporter's where it made no request, or for the
 * time: a server that sends a byte now and then is never idle.
 */
async function within(
  timeoutMs: number,
  request: OneRequest,
  exporter: OTLPTraceExporter,
  spans: ReadableSpan[],
): Promise<WireResult> {
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
    const isOver = (error: unknown) => resolve(request.answer() ?? { errorCode: errorCode(error) });
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
