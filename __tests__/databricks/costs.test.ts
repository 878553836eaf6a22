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
