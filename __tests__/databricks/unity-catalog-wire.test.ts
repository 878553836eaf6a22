import { describe, expect, test } from '@jest/globals';
import {
  type OpenSpanSender,
  sendSpans,
  sendUnityCatalogInfo,
} from '../../src/databricks/unity-catalog-wire.js';
import type { TokenAnswer } from '../../src/mlflow/databricks/access-token.js';
import type { Workspace, WorkspaceRequest } from '../../src/mlflow/databricks/workspace.js';
import type { ExportOutcome } from '../../src/otlp/export-outcome.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';

const TRACE = 'ab'.repeat(16);
const LOCATION = { kind: 'unity-catalog', prefix: 'a.b.c', spansTable: 'a.b.spans' } as const;
const SPEC: SpanSpec = {
  name: 'invoke_agent codex',
  kind: 'INTERNAL',
  traceId: TRACE,
  spanId: '1'.repeat(16),
  startMs: 1_795_572_000_000,
  endMs: 1_795_572_001_000,
  attributes: { a: 1 },
  status: { code: 'UNSET' },
  events: [],
};
const step = 'sending the spans';
const NO_TOKEN: TokenAnswer = {
  kind: 'no token',
  blocked: true,
  problem: { kind: 'problem', code: 'c', message: 'm', hint: 'h' },
};

/** A workspace with these tokens and a wire with these outcomes; what was opened, sent, judged and closed. */
function wireOf(tokens: TokenAnswer[], outcomes: ExportOutcome[], renews = false) {
  const seen: {
    opened: object[];
    sent: unknown[][];
    judged: number[];
    closed: number;
    asked: WorkspaceRequest[];
  } = {
    opened: [],
    sent: [],
    judged: [],
    closed: 0,
    asked: [],
  };
  const destination = {
    url: 'https://w',
    server: 'databricks',
    headers: { x: 'y' },
    tls: {},
    databricks: {},
  };
  const workspace = {
    host: 'https://w',
    destination,
    token: async () => tokens.shift() ?? NO_TOKEN,
    isWorthAnotherTry: (status: number) => {
      seen.judged.push(status);
      return renews && status === 401;
    },
    ask: async (request: WorkspaceRequest) => {
      seen.asked.push(request);
      return { kind: 'answer', status: 200, body: '', headers: {} };
    },
  } as unknown as Workspace;
  const openSpanSender: OpenSpanSender = (opened) => {
    seen.opened.push(opened);
    return {
      send: async (...given) => {
        seen.sent.push(given);
        return outcomes.shift() ?? { kind: 'sent' };
      },
      close: () => {
        seen.closed += 1;
      },
    };
  };
  const send = (timeoutMs = 5000) =>
    sendSpans(workspace, LOCATION, [SPEC], '0.171.0', { timeoutMs, openSpanSender });
  return { workspace, seen, send };
}
const token = (text: string): TokenAnswer => ({ kind: 'token', value: { token: text, renewable: true } });
const opened = (text: string) => ({
  url: 'https://w/api/2.0/otel/v1/traces',
  server: 'databricks',
  headers: { authorization: `Bearer ${text}`, 'x-databricks-uc-table-name': 'a.b.spans' },
  tls: {},
});

describe('spans for a table', () => {
  test('go over OTLP, uncompressed, with the table in a header and the trace’s id on each', async () => {
    const { seen, send } = wireOf([token('t')], [{ kind: 'sent' }]);
    expect(await send()).toEqual({ kind: 'sent' });
    expect(seen.opened).toEqual([opened('t')]);
    const named = { ...SPEC, attributes: { a: 1, 'mlflow.traceRequestId': `trace:/a.b.c/${TRACE}` } };
    const timeoutMs = expect.any(Number);
    expect(seen.sent).toEqual([[[named], '0.171.0', { timeoutMs, plain: true }]]);
    const [, , options] = seen.sent[0] as [unknown, unknown, { timeoutMs: number }];
    expect(options.timeoutMs).toBeGreaterThan(4000);
    expect([seen.judged, seen.closed]).toEqual([[200], 1]);
  });

  test('go once more with another token where the first is refused', async () => {
    const refused: ExportOutcome = { kind: 'pending', reason: '401', blocked: true };
    const { seen, send } = wireOf([token('t'), token('u')], [refused, { kind: 'sent' }], true);
    expect(await send()).toEqual({ kind: 'sent' });
    expect(seen.opened).toEqual([opened('t'), opened('u')]);
    expect([seen.judged, seen.closed]).toEqual([[401, 200], 2]);
  });

  test.each<[ExportOutcome, number, ExportOutcome]>([
    [
      { kind: 'pending', reason: '503', blocked: false, transient: true },
      503,
      { kind: 'pending', reason: '503', blocked: false, transient: true, step },
    ],
    [
      { kind: 'pending', reason: 'ECONNRESET', blocked: false },
      0,
      { kind: 'pending', reason: 'ECONNRESET', blocked: false, step },
    ],
    [{ kind: 'rejected', status: 422, message: 'no' }, 422, { kind: 'rejected', status: 422, message: 'no' }],
  ])('that are %j say so, with the step', async (outcome, judged, found) => {
    const { seen, send } = wireOf([token('t')], [outcome]);
    expect(await send()).toEqual(found);
    expect([seen.judged, seen.closed]).toEqual([[judged], 1]);
  });

  test('wait for a token', async () => {
    const { seen, send } = wireOf([], []);
    expect(await send()).toEqual({
      kind: 'pending',
      reason: 'not signed in (c)',
      blocked: true,
      step: 'signing in',
    });
    expect(seen.opened).toEqual([]);
  });

  test('are given a moment even where the time is over', async () => {
    const { seen, send } = wireOf([token('t')], []);
    await send(-1000);
    expect(seen.sent[0]?.[2]).toEqual({ timeoutMs: 1, plain: true });
  });
});

test('the info of a trace in Unity Catalog is bare, under its prefix and hex', async () => {
  const { workspace, seen } = wireOf([], []);
  expect(await sendUnityCatalogInfo(workspace, LOCATION, SPEC, [SPEC], 4000)).toEqual({ kind: 'sent' });
  expect(seen.asked).toEqual([
    {
      method: 'POST',
      path: `/api/4.0/mlflow/traces/a.b.c/${TRACE}/info`,
      body: expect.objectContaining({ trace_id: TRACE, execution_duration: '1s' }),
      timeoutMs: 4000,
    },
  ]);
});

test('the info of a trace that is refused is the turn’s own affair, at its step', async () => {
  const { workspace } = wireOf([], []);
  const busy = { ...workspace, ask: async () => ({ kind: 'answer', status: 503, body: '', headers: {} }) };
  expect(await sendUnityCatalogInfo(busy as unknown as Workspace, LOCATION, SPEC, [SPEC], 4000)).toEqual({
    kind: 'pending',
    reason: '503',
    blocked: false,
    transient: true,
    step: 'sending the trace info',
  });
});
