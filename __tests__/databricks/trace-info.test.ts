import { describe, expect, test } from '@jest/globals';
import { buildTraceInfo } from '../../src/databricks/trace/trace-info.js';
import type { AttributeValue, SpanSpec } from '../../src/spans/span-spec.js';
import { infoFaults } from '../support/databricks-shapes.js';

const EXPERIMENT = { kind: 'experiment', experimentId: '123' } as const;
const CATALOG = { kind: 'unity-catalog', prefix: 'a.b.c', spansTable: 'a.b.c_otel_spans' } as const;

function root(attributes: Record<string, AttributeValue> = {}, more: Partial<SpanSpec> = {}): SpanSpec {
  return {
    name: 'invoke_agent codex',
    kind: 'INTERNAL',
    traceId: 'ab'.repeat(16),
    spanId: '1'.repeat(16),
    startMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    endMs: Date.UTC(2026, 0, 2, 3, 4, 7, 6),
    attributes,
    status: { code: 'UNSET' },
    events: [],
    ...more,
  };
}

const infoOf = (attributes: Record<string, AttributeValue>, more: Partial<SpanSpec> = {}) => {
  const span = root(attributes, more);
  const info = buildTraceInfo(span, [span], EXPERIMENT);
  expect(infoFaults(info as unknown as Record<string, unknown>, 'experiment')).toEqual([]);
  return info;
};
const inputs = (...messages: unknown[]) => ({ 'mlflow.spanInputs': JSON.stringify({ messages }) });
const outputs = (content: unknown) => ({
  'mlflow.spanOutputs': JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }),
});

test('a trace’s info is that of its root', () => {
  const attributes = {
    ...inputs({ role: 'user', content: 'hello' }),
    ...outputs('world'),
    'session.id': 's-1',
    'user.id': 'dana',
    'mlflow.traceTag.mlflow.traceName': 'codex',
    'mlflow.traceTag.team': 'search',
    'codex.client': 'codex-tui',
  };
  expect(infoOf(attributes)).toEqual({
    trace_id: `tr-${'ab'.repeat(16)}`,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '123' } },
    request_time: '2026-01-02T03:04:05.006Z',
    execution_duration: '2s',
    state: 'OK',
    request_preview: 'hello',
    response_preview: 'world',
    trace_metadata: {
      'mlflow.trace_schema.version': '3',
      'mlflow.trace.session': 's-1',
      'mlflow.trace.user': 'dana',
      'mlflow.traceInputs': '{"messages":[{"role":"user","content":"hello"}]}',
      'mlflow.traceOutputs': '{"choices":[{"message":{"role":"assistant","content":"world"}}]}',
    },
    tags: { 'mlflow.traceName': 'codex', team: 'search' },
  });
});

test('in Unity Catalog it is bare, with the hex of its id and version 4', () => {
  const info = buildTraceInfo(root(), [root()], CATALOG);
  expect(infoFaults(info as unknown as Record<string, unknown>, 'unity-catalog')).toEqual([]);
  expect(info).toEqual({
    trace_id: 'ab'.repeat(16),
    trace_location: {
      type: 'UC_TABLE_PREFIX',
      uc_table_prefix: {
        catalog_name: 'a',
        schema_name: 'b',
        table_prefix: 'c',
        spans_table_name: 'a.b.c_otel_spans',
      },
    },
    request_time: '2026-01-02T03:04:05.006Z',
    execution_duration: '2s',
    state: 'OK',
    trace_metadata: { 'mlflow.trace_schema.version': '4' },
    tags: {},
  });
});

test('a duration is told to the ms, and a turn that failed is an ERROR', () => {
  const error = { code: 'ERROR', message: 'no' } as const;
  expect(infoOf({}, { endMs: root().startMs + 6_997, status: error })).toMatchObject({
    execution_duration: '6.997s',
    state: 'ERROR',
  });
  const durationOf = (ms: number) => infoOf({}, { endMs: root().startMs + ms }).execution_duration;
  expect([50, 0, 1, 61_000, 0.25].map(durationOf)).toEqual(['0.050s', '0s', '0.001s', '61s', '0.000s']);
  // A clock that was set back while the turn ran.
  expect(durationOf(-5000)).toBe('0s');
});

