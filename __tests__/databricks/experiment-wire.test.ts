import { afterEach, describe, expect, test } from '@jest/globals';
import {
  buildTraceFile,
  sendTraceInfo,
  type TraceFile,
  uploadTraceFile,
} from '../../src/databricks/experiment-wire.js';
import type { Workspace, WorkspaceAnswer, WorkspaceRequest } from '../../src/mlflow/databricks/workspace.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { closeLoopbacks, type Reply, startLoopback } from '../support/loopback.js';

afterEach(closeLoopbacks);

const ID = `tr-${'ab'.repeat(16)}`;
const TRACE: TraceFile = { requestId: ID, info: { trace_id: ID }, file: Buffer.from('{"spans":[]}') };
const answer = (status: number, body: unknown = ''): WorkspaceAnswer => ({
  kind: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: {},
});
const NO_ANSWER: WorkspaceAnswer = { kind: 'failed', code: 'ENOTFOUND', reason: 'ENOTFOUND', reached: false };

/** A workspace that gives these answers, the last one again and again; and what it was asked. */
function workspaceOf(...answers: WorkspaceAnswer[]) {
  const asked: WorkspaceRequest[] = [];
  const ask = async (request: WorkspaceRequest) => {
    asked.push(request);
    return answers[Math.min(asked.length, answers.length) - 1] ?? NO_ANSWER;
  };
  return { workspace: { ask, env: {} } as unknown as Workspace, asked };
}

test('a trace is its info and a file with its spans, whose sizes the info tells', () => {
  const root: SpanSpec = {
    name: 'invoke_agent codex',
    kind: 'INTERNAL',
    traceId: 'ab'.repeat(16),
    spanId: '1'.repeat(16),
    startMs: 1_795_572_000_000,
    endMs: 1_795_572_001_000,
    attributes: { note: 'é' },
    status: { code: 'UNSET' },
    events: [],
  };
  const tool = { ...root, name: 'tool', spanId: '2'.repeat(16), parentSpanId: root.spanId };
  const built = buildTraceFile(root, [root, tool], { kind: 'experiment', experimentId: '7' });
  const file = built.file.toString('utf8');
  expect(built.requestId).toBe(ID);
  expect(JSON.parse(file).spans).toMatchObject([
    { name: 'invoke_agent codex', attributes: { 'mlflow.traceRequestId': `"${ID}"`, note: '"é"' } },
    { name: 'tool', attributes: { 'mlflow.traceRequestId': `"${ID}"` } },
  ]);
  const { trace_metadata: metadata, ...info } = built.info as { trace_metadata: Record<string, string> };
  expect(info).toMatchObject({ trace_id: ID, trace_location: { mlflow_experiment: { experiment_id: '7' } } });
  expect(metadata['mlflow.trace.sizeBytes']).toBe(String(Buffer.byteLength(file)));
  expect(JSON.parse(metadata['mlflow.trace.sizeStats'] ?? '')).toMatchObject({ num_spans: 2 });
});

describe('the trace info', () => {
  test('is sent as MLflow’s clients start a trace', async () => {
    const { workspace, asked } = workspaceOf(answer(200));
    expect(await sendTraceInfo(workspace, TRACE, 4000)).toEqual({ kind: 'sent' });
    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/api/3.0/mlflow/traces',
        body: { trace: { trace_info: { trace_id: ID } } },
        timeoutMs: 4000,
      },
    ]);
  });

  const step = 'sending the trace info';
  test.each([
    [answer(409), { kind: 'sent' }],
    [answer(409, 'RESOURCE_ALREADY_EXISTS'), { kind: 'sent' }],
    [answer(400, '{"error_code":"RESOURCE_ALREADY_EXISTS"}'), { kind: 'sent' }],
    [answer(400, 'The trace Already Exists'), { kind: 'sent' }],
    [answer(400, 'no'), { kind: 'rejected', status: 400, message: 'no' }],
    [
      answer(500, 'already exists'),
      { kind: 'pending', reason: '500', blocked: false, transient: true, step },
    ],
    [NO_ANSWER, { kind: 'pending', reason: 'ENOTFOUND', blocked: false, step }],
  ])('that is answered %j is %j', async (said, outcome) => {
    expect(await sendTraceInfo(workspaceOf(said).workspace, TRACE, 4000)).toEqual(outcome);
  });
});

