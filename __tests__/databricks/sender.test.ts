import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { openSender } from '../../src/delivery/sending/open-sender.js';
import { resolveDatabricks } from '../../src/mlflow/databricks/resolve-databricks.js';
import type { ExportOutcome } from '../../src/otlp/export-outcome.js';
import type { Sender, SendOptions } from '../../src/otlp/sender.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { hexOf } from '../support/databricks-shapes.js';
import { type Call, DatabricksWorkspace } from '../support/databricks-workspace.js';

let workspace: DatabricksWorkspace;
let stateDir: string;
const senders: Sender[] = [];
beforeEach(async () => {
  workspace = await DatabricksWorkspace.start();
  stateDir = await makeTemporaryFolder();
});
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  await workspace.close();
  rmSync(stateDir, { recursive: true, force: true });
  expect(workspace.violations).toEqual([]);
});

interface Where {
  experimentId?: string;
  experimentName?: string;
  traceLocation?: string;
}

/** A sender as a hook opens one: what it learns is only in the state folder. */
async function open(where: Where = { experimentId: '123' }, more: NodeJS.ProcessEnv = {}): Promise<Sender> {
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right', ...more };
  const settings = { experimentId: '', sources: { experimentId: 'environment' }, ...where };
  const found = resolveDatabricks(settings, undefined, env, '/nowhere');
  if (found.kind === 'problem') throw new Error(found.message);
  const sender = await openSender(found.value, { env, stateDir });
  senders.push(sender);
  return sender;
}

async function send(
  specs: readonly SpanSpec[],
  where?: Where,
  options: Partial<SendOptions> = {},
): Promise<ExportOutcome> {
  return (await open(where)).send(specs, '0.171.0', { timeoutMs: 8000, ...options });
}

const TRACE = 'ab'.repeat(16);
const START = Date.UTC(2026, 10, 28, 1, 59, 10, 266);

function span(spanId: string, parentSpanId?: string, attributes: SpanSpec['attributes'] = {}): SpanSpec {
  return {
    name: parentSpanId === undefined ? 'invoke_agent codex' : 'exec_command',
    kind: 'INTERNAL',
    traceId: TRACE,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    startMs: START,
    endMs: START + 6997,
    attributes,
    status: { code: 'UNSET' },
    events: [],
  };
}

const ROOT = span('1'.repeat(16), undefined, {
  'mlflow.spanType': 'AGENT',
  'mlflow.spanInputs': '{"messages":[{"role":"user","content":"hello"}]}',
  'codex.client': 'codex-tui',
});
const TOOL = span('2'.repeat(16), ROOT.spanId, { 'mlflow.spanType': 'TOOL' });
const AGENT = span('3'.repeat(16), TOOL.spanId, { 'mlflow.spanType': 'AGENT' });
const TURN = [ROOT, TOOL];

const trace = () => workspace.traces.get(`tr-${TRACE}`);
const uploaded = () => trace()?.file?.spans.map(({ span_id }) => hexOf(span_id));

describe('an experiment bound to nothing', () => {
  test('gets the trace in three requests of the turn, its way being asked once', async () => {
    expect(await send(TURN)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['experiment', 'info', 'address', 'upload']);
    expect(uploaded()).toEqual([ROOT.spanId, TOOL.spanId]);
    expect(trace()?.info).toMatchObject({
      trace_id: `tr-${TRACE}`,
      request_time: '2026-11-28T01:59:10.266Z',
      execution_duration: '6.997s',
      state: 'OK',
      request_preview: 'hello',
    });
    const second = [{ ...ROOT, traceId: 'cd'.repeat(16) }];
    expect(await send(second)).toEqual({ kind: 'sent' });
    expect(workspace.steps().slice(4)).toEqual(['info', 'address', 'upload']);
  });

  test('is found by its path as well', async () => {
    expect(await send(TURN, { experimentName: '/Users/dana/codex' })).toEqual({ kind: 'sent' });
    expect(trace()?.info?.['trace_location']).toEqual({
      type: 'MLFLOW_EXPERIMENT',
      mlflow_experiment: { experiment_id: '123' },
    });
  });

  test.each([
    ['AWS_PRESIGNED_URL', ['upload']],
    ['GCP_SIGNED_URL', ['upload']],
    ['AZURE_SAS_URI', ['upload']],
    ['AZURE_ADLS_GEN2_SAS_URI', ['create', 'append']],
  ])('is uploaded to as %s wants it', async (type, steps) => {
    workspace.storeType = type;
    workspace.storeHeaders = type === 'GCP_SIGNED_URL' ? {} : { 'x-ms-version': '2022-11-02' };
    expect(await send(TURN)).toEqual({ kind: 'sent' });
    expect(workspace.steps().slice(3)).toEqual(steps);
    expect(uploaded()).toEqual([ROOT.spanId, TOOL.spanId]);
  });

  test('with a kind of store that nobody knows keeps the turn pending, and names the kind', async () => {
    workspace.storeType = 'FTP_URL';
    expect(await send(TURN)).toEqual({
      kind: 'pending',
      reason: 'unknown kind of store FTP_URL',
      blocked: true,
      step: 'uploading the spans',
    });
  });
});