describe('previews', () => {
  test('are the last message of the user’s and the answer', () => {
    const asked = inputs(
      { role: 'user', content: 'one' },
      { role: 'user', content: [{ type: 'text', text: 'two' }] },
    );
    expect(infoOf({ ...asked, ...outputs('done') })).toMatchObject({
      request_preview: 'two',
      response_preview: 'done',
    });
  });

  test('say how a turn without an answer ended', () => {
    const ended = { 'mlflow.spanOutputs': '{"outcome":"interrupted","reason":"by the user"}' };
    expect(infoOf(ended).response_preview).toBe('interrupted: by the user');
    const previewOf = (text: string) => infoOf({ 'mlflow.spanOutputs': text }).response_preview;
    expect(previewOf('{"outcome":"failed"}')).toBe('failed');
    expect(previewOf('{"reason":"by the user"}')).toBeUndefined();
  });

  test('are of the user’s words alone, of parts those with text, a line each', () => {
    const part = (text: string) => ({ type: 'text', text });
    const asked = inputs(
      { role: 'user', content: [part('one'), { type: 'image' }, part('two')] },
      { role: 'assistant', content: 'no' },
    );
    expect(infoOf(asked).request_preview).toBe('one\ntwo');
    expect(infoOf(inputs({ role: 'user', content: [] }))).not.toHaveProperty('request_preview');
    expect(infoOf(inputs({ role: 'system', content: 'a' }))).not.toHaveProperty('request_preview');
  });

  test('are absent where there is nothing', () => {
    expect(infoOf({})).not.toHaveProperty('request_preview');
    expect(infoOf(outputs(''))).not.toHaveProperty('response_preview');
    expect(infoOf({ 'mlflow.spanOutputs': 'no JSON' })).not.toHaveProperty('response_preview');
  });

  test('have 10,000 characters at most', () => {
    const preview = infoOf(outputs('🙂'.repeat(10_001))).response_preview ?? '';
    expect([...preview]).toHaveLength(10_000);
    expect(preview.endsWith('🙂...')).toBe(true);
    expect(infoOf(outputs('🙂'.repeat(10_000))).response_preview).toBe('🙂'.repeat(10_000));
  });
});

