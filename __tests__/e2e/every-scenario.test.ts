import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ToolMode } from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { expectSpansOf, expectTokensOnLlmSpansOnly } from '../support/expected-spans.js';
import type { RecordedTurn } from '../support/recorded-turns.js';
import { childrenOf, rootOf, type SpanView, viewOf } from '../support/span-view.js';
import { runTraced, type TracedRun } from '../support/traced-run.js';

/** What the MLflow tests leave out, on the wire: no server but a receiver in this process. */
describe.each<ToolMode>(['classic', 'code-mode'])('what leaves the machine, %s tools', (mode) => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.close());

  test.each(['output-schema', 'retry-then-ok', 'long-output', 'compact', 'fork'])(
    '%s: one trace per turn, as served',
    async (name) => {
      const { run, traces } = await trace(name);
      expect(traces).toHaveLength(run.turns.length);
      for (const spans of traces) {
        const root = rootOf(spans);
        expect(root.name).toBe('invoke_agent codex');
        expectSpansOf(spans, root, turnOf(run, root));
        expectTokensOnLlmSpansOnly(spans);
      }
    },
  );

  test('subagent: the helper is part of the trace, below the call that spawned it', async () => {
    const { run, traces } = await trace('subagent');
    expect(traces).toHaveLength(1);
    const spans = traces[0] as SpanView[];
    const root = rootOf(spans);
    expect(root.name).toBe('invoke_agent codex');
    expectSpansOf(spans, root, turnOf(run, root));
    const [helper] = spans.filter((span) => span.name === 'invoke_agent /root/helper_one') as [SpanView];
    const [spawn] = spans.filter((span) => span.name === 'spawn_agent') as [SpanView];
    expect(helper.parentSpanId).toBe(spawn.spanId);
    expect(spawn.parentSpanId).toBe(root.spanId);
    expectSpansOf(spans, helper, { ...turnOf(run, helper), prompts: [] });
    expect(childrenOf(spans, helper).length).toBeGreaterThan(2);
    expectTokensOnLlmSpansOnly(spans);
  });

  test('review: a trace with a root, although Codex announces only the reviewer', async () => {
    const { run, traces } = await trace('review', 2);
    expect(traces).toHaveLength(1);
    const spans = traces[0] as SpanView[];
    const root = rootOf(spans);
    expect(root.name).toBe('invoke_agent codex');
    const [reviewer] = childrenOf(spans, root) as [SpanView];
    expect(reviewer.name).toBe('invoke_agent review');
    expectSpansOf(spans, reviewer, turnOf(run, reviewer));
    expectTokensOnLlmSpansOnly(spans);
  });

  test('unannounced-turns: failed and interrupted ones follow with the next turn of the thread', async () => {
    const { traces } = await trace('unannounced-turns', 4);
    const roots = traces.map(rootOf).sort((a, b) => a.startMs - b.startMs);
    expect(roots.map((root) => root.attributes['codex.turn.outcome'])).toEqual([
      'completed',
      'failed',
      'interrupted',
      'completed',
    ]);
    expect(roots.map((root) => root.attributes['mlflow.spanInputs'].messages[0].content)).toEqual([
      'turn one',
      'fail please',
      'hang please',
      'turn four',
    ]);
    expect(roots.map((root) => root.status.code)).toEqual([
      'STATUS_CODE_UNSET',
      'STATUS_CODE_ERROR',
      'STATUS_CODE_ERROR',
      'STATUS_CODE_UNSET',
    ]);
  });

  /** @param turns how many AGENT spans to wait for, where Codex recorded not every turn's end alike */
  async function trace(name: string, turns?: number): Promise<{ run: TracedRun; traces: SpanView[][] }> {
    const run = await runTraced(name, mode, { trackingUri: receiver.url, experimentId: '7' });
    const expected = turns ?? run.turns.length;
    await waitFor(
      'every turn to arrive',
      () =>
        receiver.spans().filter((span) => span.attributes['mlflow.spanType'] === 'AGENT').length >= expected,
    );
    for (const request of receiver.requests) {
      expect(request.url).toBe('/v1/traces');
      expect(request.headers['x-mlflow-experiment-id']).toBe('7');
      expect(request.headers['content-type']).toBe('application/x-protobuf');
    }
    const spans = receiver.spans();
    const traceIds = [...new Set(spans.map((span) => span.traceId))];
    const traces = traceIds.map((id) => spans.filter((span) => span.traceId === id).map(viewOf));
    return { run, traces };
  }

  function turnOf(run: TracedRun, agent: SpanView): RecordedTurn {
    const turn = run.turns.find(({ turnId }) => turnId === agent.attributes['codex.turn.id']);
    if (!turn) throw new Error('a span of a turn that Codex did not record');
    return turn;
  }
});
