import { readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { type DatabricksOptions, DatabricksSender } from '../../src/databricks/databricks-sender.js';
import { openDatabricks } from '../../src/databricks/open-databricks.js';
import { resolveDatabricks } from '../../src/mlflow/databricks/resolve-databricks.js';
import { isWorkspace, type WorkspaceDestination } from '../../src/mlflow/databricks/workspace.js';
import { SpanSender } from '../../src/otlp/span-sender.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { DatabricksWorkspace } from '../support/databricks-workspace.js';

let workspace: DatabricksWorkspace;
let stateDir: string;
let locks: string[];
const senders: DatabricksSender[] = [];
beforeEach(async () => {
  workspace = await DatabricksWorkspace.start();
  stateDir = await makeTemporaryFolder();
  locks = [];
});
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  await workspace.close();
  rmSync(stateDir, { recursive: true });
  expect(workspace.violations).toEqual([]);
});

function destinationOf(experimentId: string): WorkspaceDestination {
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  const found = resolveDatabricks(
    { experimentId, sources: { experimentId: 'user' } },
    undefined,
    env,
    '/nowhere',
  );
  if (found.kind === 'problem' || !isWorkspace(found.value)) throw new Error('no workspace');
  return found.value;
}
const free = async (key: string) => {
  locks.push(`take ${key}`);
  return { release: async () => void locks.push(`release ${key}`) };
};
function senderTo(experimentId = '123', more: Partial<DatabricksOptions> = {}): DatabricksSender {
  const openSpanSender = (spans: ConstructorParameters<typeof SpanSender>[0]) => new SpanSender(spans);
  const options = { env: {}, stateDir, openSpanSender, lock: free, ...more };
  const sender = new DatabricksSender(destinationOf(experimentId), options);
  senders.push(sender);
  return sender;
}

const TRACE = 'ab'.repeat(16);
const span = (
  spanId: string,
  attributes: SpanSpec['attributes'],
  more: Partial<SpanSpec> = {},
): SpanSpec => ({
  name: 'a span',
  kind: 'INTERNAL',
  traceId: TRACE,
  spanId: spanId.repeat(16),
  startMs: 1_795_572_000_000,
  endMs: 1_795_572_001_000,
  attributes,
  status: { code: 'UNSET' },
  events: [],
  ...more,
});
const CALLER = { traceId: 'ef'.repeat(16), spanId: '12'.repeat(8) };
const ROOT = span(
  '1',
  {
    'mlflow.spanType': 'AGENT',
    'codex.thread.id': 't',
    'codex.client': 'codex-tui',
    'mlflow.traceTag.team': 'search',
    'codex.model': 'gpt-5.5',
  },
  { links: [CALLER] },
);
const CALL = span(
  '2',
  {
    'mlflow.spanType': 'LLM',
    'mlflow.llm.model': 'gpt-5.5',
    'mlflow.llm.provider': 'openai',
    'mlflow.chat.tokenUsage': '{"input_tokens":1000,"output_tokens":0,"total_tokens":1000}',
  },
  { parentSpanId: ROOT.spanId },
);
const TURN = [ROOT, CALL];
const OPTIONS = { timeoutMs: 8000 };
const waits = (reason: string) => ({ kind: 'pending', reason, blocked: false, isTurns: true });

