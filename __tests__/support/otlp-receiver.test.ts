import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';

/** Whatever the tests say about spans rests on this receiver, so it is tested against the real exporter. */
describe('the OTLP receiver of the tests', () => {
  let receiver: OtlpReceiver;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
  });
  afterAll(() => receiver.close());
  beforeEach(() => {
    receiver.requests.length = 0;
  });

  test('reads every field the OpenTelemetry exporter writes', async () => {
    receiver.answerWith({});
    const exporter = new OTLPTraceExporter({
      url: `${receiver.url}/v1/traces`,
      headers: { 'x-test': 'yes' },
    });
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const linked = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };
    const span = provider.getTracer('the scope', '1.2.3').startSpan('the span', {
      kind: SpanKind.CLIENT,
      startTime: [1_795_000_000, 123_000_000],
      attributes: { text: 'Grüße', whole: -7, big: 2 ** 40, part: 1.5, yes: true, list: ['a', 'b'] },
      links: [{ context: { ...linked, traceFlags: TraceFlags.SAMPLED } }],
    });
    span.addEvent('exception', { 'exception.message': 'why' }, [1_795_000_001, 0]);
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'bad' });
    span.end([1_795_000_002, 500_000]);
    await provider.forceFlush();

    expect(receiver.requests[0]).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(receiver.requests[0]?.headers['x-test']).toBe('yes');
    expect(receiver.spans()).toEqual([
      {
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: '',
        name: 'the span',
        kind: 3,
        startMs: 1_795_000_000_123,
        endMs: 1_795_000_002_000.5,
        attributes: { text: 'Grüße', whole: -7, big: 2 ** 40, part: 1.5, yes: true, list: ['a', 'b'] },
        events: [
          { name: 'exception', timeMs: 1_795_000_001_000, attributes: { 'exception.message': 'why' } },
        ],
        links: [linked],
        status: { code: 2, message: 'bad' },
        resource: expect.objectContaining({ 'telemetry.sdk.language': 'nodejs' }),
        scope: { name: 'the scope', version: '1.2.3' },
      },
    ]);
  });

  test('answers as told, request by request', async () => {
    receiver.answerWith((_request, n) =>
      n === 0 ? { status: 503, headers: { 'retry-after': '7' }, body: 'later' } : { delayMs: 30 },
    );
    const first = await post();
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([503, '7', 'later']);
    const before = Date.now();
    expect((await post()).status).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(25);
  });

  test.each(['reset', 'garbage'] as const)('breaks the exchange with %s', async (instead) => {
    receiver.answerWith({ instead });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(receiver.requests).toHaveLength(1);
  });

  test('never answers a request it is told to leave hanging', async () => {
    receiver.answerWith({ instead: 'hang' });
    await expect(post(AbortSignal.timeout(200))).rejects.toThrow(/aborted/);
    expect(receiver.requests).toHaveLength(1);
  });

  test('counts as received only what it has answered with 2xx, and takes what is no OTLP', async () => {
    receiver.answerWith({ status: 400 });
    await post();
    expect(receiver.requests[0]?.spans).toEqual([]);
    expect(receiver.spans()).toEqual([]);
  });

  function post(signal?: AbortSignal): Promise<Response> {
    const body = gzipSync('this is no protobuf');
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/x-protobuf' };
    const request = { method: 'POST', body, headers, ...(signal ? { signal } : {}) };
    return fetch(`${receiver.url}/v1/traces`, request);
  }
});
