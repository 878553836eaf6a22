import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { connectionAgent } from '../mlflow/connection-agent.js';
import type { Destination } from '../mlflow/server.js';
import { packageVersion } from '../platform/package-version.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { type ExportOutcome, outcomeOf, type WireResult } from './export-outcome.js';
import { withoutOtelEnvironment } from './otel-environment.js';
import { toReadableSpans } from './readable-spans.js';

/** Smaller bodies are not worth compressing. */
const GZIP_FROM_BYTES = 4096;
const REQUEST_CHANNEL = 'http.client.request.start';
const RESPONSE_CHANNEL = 'http.client.response.finish';
/** A 2xx is an acceptance, whatever becomes of the body behind it; this long the body may take. */
const BODY_MS = 1000;

type Compression = NonNullable<
  NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>['compression']
>;

/** Sends spans to one destination over connections it keeps open until `close`. */
export class SpanSender {
  readonly #destination: Destination;
  #agent: Agent | undefined;

  constructor(destination: Destination) {
    this.#destination = destination;
  }

  /**
   * Sends one request and says what became of it; never throws. The exporter itself tries again
   * within the time it has.
   * @param serviceVersion Codex's version
   * @param options.timeoutMs for the whole, tries and waits included
   * @param options.plain never compress: some servers refuse gzip (MLflow before 3.7)
   */
  async send(
    specs: readonly SpanSpec[],
    serviceVersion: string | undefined,
    options: { timeoutMs: number; plain?: boolean },
  ): Promise<ExportOutcome> {
    this.#agent ??= await connectionAgent(this.#destination, true);
    const agent = this.#agent;
    const compress = !options.plain && this.compresses(specs);
    const answers: WireResult[] = [];
    // The exporter keeps the status and Retry-After of an answer worth another try to itself.
    const listen = (message: unknown) => {
      const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
      if ((request as ClientRequest & { agent?: unknown }).agent !== agent) return;
      const retryAfter = response.headers['retry-after'];
      if (isAccepted(response.statusCode)) {
        // The exporter would take a body that does not end for a time-out, and send the spans again.
        const cut = setTimeout(() => response.destroy(new Error('more than an answer')), BODY_MS);
        response.once('close', () => clearTimeout(cut));
      }
      answers.push({
        ...(response.statusCode === undefined ? {} : { status: response.statusCode }),
        ...(retryAfter === undefined ? {} : { retryAfter }),
      });
    };
    let last: ClientRequest | undefined;
    let isReached = false;
    const watch = (message: unknown) => {
      const { request } = message as { request: ClientRequest & { agent?: unknown } };
      if (request.agent !== agent) return;
      last = request;
      const look = (socket: Socket) => {
        if (!socket.connecting) isReached = true;
        else socket.once('connect', () => (isReached = true));
      };
      if (request.socket) look(request.socket);
      else request.once('socket', look);
    };
    subscribe(REQUEST_CHANNEL, watch);
    subscribe(RESPONSE_CHANNEL, listen);
    try {
      const spans = toReadableSpans(specs, serviceVersion);
      const exporter = withoutOtelEnvironment(
        () =>
          new OTLPTraceExporter({
            url: this.#destination.url,
            headers: { ...this.#destination.headers },
            timeoutMillis: options.timeoutMs,
            compression: (compress ? 'gzip' : 'none') as Compression,
            httpAgentOptions: () => agent,
            userAgent: `mlflow-codex/${packageVersion()}`,
          }),
      );
      const result = await exportWithin(exporter, spans, options.timeoutMs);
      // Given up is given up: what goes on in the background may still be accepted.
      if (result === undefined) last?.destroy();
      const wire = wireResult(result, answers.at(-1));
      // A server that could not even be reached in time has not stumbled over anything.
      const isMissed = wire.errorCode === 'timeout' && !isReached;
      return outcomeOf(isMissed ? { errorCode: 'no connection' } : wire, Date.now());
    } catch (error) {
      return { kind: 'owed', reason: errorCode(error), blocked: false };
    } finally {
      unsubscribe(REQUEST_CHANNEL, watch);
      unsubscribe(RESPONSE_CHANNEL, listen);
    }
  }

  /** Whether spans go compressed unless they must not. */
  compresses(specs: readonly SpanSpec[]): boolean {
    return this.#destination.compression === 'gzip' && sizeOf(specs) > GZIP_FROM_BYTES;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }
}

/** A server that sends a byte now and then is never idle: the time is kept here as well. */
async function exportWithin(
  exporter: OTLPTraceExporter,
  spans: ReadableSpan[],
  timeoutMs: number,
): Promise<ExportResult | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([
      new Promise<ExportResult>((resolve) => exporter.export(spans, resolve)),
      timeout,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function wireResult(result: ExportResult | undefined, answer: WireResult | undefined): WireResult {
  if (isAccepted(answer?.status)) return { status: answer?.status ?? 200 };
  if (result === undefined) return { errorCode: 'timeout' };
  if (result.code === ExportResultCode.SUCCESS) return { status: 200 };
  const error = result.error as (Error & { code?: unknown; data?: unknown }) | undefined;
  const body = typeof error?.data === 'string' ? { body: error.data } : {};
  if (typeof error?.code === 'number') return { ...answer, status: error.code, ...body };
  // A code of Node's means the last try had no answer, whatever the ones before had.
  if (typeof error?.code === 'string') return { errorCode: error.code };
  if (answer?.status !== undefined && answer.status >= 400) return { ...answer, ...body };
  return { errorCode: error?.message === 'Request timed out' ? 'timeout' : 'no answer' };
}

function isAccepted(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
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