describe('the file', () => {
  const addressOf = (signedUri: string, type = 'AWS_PRESIGNED_URL') =>
    answer(200, { credential_info: { type, signed_uri: signedUri } });
  async function put(replies: Reply[], timeoutMs = 15_000) {
    const { url, requests } = await startLoopback(() => replies.shift() ?? { status: 500, body: '' });
    const { workspace, asked } = workspaceOf(addressOf(`${url}/t.json?sig=secret`));
    const outcome = await uploadTraceFile(workspace, TRACE, timeoutMs);
    return { outcome, asked, puts: requests.map(({ method, body }) => `${method} ${body}`) };
  }
  const step = 'uploading the spans';
  const question = {
    method: 'GET',
    path: `/api/2.0/mlflow/traces/${ID}/credentials-for-data-upload`,
    timeoutMs: expect.any(Number),
  };

  test('goes to the address that the workspace gives', async () => {
    const { outcome, asked, puts } = await put([{ status: 200, body: '' }]);
    expect(outcome).toEqual({ kind: 'sent' });
    expect(asked).toEqual([question]);
    expect(asked[0]?.timeoutMs).toBeGreaterThan(4000);
    expect(puts).toEqual(['PUT {"spans":[]}']);
  });

  test('goes to a new address where the first has run out, once', async () => {
    const expired: Reply = { status: 403, body: 'Request has expired' };
    const { outcome, asked, puts } = await put([expired, { status: 200, body: '' }]);
    expect([outcome, asked, puts.length]).toEqual([{ kind: 'sent' }, [question, question], 2]);
    const again = await put([expired, expired, { status: 200, body: '' }]);
    expect(again.outcome).toEqual({ kind: 'pending', reason: '403', blocked: true, step });
    expect(again.puts).toHaveLength(2);
  });

  test.each<[Reply, object]>([
    [
      { status: 400, body: 'bad sig=secret' },
      { kind: 'rejected', status: 400, message: 'the store refused the file' },
    ],
    [
      { status: 503, body: '' },
      { kind: 'pending', reason: '503', blocked: false, transient: true, step },
    ],
    [
      { status: 401, body: '' },
      { kind: 'pending', reason: '401', blocked: true, step },
    ],
  ])('that the store answers %j is put once: %j', async (reply, found) => {
    const { outcome, puts } = await put([reply]);
    expect(outcome).toEqual(found);
    expect(puts).toHaveLength(1);
  });

  const asking = 'asking for an upload address';
  test.each<[string, WorkspaceAnswer, object]>([
    ['refuses', answer(403), { kind: 'pending', reason: '403', blocked: true, step: asking }],
    ['does not answer', NO_ANSWER, { kind: 'pending', reason: 'ENOTFOUND', blocked: false, step: asking }],
    [
      'names no address',
      answer(200, {}),
      { kind: 'pending', reason: 'no address in the answer', blocked: false, step: asking },
    ],
    [
      'names a store that nobody knows',
      addressOf('https://s.example/x', `FTP URL <${'x'.repeat(80)}`),
      { kind: 'pending', reason: `unknown kind of store FTPURL${'x'.repeat(54)}`, blocked: true, step },
    ],
  ])('waits where the workspace %s', async (_, said, outcome) => {
    const { workspace, asked } = workspaceOf(said);
    expect(await uploadTraceFile(workspace, TRACE, 4000)).toEqual(outcome);
    expect(asked).toHaveLength(1);
  });

  test('whose time is over is still asked for, and not once more', async () => {
    const { outcome, asked } = await put([], -1000);
    expect(outcome).toMatchObject({ kind: 'pending', step });
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([1]);
  });
});
