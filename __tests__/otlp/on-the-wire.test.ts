import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DecodedSpan } from '../../scripts/lab/otlp-decode.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import type { Destination } from '../../src/mlflow/server.js';
import { SpanSender } from '../../src/otlp/span-sender.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { preparedTurns, recording } from '../turn/recordings.js';

/** What the receiver must have got for a spec. */
function onTheWire(spec: SpanSpec, version: string): DecodedSpan {
  return {
    traceId: spec.traceId,
    spanId: spec.spanId,
    parentSpanId: spec.parentSpanId ?? '',
    name: spec.name,
    kind: spec.kind === 'CLIENT' ? 3 : 1,
    startMs: spec.startMs,
    endMs: spec.endMs,
    attributes: spec.attributes,
    events: spec.events.map((event) => ({ ...event })),
    links: [...(spec.links ?? [])],
    status:
      spec.status.code === 'ERROR' ? { code: 2, message: spec.status.message } : { code: 0, message: '' },
    resource: expect.objectContaining({
      'service.name': 'codex',
      'service.version': version,
      'telemetry.sdk.language': 'nodejs',
    }) as unknown as DecodedSpan['resource'],
    scope: { name: '@mlflow/codex', version: expect.any(String) as unknown as string },
  };
}

describe('spans on the wire', () => {
  let receiver: OtlpReceiver;
  let sender: SpanSender;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
  });
  afterAll(() => receiver.close());
  beforeEach(() => {
    receiver.requests.length = 0;
    receiver.answerWith({});
    sender = new SpanSender(destination());
  });
  afterEach(() => sender.close());

  function destination(more: Partial<Destination> = {}): Destination {
    return {
      url: `${receiver.url}/v1/traces`,
      trackingUri: receiver.url,
      experimentId: '7',
      headers: { 'x-mlflow-experiment-id': '7', authorization: 'Bearer of-the-test' },
      compression: 'none',
      tls: {},
      server: 'mlflow',
      ...more,
    };
  }

  async function specsOf(name: string): Promise<SpanSpec[]> {
    return (await preparedTurns(recording(name))).flatMap(({ specs }) => specs);
  }

  test.each([
    '0.60.1-classic/failing-commands',
    '0.140.0-classic/agents-nested',
    '0.169.0-code-mode/interrupt-in-tool',
    '0.169.0-classic/unannounced-turns',
  ])('are the specs: ids, times, attributes, events, status (%s)', async (name) => {
    const specs = await specsOf(name);
    expect(await sender.send(specs, '0.1.2', { timeoutMs: 5000 })).toEqual({ kind: 'sent' });
    expect(receiver.spans()).toEqual(specs.map((spec) => onTheWire(spec, '0.1.2')));
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-mlflow-experiment-id': '7',
      authorization: 'Bearer of-the-test',
    });
    expect(request?.headers['content-encoding']).toBeUndefined();
  });

  test('of a turn with half milliseconds keep them', async () => {
    const [spec] = (await specsOf('0.169.0-classic/plain')) as [SpanSpec];
    const precise = { ...spec, startMs: 1_795_572_000_000.25, endMs: 1_795_572_000_999.999 };
    await sender.send([precise], undefined, { timeoutMs: 5000 });
    expect(receiver.spans()).toMatchObject([{ startMs: 1_795_572_000_000.25, endMs: 1_795_572_000_999.999 }]);
    expect(receiver.spans()[0]?.resource).not.toHaveProperty('service.version');
  });

  test('carry the headers and the resource attributes of the settings, and ours before those', async () => {
    sender.close();
    const resourceAttributes = { team: 'search', 'deployment.environment.name': 'prod' };
    sender = new SpanSender(destination({ resourceAttributes }));
    await sender.send(await specsOf('0.169.0-classic/plain'), '0.169.0', { timeoutMs: 5000 });
    for (const { resource } of receiver.spans())
      expect(resource).toMatchObject({ ...resourceAttributes, 'service.name': 'codex' });
  });

  test('are compressed for another host where they are large, unless plain ones are asked for', async () => {
    sender.close();
    sender = new SpanSender(destination({ compression: 'gzip' }));
    const specs = await specsOf('0.169.0-classic/demo');
    await sender.send(specs, undefined, { timeoutMs: 5000 });
    await sender.send(specs, undefined, { timeoutMs: 5000, plain: true });
    await sender.send((await specsOf('0.60.1-classic/plain')).slice(0, 1), undefined, { timeoutMs: 5000 });
    expect(receiver.requests.map(({ headers }) => headers['content-encoding'])).toEqual([
      'gzip',
      undefined,
      undefined,
    ]);
    expect(receiver.requests[0]?.spans).toEqual(receiver.requests[1]?.spans);
  });

  test.each([
    [
      '400',
      { status: 400, body: '{"message":"bad span"}' },
      { kind: 'rejected', status: 400, message: 'bad span' },
    ],
    ['401', { status: 401 }, { kind: 'pending', reason: '401', blocked: true }],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { kind: 'pending', blocked: false },
    ],
    ['garbage', { instead: 'garbage' as const }, { kind: 'pending', blocked: false }],
    ['a cut connection', { instead: 'reset' as const }, { kind: 'pending', blocked: false }],
    ['silence', { instead: 'hang' as const }, { kind: 'pending', reason: 'timeout', blocked: false }],
    [
      '503 with Retry-After',
      { status: 503, headers: { 'retry-after': '120' } },
      { kind: 'pending', reason: '503', blocked: false, retryAfterMs: 120_000 },
    ],
  ])('answered with %s have the outcome that says so', async (_, answer, outcome) => {
    receiver.answerWith(answer);
    const specs = await specsOf('0.169.0-classic/plain');
    const timeoutMs = 'instead' in answer && answer.instead === 'hang' ? 500 : 10_000;
    expect(await sender.send(specs, undefined, { timeoutMs })).toMatchObject(outcome);
    expect(receiver.spans()).toEqual([]);
  });

  test.each(['cut', 'garbled'] as const)('are sent where a 2xx’s body is %s', async (bodyIs) => {
    receiver.answerWith({ bodyIs });
    const specs = await specsOf('0.169.0-classic/plain');
    expect(await sender.send(specs, undefined, { timeoutMs: 10_000 })).toEqual({ kind: 'sent' });
    receiver.answerWith({ bodyIs, status: 503 });
    expect(await sender.send(specs, undefined, { timeoutMs: 10_000 })).toMatchObject({ reason: '503' });
  });

  test('are sent where a 2xx’s body does not end in time', async () => {
    receiver.answerWith({ bodyIs: 'endless' });
    const specs = await specsOf('0.169.0-classic/plain');
    expect(await sender.send(specs, undefined, { timeoutMs: 1500 })).toEqual({ kind: 'sent' });
  });

  test('sent where nobody listens are owed', async () => {
    sender.close();
    sender = new SpanSender(destination({ url: 'http://127.0.0.1:9/v1/traces' }));
    const specs = await specsOf('0.169.0-classic/plain');
    expect(await sender.send(specs, undefined, { timeoutMs: 10_000 })).toMatchObject({
      kind: 'pending',
      blocked: false,
    });
  });

  describe('under a hostile OpenTelemetry environment', () => {
    const hostile = {
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '0',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20stolen,x-extra=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-mlflow-experiment-id=666',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/nowhere.key',
      OTEL_SERVICE_NAME: 'not-codex',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=not-codex,service.version=9,deployment=prod',
      OTEL_LOG_LEVEL: 'all',
    };
    const before = Object.fromEntries(Object.keys(hostile).map((name) => [name, process.env[name]]));
    beforeEach(() => {
      Object.assign(process.env, hostile);
    });
    afterEach(() => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });

    test('nothing changes on the wire, nor in the environment', async () => {
      const specs = await specsOf('0.169.0-classic/unannounced-turns');
      expect(await sender.send(specs, '0.169.0', { timeoutMs: 5000 })).toEqual({ kind: 'sent' });
      expect(receiver.spans()).toEqual(specs.map((spec) => onTheWire(spec, '0.169.0')));
      const [request] = receiver.requests;
      expect(request?.headers['x-mlflow-experiment-id']).toBe('7');
      expect(request?.headers['authorization']).toBe('Bearer of-the-test');
      expect(request?.headers['x-extra']).toBeUndefined();
      expect(request?.headers['content-encoding']).toBeUndefined();
      expect(receiver.spans()[0]?.resource).not.toHaveProperty('deployment');
      expect(process.env).toMatchObject(hostile);
    });
  });
});
