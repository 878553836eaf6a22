import { execFile } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { mlflowProgram } from '../../scripts/lab/mlflow.mjs';
import { createExperiment } from '../../scripts/lab/mlflow-rest.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { hexOf } from '../support/databricks-shapes.js';
import { DatabricksWorkspace, type StoredTrace } from '../support/databricks-workspace.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { folderOf } from '../support/delivery-replay.js';
import { describeWith, mlflowNeeds, useMlflow } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

const run = promisify(execFile);

/** What `mlflow.get_trace` gives back of each trace, as JSON. */
const READ = `
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
def span(s):
    return {'id': s.span_id, 'parent': s.parent_id, 'name': s.name, 'type': s.span_type, 'inputs': s.inputs,
            'outputs': s.outputs, 'status': s.status.status_code.value, 'attributes': s.attributes,
            'start': s.start_time_ns, 'end': s.end_time_ns, 'events': [e.name for e in s.events]}
def trace(i):
    t = mlflow.get_trace(i)
    return {'state': t.info.state.value, 'usage': t.info.token_usage, 'request': t.info.request_preview,
            'response': t.info.response_preview, 'duration': t.info.execution_duration, 'tags': t.info.tags,
            'session': t.info.trace_metadata.get('mlflow.trace.session'), 'spans': [span(s) for s in t.data.spans]}
print(json.dumps({i: trace(i) for i in sys.argv[2:]}, default=str))
`;

interface ReadSpan {
  id: string;
  parent: string | null;
  name: string;
  type: string;
  inputs: unknown;
  outputs: unknown;
  attributes: Record<string, unknown>;
  start: number;
  events: string[];
}

/** Among them sub-agents two deep, failures, and every kind of tool. */
const FIXTURES = ['0.169.0-code-mode'];

describeWith(mlflowNeeds(), 'traces.json and trace info in a real MLflow', () => {
  const mlflow = useMlflow();

  test('read back as they were sent: tree, types, inputs, outputs, tokens, state', async () => {
    const workspace = await DatabricksWorkspace.start();
    const home = await DeliveryHome.make();
    const folder = await makeTemporaryFolder();
    try {
      await sendAll(home, workspace);
      expect(workspace.violations).toEqual([]);
      const experimentId = await createExperiment(mlflow(), 'databricks');
      const traces = [...workspace.traces];
      for (const [, trace] of traces) await store(mlflow(), experimentId, trace);
      const script = path.join(folder, 'read.py');
      writeFileSync(script, READ);
      const python = path.join(path.dirname(await mlflowProgram()), 'python');
      const { stdout } = await run(python, [script, mlflow(), ...traces.map(([id]) => id)], {
        maxBuffer: 256 * 1024 * 1024,
      });
      const read = JSON.parse(stdout) as Record<string, { spans: ReadSpan[] }>;
      expect(Object.keys(read)).toHaveLength(traces.length);
      for (const [id, trace] of traces) expect([id, read[id]]).toEqual([id, expected(trace)]);
      const agents = traces.map(([id]) => read[id]?.spans.filter(({ type }) => type === 'AGENT').length ?? 0);
      // At least one has sub-agents of sub-agents.
      expect(Math.max(...agents)).toBeGreaterThan(2);
    } finally {
      await workspace.close();
      await home.close();
      removeFolder(folder);
    }
  }, 240_000);
});

/** Sends every turn of the fixtures to a workspace with the built program. */
async function sendAll(home: DeliveryHome, workspace: DatabricksWorkspace): Promise<void> {
  const config = { trackingUri: 'databricks', experimentId: '123', tags: { team: 'search' } };
  writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), JSON.stringify(config));
  for (const version of FIXTURES) {
    const scenarios = path.join('__tests__/fixtures/rollouts', version);
    for (const scenario of readdirSync(scenarios))
      for (const name of readdirSync(path.join(scenarios, scenario)))
        if (name.startsWith('rollout-'))
          cpSync(path.join(scenarios, scenario, name), path.join(folderOf(home, name), name));
  }
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  const argv = [process.execPath, path.resolve('bin/mlflow-codex.js'), 'sync', '--all'];
  expect(await runIn(home, argv, { env })).toMatchObject({ code: 0 });
}

/** What MLflow's client does with a server that keeps artifacts: StartTraceV3, then the file. */
async function store(url: string, experimentId: string, { info, file }: StoredTrace): Promise<void> {
  const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } };
  const started = await fetch(`${url}/api/3.0/mlflow/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ trace: { trace_info: { ...info, trace_location: location } } }),
  });
  expect(started.status).toBe(200);
  const answer = (await started.json()) as { trace: { trace_info: { tags: Record<string, string> } } };
  const artifacts = answer.trace.trace_info.tags['mlflow.artifactLocation']?.replace(
    /^mlflow-artifacts:\/+/,
    '',
  );
  const put = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${artifacts}/traces.json`, {
    method: 'PUT',
    body: JSON.stringify(file),
  });
  expect(put.status).toBe(200);
}

/** What must be read back, from what was sent. */
function expected({ info = {}, file }: StoredTrace) {
  const metadata = Object(info['trace_metadata']);
  const usage = metadata['mlflow.trace.tokenUsage'];
  return expect.objectContaining({
    state: info['state'],
    usage: usage === undefined ? null : JSON.parse(usage),
    request: info['request_preview'] ?? null,
    response: info['response_preview'] ?? null,
    duration: Math.round(Number.parseFloat(String(info['execution_duration'])) * 1000),
    session: metadata['mlflow.trace.session'],
    tags: expect.objectContaining({ 'mlflow.traceName': 'codex', team: 'search' }),
    spans: (file?.spans ?? []).map((span) => {
      const attributes = Object(span['attributes']) as Record<string, string>;
      const value = (key: string) => (attributes[key] === undefined ? null : JSON.parse(attributes[key]));
      return expect.objectContaining({
        id: hexOf(span['span_id']),
        parent: span['parent_span_id'] === null ? null : hexOf(span['parent_span_id']),
        name: span['name'],
        type: value('mlflow.spanType'),
        inputs: value('mlflow.spanInputs'),
        outputs: value('mlflow.spanOutputs'),
        start: span['start_time_unix_nano'],
        end: span['end_time_unix_nano'],
        status: String(Object(span['status'])['code']).replace('STATUS_CODE_', ''),
        events: (span['events'] as { name: string }[]).map(({ name }) => name),
        attributes: Object.fromEntries(Object.keys(attributes).map((key) => [key, value(key)])),
      });
    }),
  });
}
