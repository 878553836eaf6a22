import type { Agent } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { connectionAgent } from '../mlflow/connection-agent.js';
import type { Destination } from '../mlflow/server.js';
import { packageVersion } from '../platform/package-version.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { type ExportOutcome, outcomeOf, type WireResult } from './export-outcome.js';
import { type OneRequest, oneRequest } from './one-request.js';
import { withoutOtelEnvironment } from './otel-environment.js';
import { toReadableSpans } from './readable-spans.js';
import type { Sender, SendOptions } from './sender.js';

/** Smaller bodies are not worth compressing. */
const GZIP_FROM_BYTES = 4096;

type ExporterConfig = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;
type Compression = NonNullable<ExporterConfig['compression']>;

/** Sends spans over OTLP/HTTP, one request a call, over connections it keeps open until `close`. */
export class SpanSender implements Sender {
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
      const compress = !options.plain && this.compresses(specs);
      const { resourceAttributes } = this.#destination;
      const spans = toReadableSpans(specs, serviceVersion, resourceAttributes);
      const wire = await this.#request(spans, options.timeoutMs, compress);
      return outcomeOf(wire, Date.now());
    } catch (error) {
      return outcomeOf({ errorCode: errorCode(error) }, Date.now());
    }
  }

  async #request(spans: ReadableSpan[], timeoutMs: number, compress: boolean): Promise<WireResult> {
    if (!this.#agent) throw new Error('there are no connections');
    const request = oneRequest(this.#agent);
    const headersOnce = this.#headersOnce();
    const exporter = withoutOtelEnvironment(
      () =>
        new OTLPTraceExporter({
          url: this.#destination.url,
          headers: headersOnce,
          timeoutMillis: timeoutMs,
          compression: (compress ? 'gzip' : 'none') as Compression,
          httpAgentOptions: () => request.agent,
          userAgent: `mlflow-codex/${packageVersion()}`,
        }),
    );
    return await within(timeoutMs, request, exporter, spans);
  }

  /** The exporter asks for the headers before each of its requests; only the first gets them. */
  #headersOnce(): () => Promise<Record<string, string>> {
    let asked = 0;
    return async () => {
      if (asked++ > 0) throw new Error('one request only');
      return { ...this.#destination.headers };
    };
  }

  compresses(specs: readonly SpanSpec[]): boolean {
    return this.#destination.compression === 'gzip' && sizeOf(specs) > GZIP_FROM_BYTES;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
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
      resolve({ errorCode: reached ? 'timeout' : 'no connection', reached });
      request.end();
    };
    timer = setTimeout(giveUp, timeoutMs);
  });
  const failed = new Promise<WireResult>((resolve) => {
    exporter.export(spans, ({ error }) => setImmediate(() => resolve({ errorCode: errorCode(error) })));
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

function sizeOf(specs: readonly SpanSpec[]): number {
  let size = 0;
  for (const spec of specs) {
    for (const value of Object.values(spec.attributes)) if (typeof value === 'string') size += value.length;
  }
  return size;
}
