import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sizeStatsOf } from '../../src/databricks/trace/size-stats.js';
import { spanJson, tracesJson, withoutNul } from '../../src/databricks/trace/traces-json.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

const ID = `tr-${'ab'.repeat(16)}`;
const SPAN: SpanSpec = {
  name: 'chat gpt-5.5',
  kind: 'CLIENT',
  traceId: 'ab'.repeat(16),
  spanId: '00f067aa0ba902b7',
  parentSpanId: '00f067aa0ba902b8',
  startMs: 1_795_830_000_123,
  endMs: 1_795_830_000_123.25,
  attributes: {
    'mlflow.spanType': 'LLM',
    'mlflow.spanInputs': '{"model":"gpt-5.5"}',
    'mlflow.chat.tokenUsage': '{"input_tokens":3}',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 3,
    'codex.answer': '3',
    flag: true,
  },
  status: { code: 'ERROR', message: 'no' },
  events: [
    { name: 'exception', timeMs: 1_795_830_000_124, attributes: { 'exception.type': 'failed', n: 2 } },
  ],
};

test('a span is what MLflow’s clients write: Base64, nanoseconds, JSON texts', () => {
  expect(JSON.parse(spanJson(SPAN, ID))).toEqual({
    trace_id: Buffer.alloc(16, 0xab).toString('base64'),
    span_id: 'APBnqgupArc=',
    parent_span_id: 'APBnqgupArg=',
    name: 'chat gpt-5.5',
    kind: 'SPAN_KIND_CLIENT',
    start_time_unix_nano: expect.any(Number),
    end_time_unix_nano: expect.any(Number),
    events: [
      {
        name: 'exception',
        time_unix_nano: expect.any(Number),
        attributes: { 'exception.type': 'failed', n: 2 },
      },
    ],
    status: { code: 'STATUS_CODE_ERROR', message: 'no' },
    attributes: {
      'mlflow.traceRequestId': `"${ID}"`,
      'mlflow.spanType': '"LLM"',
      'mlflow.spanInputs': '{"model":"gpt-5.5"}',
      'mlflow.chat.tokenUsage': '{"input_tokens":3}',
      'gen_ai.response.finish_reasons': '["stop"]',
      'gen_ai.usage.input_tokens': '3',
      // A string stays one: MLflow reads a bare 3 back as a number.
      'codex.answer': '"3"',
      flag: 'true',
    },
    links: [],
  });
});

test('times are whole nanoseconds to the last digit', () => {
  const text = spanJson(SPAN, ID);
  expect(text).toContain('"start_time_unix_nano":1795830000123000000,');
  expect(text).toContain('"end_time_unix_nano":1795830000123250000,');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (microseconds) => {
      const ms = microseconds / 1000;
      const digits = /"start_time_unix_nano":(\d+),/.exec(spanJson({ ...SPAN, startMs: ms }, ID))?.[1];
      expect(BigInt(digits ?? '0')).toBe(BigInt(microseconds) * 1000n);
    }),
  );
});

test('a root has no parent, and what is not an error is OK', () => {
  const { parentSpanId: _, ...root } = { ...SPAN, status: { code: 'UNSET' } as const };
  expect(JSON.parse(spanJson(root, ID))).toMatchObject({
    parent_span_id: null,
    status: { code: 'STATUS_CODE_OK', message: '' },
  });
});

test('no NUL goes out, as it is or as JSON writes it, and nothing else is touched', () => {
  expect(withoutNul('a\0b')).toBe('a\ufffdb');
  expect(withoutNul(JSON.stringify('a\0b'))).toBe('"a\ufffdb"');
  expect(withoutNul(JSON.stringify('a\\u0000b'))).toBe(JSON.stringify('a\\u0000b'));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\\', 'u', '0', '\0', 'x') }), (text) => {
      expect(JSON.parse(withoutNul(JSON.stringify(text)))).toBe(text.replaceAll('\0', '\ufffd'));
    }),
  );
});

test('the file is the spans in their order, and its sizes are those of their bytes', () => {
  const spans = ['{"a":"é"}', '{}', '{"bb":1}'];
  const file = tracesJson(spans);
  expect(JSON.parse(file)).toEqual({ spans: [{ a: 'é' }, {}, { bb: 1 }] });
  expect(sizeStatsOf(spans, 99)).toEqual({
    total_size_bytes: 99,
    num_spans: 3,
    max: 10,
    p25: 5,
    p50: 8,
    p75: 9,
  });
  expect(sizeStatsOf(['{}'], 13)).toEqual({
    total_size_bytes: 13,
    num_spans: 1,
    max: 2,
    p25: 2,
    p50: 2,
    p75: 2,
  });
  const none = { total_size_bytes: 12, num_spans: 0, max: 0, p25: 0, p50: 0, p75: 0 };
  expect(sizeStatsOf([], 12)).toEqual(none);
  // Between two sizes in proportion: of 2, 10, 30 and 100 the first quarter ends at 2 and 3/4 of 8 more.
  const sized = [100, 10, 2, 30].map((size) => 'x'.repeat(size));
  expect(sizeStatsOf(sized, 1)).toMatchObject({ max: 100, p25: 8, p50: 20, p75: 47 });
});

test('a span of whom a caller is known has links, by the ids as they are; texts have no NUL', () => {
  const link = { traceId: 'cd'.repeat(16), spanId: '12'.repeat(8) };
  const spec = {
    ...SPAN,
    name: 'a\0b',
    links: [link],
    status: { code: 'ERROR', message: 'n\0' } as const,
    attributes: { list: ['x\0'], text: 'y\0' },
    events: [{ name: 'exception', timeMs: 1_795_830_000_124.5, attributes: { text: 'z\0', n: 2 } }],
  };
  const { trace_id, span_id, parent_span_id, ...rest } = JSON.parse(spanJson(spec, ID));
  expect(rest).toEqual({
    name: 'a\ufffdb',
    kind: 'SPAN_KIND_CLIENT',
    start_time_unix_nano: Number('1795830000123000000'),
    end_time_unix_nano: Number('1795830000123250000'),
    events: [
      {
        name: 'exception',
        time_unix_nano: Number('1795830000124500000'),
        attributes: { text: 'z\ufffd', n: 2 },
      },
    ],
    status: { code: 'STATUS_CODE_ERROR', message: 'n\ufffd' },
    attributes: { 'mlflow.traceRequestId': `"${ID}"`, list: '["x\ufffd"]', text: '"y\ufffd"' },
    links: [{ trace_id: 'cd'.repeat(16), span_id: '12'.repeat(8), attributes: null }],
  });
});

test.each([
  'mlflow.spanInputs',
  'mlflow.spanOutputs',
  'mlflow.chat.tokenUsage',
  'mlflow.chat.tools',
  'mlflow.llm.cost',
])('%s is JSON already, and not written as a text', (key) => {
  const { attributes } = JSON.parse(spanJson({ ...SPAN, attributes: { [key]: '{"a":1}' } }, ID));
  expect(attributes[key]).toBe('{"a":1}');
});