describe('a trace with subagents', () => {
  test('holds those that are over when its root ends, which are then there already', async () => {
    const wholeTrace = async () => ({ specs: [...TURN, AGENT] });
    expect(await send(TURN, undefined, { wholeTrace })).toEqual({ kind: 'sent' });
    expect(uploaded()).toEqual([ROOT, TOOL, AGENT].map(({ spanId }) => spanId));
    const before = workspace.calls.length;
    expect(await send([AGENT], undefined, { wholeTrace })).toEqual({ kind: 'sent' });
    expect(workspace.calls).toHaveLength(before);
  });

  test('waits with a subagent’s turn for its root', async () => {
    expect(await send([AGENT], undefined, { wholeTrace: async () => undefined })).toMatchObject({
      kind: 'pending',
      blocked: false,
      isTurns: true,
    });
    expect(workspace.steps()).toEqual(['experiment']);
  });

  test('is uploaded again, with its totals, when a subagent ends after its root', async () => {
    const usage = (spec: SpanSpec, input: number): SpanSpec => ({
      ...spec,
      attributes: { ...spec.attributes, 'mlflow.chat.tokenUsage': `{"input_tokens":${input}}` },
    });
    await send([ROOT, usage(TOOL, 5)]);
    expect(trace()?.info?.['trace_metadata']).toMatchObject({
      'mlflow.trace.tokenUsage': '{"input_tokens":5}',
    });
    // What only the announcement of the root told is not in the recording it is made of again.
    const { 'codex.client': _, ...recorded } = ROOT.attributes;
    const wholeTrace = async () => ({
      specs: [{ ...ROOT, attributes: recorded }, usage(TOOL, 5), usage(AGENT, 7)],
    });
    expect(await send([usage(AGENT, 7)], undefined, { wholeTrace })).toEqual({ kind: 'sent' });
    expect(trace()?.file?.spans[0]?.['attributes']).toMatchObject({ 'codex.client': '"codex-tui"' });
    expect(trace()).toMatchObject({
      uploads: 2,
      info: { trace_metadata: { 'mlflow.trace.tokenUsage': '{"input_tokens":12}' } },
    });
    expect(uploaded()).toHaveLength(3);
  });
});

test('what comes late of a turn is put in the place of what was there, once', async () => {
  await send(TURN);
  const ended = { ...TOOL, endMs: TOOL.endMs + 5000 };
  const wholeTrace = async () => ({ specs: [ROOT, ended] });
  for (let time = 0; time < 2; time++)
    expect(await send([ended], undefined, { wholeTrace })).toEqual({ kind: 'sent' });
  expect(trace()?.uploads).toBe(2);
  expect(trace()?.file?.spans.map(({ end_time_unix_nano: end }) => Number(end) / 1e6)).toEqual([
    ROOT.endMs,
    ended.endMs,
  ]);
});

describe('an experiment bound to Unity Catalog', () => {
  const bound = { experimentId: '456' };

  test('gets spans into its table, and the info', async () => {
    expect(await send(TURN, bound)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['experiment', 'spans', 'uc-info']);
    const rows = workspace.tables.get('main.traces.codex_spans_v2') ?? [];
    expect(rows.map(({ spanId }) => spanId)).toEqual([ROOT.spanId, TOOL.spanId]);
    expect(rows.map(({ attributes }) => attributes['mlflow.traceRequestId'])).toEqual(
      Array(2).fill(`trace:/main.traces.codex/${TRACE}`),
    );
    expect(workspace.infos.get(`main.traces.codex/${TRACE}`)).toMatchObject({
      trace_id: TRACE,
      trace_location: {
        type: 'UC_TABLE_PREFIX',
        uc_table_prefix: {
          catalog_name: 'main',
          schema_name: 'traces',
          table_prefix: 'codex',
          spans_table_name: 'main.traces.codex_spans_v2',
        },
      },
    });
  });

  test('is asked nothing where the user names the location', async () => {
    expect(await send(TURN, { traceLocation: 'a.b.c' })).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['spans', 'uc-info']);
    expect(workspace.tables.get('a.b.c_otel_spans')).toHaveLength(2);
  });

  test('never gets spans twice because the info failed', async () => {
    workspace.fail('uc-info', { status: 503 });
    expect(await send(TURN, bound)).toMatchObject({ kind: 'pending', step: 'sending the trace info' });
    expect(await send(TURN, bound)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['experiment', 'spans', 'uc-info', 'uc-info']);
  });

  test('gets a subagent’s spans alone, whenever they come', async () => {
    expect(await send([AGENT], bound, { wholeTrace: async () => undefined })).toEqual({ kind: 'sent' });
    const wholeTrace = async () => ({ specs: [...TURN, AGENT] });
    expect(await send(TURN, bound, { wholeTrace })).toEqual({ kind: 'sent' });
    expect(workspace.tables.get('main.traces.codex_spans_v2')?.map(({ spanId }) => spanId)).toEqual([
      AGENT.spanId,
      ROOT.spanId,
      TOOL.spanId,
    ]);
  });
});

