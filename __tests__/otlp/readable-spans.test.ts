import { describe, expect, test } from '@jest/globals';
import { toReadableSpans } from '../../src/otlp/readable-spans.js';
import { packageVersion } from '../../src/platform/process/package-version.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

const TRACE = 'a'.repeat(32);
const spec = (more: Partial<SpanSpec> = {}): SpanSpec => ({
  traceId: TRACE,
  spanId: '1'.repeat(16),
  name: 'invoke_agent codex',
  kind: 'INTERNAL',
  startMs: 1_795_572_000_000,
  endMs: 1_795_572_001_500,
  attributes: {},
  events: [],
  status: { code: 'UNSET' },
  ...more,
});
const only = (more: Partial<SpanSpec>) => {
  const [span] = toReadableSpans([spec(more)], undefined);
  if (span === undefined) throw new Error('no span');
  return span;
};
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key.${index}`, index]));

describe('a span', () => {
  test('has the ids, name, kind, times, attributes and links of its spec', () => {
    const link = { traceId: 'b'.repeat(32), spanId: '2'.repeat(16) };
    const span = only({ kind: 'CLIENT', attributes: { a: 1, b: 'two' }, links: [link] });
    expect({
      context: span.spanContext(),
      parent: span.parentSpanContext,
      name: span.name,
      kind: span.kind,
      startTime: span.startTime,
      endTime: span.endTime,
      attributes: span.attributes,
      events: span.events,
      links: span.links,
      status: span.status,
      scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version },
    }).toEqual({
      context: { traceId: TRACE, spanId: '1'.repeat(16), traceFlags: 1, traceState: undefined },
      parent: undefined,
      name: 'invoke_agent codex',
      kind: 2,
      startTime: [1_795_572_000, 0],
      endTime: [1_795_572_001, 500_000_000],
      attributes: { a: 1, b: 'two' },
      events: [],
      // A caller's span is another process's: viewers show such a link as leading elsewhere.
      links: [{ context: { ...link, traceFlags: 1, isRemote: true } }],
      status: { code: 0 },
      scope: { name: '@mlflow/codex', version: packageVersion() },
    });
  });

  test('is below its parent, in the same trace', () => {
    const parent = only({ parentSpanId: '3'.repeat(16) }).parentSpanContext;
    expect(parent).toEqual({ traceId: TRACE, spanId: '3'.repeat(16), traceFlags: 1 });
  });

  test('that has failed says why, and when what was thrown came', () => {
    const span = only({
      status: { code: 'ERROR', message: 'exit code 2' },
      events: [{ name: 'exception', timeMs: 1_795_572_000_250, attributes: { 'exception.type': 'x' } }],
    });
    expect(span.status).toEqual({ code: 2, message: 'exit code 2' });
    expect(span.events).toEqual([
      {
        name: 'exception',
        time: [1_795_572_000, 250_000_000],
        attributes: { 'exception.type': 'x' },
        droppedAttributesCount: 0,
      },
    ]);
  });

  test.each([
    [0, [0, 0]],
    [999.5, [0, 999_500_000]],
    [1000, [1, 0]],
    [1_795_572_000_999.75, [1_795_572_000, 999_750_000]],
  ])('that began at %s ms began at %j', (startMs, startTime) => {
    expect(only({ startMs, endMs: startMs }).startTime).toEqual(startTime);
  });

  test('keeps more attributes, events and links than the SDK would of itself', () => {
    const event = { name: 'exception', timeMs: 1_795_572_000_000, attributes: numbered(200) };
    const link = { traceId: 'b'.repeat(32), spanId: '2'.repeat(16) };
    const span = only({
      attributes: numbered(1500),
      events: Array.from({ length: 200 }, () => event),
      links: Array.from({ length: 200 }, () => link),
    });
    expect(span.attributes).toEqual(numbered(1500));
    expect(span.events.map(({ attributes }) => Object.keys(attributes ?? {}).length)).toEqual(
      Array.from({ length: 200 }, () => 200),
    );
    expect(span.links).toHaveLength(200);
    expect([span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount]).toEqual([0, 0, 0]);
  });
});

test('spans come in the order of their specs, each with its own ids', () => {
  const specs = ['1', '2', '3'].map((digit) => spec({ spanId: digit.repeat(16), name: digit }));
  const spans = toReadableSpans(specs, undefined);
  expect(spans.map((span) => [span.name, span.spanContext().spanId])).toEqual([
    ['1', '1'.repeat(16)],
    ['2', '2'.repeat(16)],
    ['3', '3'.repeat(16)],
  ]);
});

describe('the resource', () => {
  const attributes = (...given: [string | undefined, Record<string, string>?]) => {
    const [span] = toReadableSpans([spec()], ...given);
    return Object.fromEntries(
      Object.entries(span?.resource.attributes ?? {}).filter(([name]) => !name.startsWith('telemetry.sdk.')),
    );
  };

  test('is Codex in its version, and nothing else', () => {
    expect(attributes('0.171.0')).toEqual({ 'service.name': 'codex', 'service.version': '0.171.0' });
    expect(attributes(undefined)).toEqual({ 'service.name': 'codex' });
  });

  test('has what the settings add, but Codex’s name and version stay', () => {
    const given = { 'host.name': 'build-7', 'service.name': 'mine', 'service.version': '9' };
    expect(attributes('0.171.0', given)).toEqual({
      'host.name': 'build-7',
      'service.name': 'codex',
      'service.version': '0.171.0',
    });
  });
});
