import { expect, test } from '@jest/globals';
import { withCosts } from '../../src/databricks/trace/costs.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

function span(spanId: string, attributes: SpanSpec['attributes'], parentSpanId = 'agent'): SpanSpec {
  const ids = { traceId: 'ab'.repeat(16), spanId, parentSpanId };
  const rest = { startMs: 1, endMs: 2, status: { code: 'UNSET' as const }, events: [] };
  return { name: 'chat', kind: 'CLIENT', ...ids, ...rest, attributes };
}

const call = (more: SpanSpec['attributes'] = {}) =>
  span('call', {
    'mlflow.llm.model': 'gpt-5.5',
    'mlflow.llm.provider': 'openai',
    // 1,000 tokens of which 10 are cached, none out: what MLflow 3.17.2 makes 0.004955.
    'mlflow.chat.tokenUsage': '{"input_tokens":1000,"cache_read_input_tokens":10,"output_tokens":0}',
    ...more,
  });

const costOf = ([first]: SpanSpec[]) => first?.attributes['mlflow.llm.cost'];

test('a model call has the cost that MLflow’s own server works out', () => {
  const cost = JSON.parse(String(costOf(withCosts([call()]))));
  expect(Object.keys(cost)).toEqual(['input_cost', 'output_cost', 'total_cost']);
  expect(cost.total_cost).toBeCloseTo(0.004955, 9);
});

test('a cost that is there already stays', () => {
  expect(costOf(withCosts([call({ 'mlflow.llm.cost': '{"total_cost":1}' })]))).toBe('{"total_cost":1}');
});

test('a call served in a tier is priced by it', () => {
  const agent = span('agent', { 'codex.service_tier': 'priority' }, 'none');
  const [priced] = withCosts([call(), agent]);
  const plain = JSON.parse(String(costOf(withCosts([call()]))));
  expect(JSON.parse(String(priced?.attributes['mlflow.llm.cost'])).total_cost).toBeGreaterThan(
    plain.total_cost,
  );
});

test('a model that the list does not know, and a span without tokens, have none', () => {
  expect(costOf(withCosts([call({ 'mlflow.llm.model': 'somebody-elses' })]))).toBeUndefined();
  expect(costOf(withCosts([span('tool', { 'mlflow.spanType': 'TOOL' })]))).toBeUndefined();
});

test('every kind of token has its price, and nothing else of the span changes', () => {
  const usage =
    '{"input_tokens":1000,"cache_read_input_tokens":400,"cache_creation_input_tokens":100,"output_tokens":100,"total_tokens":1100}';
  const spec = call({ 'mlflow.chat.tokenUsage': usage, note: 'kept' });
  const [priced, ...others] = withCosts([spec]);
  const cost = JSON.parse(String(priced?.attributes['mlflow.llm.cost']));
  // gpt-5.5, dollars a million: 5 for input, 0.5 of it for what is cached, 30 for output.
  expect(cost.output_cost).toBeCloseTo(100 * 30e-6, 9);
  expect(cost.input_cost).toBeCloseTo(600 * 5e-6 + 400 * 0.5e-6, 9);
  expect(cost.total_cost).toBeCloseTo(cost.input_cost + cost.output_cost, 9);
  const { 'mlflow.llm.cost': _, ...rest } = priced?.attributes ?? {};
  expect([{ ...priced, attributes: rest }, others]).toEqual([spec, []]);
});

test.each(['no JSON', '[]', '7'])('tokens told as %s have no cost', (told) => {
  const spec = call({ 'mlflow.chat.tokenUsage': told });
  expect(withCosts([spec])).toEqual([spec]);
});

test('the tier is that of the call’s own parent', () => {
  const priority = span('other', { 'codex.service_tier': 'priority' }, 'none');
  const agent = span('agent', { 'codex.service_tier': 7 }, 'none');
  expect(costOf(withCosts([call(), priority, agent]))).toBe(costOf(withCosts([call()])));
});

test('tokens that are not told of cost nothing', () => {
  const [input] = withCosts([call({ 'mlflow.chat.tokenUsage': '{"input_tokens":1000}' })]);
  const cost = JSON.parse(String(input?.attributes['mlflow.llm.cost']));
  expect([cost.output_cost, cost.input_cost]).toEqual([0, 0.005]);
  const [output] = withCosts([call({ 'mlflow.chat.tokenUsage': '{"output_tokens":1000}' })]);
  expect(JSON.parse(String(output?.attributes['mlflow.llm.cost'])).input_cost).toBe(0);
});