describe.each(['123', '456'])('the turns of a trace that went to experiment %s', (experimentId) => {
  const of = (thread: string, spec: SpanSpec) => ({
    ...spec,
    attributes: { ...spec.attributes, 'codex.thread.id': thread },
  });

  test('are found again by the threads they came from', async () => {
    const asked: (readonly string[])[] = [];
    const wholeTrace = async (threads: readonly string[]) => {
      asked.push(threads);
      return { specs: TURN };
    };
    const agents = of('agent', AGENT);
    const turns = [of('t', ROOT), TOOL];
    const isFile = experimentId === '123';
    for (const specs of isFile
      ? [turns, [agents], [of('t', { ...TOOL, spanId: '5'.repeat(16) })]]
      : [[agents], turns])
      expect(await send(specs, { experimentId }, { wholeTrace })).toEqual({ kind: 'sent' });
    expect(asked).toEqual(isFile ? [[], ['t'], ['t', 'agent']] : [['agent', 't']]);
  });

  test('have one info, whatever comes later of them', async () => {
    const wholeTrace = async () => ({ specs: TURN });
    await send(TURN, { experimentId }, { wholeTrace });
    const infos = () => workspace.steps().filter((step) => step.endsWith('info'));
    expect(infos()).toHaveLength(1);
    const more = { ...TOOL, spanId: '6'.repeat(16) };
    await send(experimentId === '456' ? [ROOT, more] : [more], { experimentId }, { wholeTrace });
    expect(infos()).toHaveLength(experimentId === '456' ? 1 : 2);
  });
});

/** Every step of both ways, with the requests up to it. */
const STEPS: readonly [Call, string, Where][] = [
  ['experiment', 'asking for the experiment', { experimentId: '123' }],
  ['info', 'sending the trace info', { experimentId: '123' }],
  ['address', 'asking for an upload address', { experimentId: '123' }],
  ['upload', 'uploading the spans', { experimentId: '123' }],
  ['spans', 'sending the spans', { experimentId: '456' }],
  ['uc-info', 'sending the trace info', { experimentId: '456' }],
];

describe.each(STEPS)('at the step %s', (call, step, where) => {
  test.each([408, 429, 500, 502, 503, 504])(
    '%i keeps the turn pending, and the next try goes on from there',
    async (status) => {
      workspace.fail(call, { status }, { status });
      const first = await send(TURN, where);
      expect(first).toMatchObject({ kind: 'pending', reason: String(status), blocked: false, step });
      workspace.heal();
      expect(await send(TURN, where)).toEqual({ kind: 'sent' });
      const took = workspace.calls
        .filter(({ status }) => status >= 200 && status < 300)
        .map((seen) => seen.call);
      const wanted = where.experimentId === '123' ? ['info', 'upload'] : ['spans', 'uc-info'];
      for (const once of ['experiment', ...wanted])
        expect([once, took.filter((taken) => taken === once).length]).toEqual([once, 1]);
    },
  );

  test.each([401, 403, 404])(
    '%i keeps it pending until somebody mends something, and names the step',
    async (status) => {
      workspace.fail(call, { status }, { status });
      expect(await send(TURN, where)).toMatchObject({
        kind: 'pending',
        reason: String(status),
        blocked: true,
        step,
      });
    },
  );

  test('Retry-After is told', async () => {
    workspace.fail(call, { status: 429, headers: { 'retry-after': '7' } });
    expect(await send(TURN, where)).toMatchObject({ kind: 'pending', retryAfterMs: 7000 });
  });

  test.each(['hang', 'reset'] as const)('a server that does %s keeps it pending', async (fault) => {
    workspace.fail(call, fault, fault, fault);
    const short = { timeoutMs: 1500 };
    expect(await send(TURN, where, short)).toMatchObject({ kind: 'pending', blocked: false, step });
    workspace.heal();
    expect(await send(TURN, where)).toEqual({ kind: 'sent' });
  });

  test('a redirect is followed nowhere', async () => {
    workspace.fail(call, { status: 307, headers: { location: 'https://elsewhere.example/' } });
    expect(await send(TURN, where)).toMatchObject({ kind: 'pending', reason: 'redirect (307)', step });
  });
});