const files = () =>
  readdirSync(path.join(stateDir, 'databricks'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();
const record = () => {
  const name = files().find((file) => file.startsWith('traces')) ?? '';
  return JSON.parse(readFileSync(path.join(stateDir, 'databricks', name), 'utf8')) as Record<string, unknown>;
};
const DIGEST = expect.stringMatching(/^[0-9a-f]{32}$/);

test('a workspace takes a trace whole and plain', () => {
  const sender = senderTo();
  expect([sender.takesParts, sender.compresses()]).toEqual([false, false]);
});

test('another destination opens no such sender', () => {
  const { databricks: _, ...other } = destinationOf('123');
  const options = { env: {}, stateDir, openSpanSender: () => senderTo(), lock: free };
  expect(() => openDatabricks(other, options)).toThrow('not a Databricks workspace');
  const opened = openDatabricks(destinationOf('123'), options);
  expect(opened).toBeInstanceOf(DatabricksSender);
  opened.close();
});

describe('what is remembered of a trace', () => {
  test('that went to an experiment is what it takes to make its file again', async () => {
    expect(await senderTo().send(TURN, '0.171.0', OPTIONS)).toEqual({ kind: 'sent' });
    expect(files().map((name) => name.replace(/[0-9a-f]{16,32}(?=\.json)/, 'DIGEST'))).toEqual([
      'experiments/DIGEST.json',
      `traces/${TRACE}-DIGEST.json`,
    ]);
    expect(record()).toEqual({
      spanIds: [ROOT.spanId, CALL.spanId],
      threads: ['t'],
      info: DIGEST,
      root: {
        attributes: { 'codex.client': 'codex-tui', 'mlflow.traceTag.team': 'search' },
        links: [CALLER],
      },
    });
  });

  test('that is there already is enough: nobody is asked anything', async () => {
    await senderTo().send(TURN, undefined, OPTIONS);
    const before = workspace.steps();
    expect(await senderTo().send(TURN, undefined, OPTIONS)).toEqual({ kind: 'sent' });
    expect(await senderTo().send([ROOT], undefined, OPTIONS)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(before);
    // One span of a turn is not the turn.
    const wholeTrace = async () => ({ specs: TURN });
    const more = { ...CALL, spanId: '5'.repeat(16) };
    const options = { ...OPTIONS, wholeTrace };
    expect(await senderTo().send([ROOT, more], undefined, options)).toEqual({ kind: 'sent' });
    expect(record()['spanIds']).toEqual([ROOT.spanId, CALL.spanId, more.spanId]);
  });

  test('that went to tables is which spans went, and its info', async () => {
    expect(await senderTo('456').send(TURN, '0.171.0', OPTIONS)).toEqual({ kind: 'sent' });
    expect(record()).toEqual({ spanIds: [ROOT.spanId, CALL.spanId], threads: ['t'], info: DIGEST });
  });

  test('that came late is a digest, and is not sent twice', async () => {
    const sender = senderTo('456');
    await sender.send(TURN, '0.171.0', OPTIONS);
    const late = { ...CALL, endMs: CALL.endMs + 5 };
    for (const spec of [late, late]) await sender.send([spec], '0.171.0', OPTIONS);
    expect(record()).toEqual({
      spanIds: [ROOT.spanId, CALL.spanId],
      threads: ['t'],
      info: DIGEST,
      late: [DIGEST],
    });
    await sender.send([{ ...late, endMs: late.endMs + 5 }], '0.171.0', OPTIONS);
    expect(record()['late']).toEqual([DIGEST, DIGEST]);
    expect(workspace.tables.get('main.traces.codex_spans_v2')).toHaveLength(4);
  });

  test('whose upload failed is its info alone, which is not sent again', async () => {
    workspace.fail('upload', { status: 503 });
    expect(await senderTo().send(TURN, undefined, OPTIONS)).toMatchObject({ kind: 'pending', reason: '503' });
    expect(record()).toEqual({ spanIds: [], info: DIGEST });
    expect(await senderTo().send(TURN, undefined, OPTIONS)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['experiment', 'info', 'address', 'upload', 'address', 'upload']);
  });

  test('whose info failed is its spans alone; with both nothing is sent again', async () => {
    workspace.fail('uc-info', { status: 503 });
    expect(await senderTo('456').send(TURN, undefined, OPTIONS)).toMatchObject({
      kind: 'pending',
      reason: '503',
    });
    expect(record()).toEqual({ spanIds: [ROOT.spanId, CALL.spanId], threads: ['t'] });
    for (const _ of [1, 2])
      expect(await senderTo('456').send(TURN, undefined, OPTIONS)).toEqual({ kind: 'sent' });
    expect(workspace.steps()).toEqual(['experiment', 'spans', 'uc-info', 'uc-info']);
  });

  test('is thrown away after a month', async () => {
    await senderTo().send(TURN, undefined, OPTIONS);
    const name = path.join(stateDir, 'databricks', files().find((file) => file.startsWith('traces')) ?? '');
    utimesSync(name, 1, 1);
    senderTo();
    expect(files()).toEqual([expect.stringMatching(/^experiments/)]);
  });
});

test('a file that is made again has what no recording tells of its root', async () => {
  await senderTo().send(TURN, undefined, OPTIONS);
  const { links: _, ...recorded } = {
    ...ROOT,
    attributes: { 'mlflow.spanType': 'AGENT', 'codex.model': 'gpt-5.6' },
  };
  const agent = span(
    '3',
    { 'mlflow.spanType': 'AGENT', 'codex.thread.id': 'u' },
    { parentSpanId: CALL.spanId },
  );
  const asked: unknown[] = [];
  const wholeTrace = async (threads: readonly string[]) => {
    asked.push(threads);
    return { specs: [recorded, { ...agent, name: 'an old one' }, CALL] };
  };
  expect(await senderTo().send([agent], undefined, { ...OPTIONS, wholeTrace })).toEqual({ kind: 'sent' });
  expect(asked).toEqual([['t']]);
  const spans = workspace.traces.get(`tr-${TRACE}`)?.file?.spans ?? [];
  expect(spans.map(({ name }) => name)).toEqual(['a span', 'a span', 'a span']);
  expect(spans[0]).toMatchObject({
    attributes: {
      'codex.client': '"codex-tui"',
      'mlflow.traceTag.team': '"search"',
      'codex.model': '"gpt-5.6"',
    },
    links: [{ trace_id: CALLER.traceId, span_id: CALLER.spanId }],
  });
  expect(record()['threads']).toEqual(['t', 'u']);
});

test.each(['123', '456'])(
  'each model call has its cost at experiment %s, and the trace the sum',
  async (id) => {
    const other = { ...CALL, spanId: '4'.repeat(16) };
    const wholeTrace = async () => ({ specs: [ROOT, CALL, other] });
    expect(await senderTo(id).send(TURN, undefined, { ...OPTIONS, wholeTrace })).toEqual({ kind: 'sent' });
    const info =
      workspace.traces.get(`tr-${TRACE}`)?.info ?? workspace.infos.get(`main.traces.codex/${TRACE}`);
    const metadata = info?.['trace_metadata'] as Record<string, string>;
    expect(JSON.parse(metadata['mlflow.trace.cost'] ?? '{}').total_cost).toBeCloseTo(0.01, 9);
    const row = workspace.tables.get('main.traces.codex_spans_v2')?.[1]?.attributes['mlflow.llm.cost'];
    const [, call] = workspace.traces.get(`tr-${TRACE}`)?.file?.spans ?? [];
    const cost = String(
      row ?? (call?.['attributes'] as Record<string, string> | undefined)?.['mlflow.llm.cost'],
    );
    expect(JSON.parse(cost).total_cost).toBeCloseTo(0.005, 9);
  },
);

describe('a trace is one process’s at a time', () => {
  test('by a lock of its own, which is given back whatever comes of it', async () => {
    const sender = senderTo();
    await sender.send(TURN, undefined, OPTIONS);
    workspace.fail('info', { status: 503 });
    await sender.send([{ ...ROOT, traceId: 'cd'.repeat(16) }], undefined, OPTIONS);
    const name = (trace: string) => expect.stringMatching(new RegExp(`^\\w+ trace-${trace}-[0-9a-f]{16}$`));
    expect(locks).toEqual([TRACE, TRACE, 'cd'.repeat(16), 'cd'.repeat(16)].map(name));
    expect(locks.map((line) => line.split(' ')[0])).toEqual(['take', 'release', 'take', 'release']);
  });

  test('and is waited for, as long as there is time', async () => {
    let asked = 0;
    const taken = async (key: string) => {
      asked += 1;
      return asked < 3 ? undefined : free(key);
    };
    expect(await senderTo('123', { lock: taken }).send(TURN, undefined, OPTIONS)).toEqual({ kind: 'sent' });
    expect(asked).toBe(3);
    let tries = 0;
    const lock = async () => {
      tries += 1;
      return undefined;
    };
    const never = senderTo('123', { lock });
    expect(await never.send(TURN, undefined, { timeoutMs: 120 })).toEqual(
      waits('another process has the trace in hand'),
    );
    // With a pause between them, and not as fast as they go.
    expect(tries).toBeLessThan(20);
  });
});

test('a subagent’s turn waits for its root', async () => {
  const agent = span('3', { 'mlflow.spanType': 'AGENT' }, { parentSpanId: CALL.spanId });
  const outcome = waits('it goes with the turn it belongs to, which is not over yet');
  expect(await senderTo().send([agent], undefined, OPTIONS)).toEqual(outcome);
  const wholeTrace = async () => undefined;
  expect(await senderTo().send([agent], undefined, { ...OPTIONS, wholeTrace })).toEqual(outcome);
});

test.each([
  [Object.assign(new Error('no'), { code: 'EACCES' }), 'EACCES'],
  [new Error('no'), 'internal error'],
  [undefined, 'internal error'],
])('what goes wrong on this side (%s) keeps the turn pending', async (thrown, reason) => {
  const lock = async () => {
    throw thrown;
  };
  expect(await senderTo('123', { lock }).send(TURN, undefined, OPTIONS)).toEqual({
    kind: 'pending',
    reason,
    blocked: false,
  });
});

test('a table that is answered missing is asked for anew, and no other', async () => {
  const sender = senderTo('456');
  workspace.fail('spans', { status: 404 }, { status: 403 });
  for (const [reason, asked] of [
    ['404', 1],
    ['403', 2],
  ] as const) {
    expect(await sender.send(TURN, undefined, OPTIONS)).toMatchObject({ kind: 'pending', reason });
    expect(workspace.steps().filter((step) => step === 'experiment')).toHaveLength(asked);
  }
  expect(await sender.send(TURN, undefined, OPTIONS)).toEqual({ kind: 'sent' });
  expect(workspace.steps().filter((step) => step === 'experiment')).toHaveLength(2);
});