describe('metadata', () => {
  test('adds up the tokens and costs of all spans, with every kind of them', () => {
    const call = (usage: object, cost?: object) =>
      root({
        'mlflow.chat.tokenUsage': JSON.stringify(usage),
        ...(cost && { 'mlflow.llm.cost': JSON.stringify(cost) }),
      });
    const specs = [
      root(),
      call({ input_tokens: 10, output_tokens: 2, total_tokens: 12 }, { total_cost: 0.25 }),
      call(
        { input_tokens: 5, output_tokens: 1, total_tokens: 6, cache_read_input_tokens: 4 },
        { total_cost: 0.5 },
      ),
    ];
    const { trace_metadata: metadata } = buildTraceInfo(root(), specs, EXPERIMENT);
    expect(JSON.parse(metadata['mlflow.trace.tokenUsage'] ?? '')).toEqual({
      input_tokens: 15,
      output_tokens: 3,
      total_tokens: 18,
      cache_read_input_tokens: 4,
    });
    expect(JSON.parse(metadata['mlflow.trace.cost'] ?? '')).toEqual({ total_cost: 0.75 });
    expect(buildTraceInfo(root(), [root()], EXPERIMENT).trace_metadata).not.toHaveProperty(
      'mlflow.trace.cost',
    );
  });

  test('ends at 250 characters, between characters, and never inside what programs read', () => {
    const long = '🙂'.repeat(300);
    const sizes = { total_size_bytes: 1e9, num_spans: 3, max: 4e8, p25: 1, p50: 2, p75: 3 };
    const attributes = { ...inputs({ role: 'user', content: long }), 'session.id': long };
    const { trace_metadata: metadata } = buildTraceInfo(
      root(attributes),
      [root(attributes)],
      EXPERIMENT,
      sizes,
    );
    expect([...(metadata['mlflow.trace.session'] ?? '')]).toHaveLength(250);
    expect(metadata['mlflow.traceInputs']).toMatch(/^\{"messages".*\.\.\.$/su);
    expect(JSON.parse(metadata['mlflow.trace.sizeStats'] ?? '')).toEqual(sizes);
    expect(metadata['mlflow.trace.sizeBytes']).toBe('1000000000');
  });

  test('and tags hold no NUL; tags end at 4,096 characters, their keys at 250', () => {
    const attributes = {
      'session.id': 'a\0b',
      'mlflow.traceTag.note': `x\0${'y'.repeat(5000)}`,
      [`mlflow.traceTag.${'k'.repeat(300)}`]: 'v',
    };
    const { trace_metadata: metadata, tags } = infoOf(attributes);
    expect(metadata['mlflow.trace.session']).toBe('a\ufffdb');
    expect(tags['note']).toBe(`x\ufffd${'y'.repeat(4094)}`);
    expect(tags['k'.repeat(250)]).toBe('v');
  });
});

test('a trace’s info tells all that its spans have, as MLflow’s clients write it', () => {
  const span = root({
    'session.id': 's\0',
    'user.id': 'u'.repeat(251),
    'mlflow.spanInputs': '{"a":1}',
    'mlflow.spanOutputs': '{"b":2}',
    'mlflow.chat.tokenUsage': '{"input_tokens":3}',
    'mlflow.llm.cost': '{"total_cost":0.5}',
    'mlflow.traceTag.': 'empty',
    'team.mlflow.traceTag.': 'no',
    'mlflow.traceTag.list': ['a', 'b'],
    'mlflow.traceTag.n\0': 7,
  });
  const sizes = { total_size_bytes: 9, num_spans: 1, max: 9, p25: 9, p50: 9, p75: 9 };
  const { trace_metadata: metadata, tags } = buildTraceInfo(span, [span, span], EXPERIMENT, sizes);
  expect(metadata).toEqual({
    'mlflow.trace_schema.version': '3',
    'mlflow.trace.session': 's\ufffd',
    'mlflow.trace.user': `${'u'.repeat(247)}...`,
    'mlflow.traceInputs': '{"a":1}',
    'mlflow.traceOutputs': '{"b":2}',
    'mlflow.trace.tokenUsage': '{"input_tokens":6}',
    'mlflow.trace.cost': '{"total_cost":1}',
    'mlflow.trace.sizeStats': '{"total_size_bytes":9,"num_spans":1,"max":9,"p25":9,"p50":9,"p75":9}',
    'mlflow.trace.sizeBytes': '9',
  });
  expect(tags).toEqual({ '': 'empty', list: 'a,b', 'n\ufffd': '7' });
});

test.each([
  ['no JSON', undefined],
  ['[1]', undefined],
  ['{}', undefined],
  ['{"input_tokens":"3"}', undefined],
  ['{"input_tokens":3,"note":"x"}', '{"input_tokens":3}'],
  ['{"input_tokens":0}', '{"input_tokens":0}'],
])('tokens told as %s are %s', (told, usage) => {
  const { trace_metadata: metadata } = infoOf({ 'mlflow.chat.tokenUsage': told });
  expect(metadata['mlflow.trace.tokenUsage']).toBe(usage);
});

test.each<[unknown, string | undefined]>([
  [
    {
      messages: [
        { role: 'user', content: 'first' },
        { role: 'user', content: 'last' },
      ],
    },
    'last',
  ],
  [{ messages: [{ role: 'user', content: 'a\0b' }] }, 'a\ufffdb'],
  [{ messages: [{ role: 'user', content: '' }] }, undefined],
  [{ messages: [7, null, { role: 'user', content: 7 }] }, undefined],
  [{ messages: [{ role: 'user', content: [{ text: '' }, 'x', { text: 'b' }] }] }, 'b'],
  [{ messages: 'none' }, undefined],
  [7, undefined],
])('the prompt in %j is shown as %j', (told, preview) => {
  expect(infoOf({ 'mlflow.spanInputs': JSON.stringify(told) }).request_preview).toBe(preview);
});

test.each<[unknown, string | undefined]>([
  [{ choices: [{ message: { content: 'one' } }, { message: { content: 'two' } }] }, 'one'],
  [{ choices: [{ message: { content: 'one' } }], outcome: 'failed' }, 'one'],
  [{ choices: [{ message: { content: '' } }], outcome: 'failed', reason: 'no' }, 'failed: no'],
  [{ choices: [], outcome: 'failed' }, 'failed'],
  [{ outcome: '', reason: 'no' }, undefined],
  [{ outcome: 7 }, undefined],
])('the answer in %j is shown as %j', (told, preview) => {
  expect(infoOf({ 'mlflow.spanOutputs': JSON.stringify(told) }).response_preview).toBe(preview);
});