describe.each(['info', 'upload', 'spans', 'uc-info'] as const)('the body of %s', (call) => {
  test.each([400, 413, 422])('can be refused (%i)', async (status) => {
    workspace.fail(call, { status, body: '{"message":"too large"}' });
    const where = { experimentId: call === 'info' || call === 'upload' ? '123' : '456' };
    expect(await send(TURN, where)).toMatchObject({ kind: 'rejected', status });
  });
});

test('a trace that is there already is uploaded all the same', async () => {
  workspace.fail('info', { status: 409 });
  await send(TURN);
  // The workspace on loopback did not see it start; a real one has.
  workspace.violations.splice(0);
  expect(workspace.steps()).toEqual(['experiment', 'info', 'address', 'upload']);
  workspace.fail('info', { status: 400, body: '{"error_code":"RESOURCE_ALREADY_EXISTS"}' });
  await send([{ ...ROOT, traceId: 'ef'.repeat(16) }]);
  workspace.violations.splice(0);
  expect(workspace.steps().slice(4)).toEqual(['info', 'address', 'upload']);
});

test('an answer that got lost leads to one trace with the same id', async () => {
  for (const call of ['info', 'address', 'upload'] as const) {
    workspace.fail(call, 'lost');
    expect(await send(TURN)).toMatchObject({ kind: 'pending' });
  }
  expect(await send(TURN)).toEqual({ kind: 'sent' });
  expect([...workspace.traces.keys()]).toEqual([`tr-${TRACE}`]);
  const before = workspace.calls.length;
  expect(await send(TURN)).toEqual({ kind: 'sent' });
  expect(workspace.calls).toHaveLength(before);
});

test('an upload address that has run out is asked for once more, and then no more', async () => {
  workspace.fail('upload', { status: 403 });
  expect(await send(TURN)).toEqual({ kind: 'sent' });
  expect(workspace.steps()).toEqual(['experiment', 'info', 'address', 'upload', 'address', 'upload']);
  workspace.fail('upload', { status: 403 }, { status: 403 });
  const other = [{ ...ROOT, traceId: 'cd'.repeat(16) }];
  expect(await send(other)).toMatchObject({ kind: 'pending', reason: '403', blocked: true });
});

test('ten at once send one file', async () => {
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => send(TURN)));
  expect(outcomes).toEqual(Array(10).fill({ kind: 'sent' }));
  expect(trace()?.uploads).toBe(1);
});

test('a missing or deleted experiment, and one bound to something else, get nothing', async () => {
  workspace.experiments.set('9', { name: 'x', stage: 'deleted', tags: {} });
  workspace.experiments.set('8', {
    name: 'y',
    stage: 'active',
    tags: { 'mlflow.experiment.databricksTraceDestinationPath': 'main.traces' },
  });
  for (const [experimentId, reason] of [
    ['9', 'the experiment is deleted'],
    ['8', 'the experiment is bound to something that is not catalog.schema.prefix'],
    ['777', 'there is no such experiment'],
  ] as const)
    expect(await send(TURN, { experimentId })).toMatchObject({ kind: 'pending', blocked: true, reason });
  expect(new Set(workspace.steps())).toEqual(new Set(['experiment']));
});

test('answers that are none of a workspace are not for a person to mend', async () => {
  workspace.fail('experiment', { status: 200, body: 'hello' });
  expect(await send(TURN)).toMatchObject({
    kind: 'pending',
    blocked: false,
    reason: 'the answer is not that of a workspace',
  });
  workspace.fail('address', { status: 200, body: '{}' });
  expect(await send(TURN)).toEqual({
    kind: 'pending',
    blocked: false,
    reason: 'no address in the answer',
    step: 'asking for an upload address',
  });
});

test('an experiment that is answered missing is asked for anew', async () => {
  await send(TURN);
  workspace.fail('info', { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST"}' });
  const other = [{ ...ROOT, traceId: 'cd'.repeat(16) }];
  expect(await send(other)).toMatchObject({ kind: 'pending', reason: '404' });
  await send(other);
  expect(workspace.steps().filter((call) => call === 'experiment')).toHaveLength(2);
});

test('what is remembered holds neither content nor a secret, in files for the user alone', async () => {
  await send(TURN);
  await send(TURN, { experimentId: '456' });
  const files = readdirSync(stateDir, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(stateDir, name))
    .filter((file) => statSync(file).isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    expect(readFileSync(file, 'utf8')).not.toMatch(/hello|dapi-right|X-Sig/);
  }
});

test('a state folder that takes no files keeps nothing from being sent', async () => {
  rmSync(stateDir, { recursive: true });
  writeFileSync(stateDir, 'a file in the place of the folder');
  const sender = await open();
  expect(await sender.send(TURN, undefined, { timeoutMs: 8000 })).toEqual({ kind: 'sent' });
});
