import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/platform/sha256.js';
import { liveSpan } from '../../../src/spans/live/live-span.js';
import type { SpanSpec } from '../../../src/spans/span-spec.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const now = { nowMs: 5000, withUsage: true, openCalls: new Set(['open']), digest: sha256 };

function spec(attributes: SpanSpec['attributes'], more: Partial<SpanSpec> = {}): SpanSpec {
  const times = { startMs: 1000, endMs: 2000 };
  const ids = { traceId, spanId: 'b7ad6b7169203331' };
  return {
    name: 'a span',
    kind: 'INTERNAL',
    ...ids,
    ...times,
    attributes,
    status: { code: 'UNSET' },
    events: [],
    ...more,
  };
}

const failed = {
  status: { code: 'ERROR', message: 'it failed' },
  events: [{ name: 'exception', timeMs: 2000, attributes: { 'exception.message': 'it failed' } }],
} as const;

describe("a running turn's AGENT", () => {
  const attributes = {
    'mlflow.spanType': 'AGENT',
    'mlflow.spanInputs': '{"messages":[]}',
    'session.id': 'thread',
    'codex.turn.outcome': 'interrupted',
  };
  const ofTheEnd = {
    'mlflow.spanOutputs': '{"outcome":"interrupted"}',
    'error.type': 'interrupted',
    'mlflow.traceTag.mlflow.traceName': 'codex',
    'mlflow.traceTag.team': 'x',
    'codex.content.clipped_bytes': 7,
    'codex.content.redacted': 1,
  };
  const links = [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }];

  test('says who asked what, and nothing that only its end can say; it lies below a parent that no span has', () => {
    expect(liveSpan(spec({ ...attributes, ...ofTheEnd }, { ...failed, links }), now)).toStrictEqual({
      ...spec({ ...attributes, 'codex.turn.outcome': 'running' }),
      // The first 16 digits of the SHA-256 of `<trace id>:live`.
      parentSpanId: 'e0154d4ad2a7a80b',
      endMs: 5000,
    });
  });

  test('of a subagent stays below the call that started it', () => {
    const agent = spec(attributes, { parentSpanId: 'e'.repeat(16) });
    expect(liveSpan(agent, now).parentSpanId).toBe('e'.repeat(16));
  });

  test('does not end before it begins, whatever the clock of this machine says', () => {
    expect(liveSpan(spec(attributes), { ...now, nowMs: 500 }).endMs).toBe(1000);
  });
});

describe("a running turn's response", () => {
  const words = { 'mlflow.spanType': 'LLM', 'mlflow.spanOutputs': '{}', 'gen_ai.response.id': 'r' };
  const tokens = {
    'mlflow.chat.tokenUsage': '{"input_tokens":1}',
    'mlflow.llm.cost': '{"total_cost":1}',
    'gen_ai.usage.input_tokens': 1,
    'gen_ai.usage.output_tokens': 2,
  };
  const llm = spec({ ...words, ...tokens, 'mlflow.chat.tools': '[]' });

  test('is as in the end, but for the tools, which the first of each pass would have again', () => {
    expect(liveSpan(llm, now)).toStrictEqual(spec({ ...words, ...tokens }));
  });

  test('has neither tokens nor cost where the server would add them up again', () => {
    expect(liveSpan(llm, { ...now, withUsage: false })).toStrictEqual(spec(words));
  });
});

describe("a running turn's call", () => {
  const asked = { 'mlflow.spanType': 'TOOL', 'mlflow.spanInputs': '{"cmd":"ls"}' };
  const result = { 'mlflow.spanOutputs': '{}', 'process.exit.code': 1, 'error.type': 'exit_code' };
  const call = (id: string) => spec({ ...asked, ...result, 'gen_ai.tool.call.id': id }, failed);

  test('that is over is as in the end', () => {
    expect(liveSpan(call('closed'), now)).toStrictEqual(call('closed'));
  });

  test('that is under way shows what it was asked and lasts until now', () => {
    expect(liveSpan(call('open'), now)).toStrictEqual({
      ...spec({ ...asked, 'gen_ai.tool.call.id': 'open' }),
      endMs: 5000,
    });
    expect(liveSpan(call('open'), { ...now, nowMs: 999 }).endMs).toBe(1000);
  });
});
