import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mlflowProgram } from '../../scripts/lab/mlflow.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { DatabricksWorkspace } from '../support/databricks-workspace.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { describeWith, mlflowNeeds } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

const run = promisify(execFile);

/** A trace by MLflow's own client: a root and a model call, as ours has them. */
const SCRIPT = `
import sys, mlflow
mlflow.set_experiment(experiment_id=sys.argv[1])
with mlflow.start_span('invoke_agent codex', span_type='AGENT') as root:
    root.set_inputs({'messages': [{'role': 'user', 'content': 'hello'}]})
    mlflow.update_current_trace(
        metadata={'mlflow.trace.session': 's-1', 'mlflow.trace.user': 'dana'}, tags={'team': 'search'},
        request_preview='hello', response_preview='world')
    with mlflow.start_span('chat gpt-5.5', span_type='LLM') as call:
        call.set_attribute('mlflow.llm.model', 'gpt-5.5')
        call.set_attribute('mlflow.llm.provider', 'openai')
        call.set_attribute('mlflow.chat.tokenUsage', {'input_tokens': 3, 'output_tokens': 2, 'total_tokens': 5})
        call.set_outputs({'choices': []})
    root.set_outputs({'choices': [{'message': {'role': 'assistant', 'content': 'world'}}]})
mlflow.flush_trace_async_logging()
`;

describeWith(mlflowNeeds(), 'MLflow’s own Python client', () => {
  let workspace: DatabricksWorkspace;
  let home: DeliveryHome;
  let folder: string;
  beforeEach(async () => {
    workspace = await DatabricksWorkspace.start();
    // Python's requests writes %2f as %2F.
    workspace.signature = 'X-Sig=a%2Fb';
    home = await DeliveryHome.make();
    folder = await makeTemporaryFolder();
  });
  afterEach(async () => {
    await workspace.close();
    await home.close();
    removeFolder(folder);
  });

  /** Lets the client send its trace. */
  async function python(experimentId: string): Promise<void> {
    const script = path.join(folder, 'trace.py');
    writeFileSync(script, SCRIPT);
    const interpreter = path.join(path.dirname(await mlflowProgram()), 'python');
    await run(interpreter, [script, experimentId], {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        MLFLOW_TRACKING_URI: 'databricks',
        DATABRICKS_HOST: workspace.url,
        DATABRICKS_TOKEN: 'dapi-right',
        MLFLOW_ENABLE_ASYNC_TRACE_LOGGING: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
        MLFLOW_MODEL_CATALOG_URI: '',
        GIT_PYTHON_REFRESH: 'quiet',
      },
    });
  }

  /** Lets our hook send a turn. */
  async function ours(config: object): Promise<void> {
    writeFileSync(
      path.join(home.codexHome, 'mlflow-tracing.json'),
      JSON.stringify({ trackingUri: 'databricks', tags: { team: 'search' }, ...config }),
    );
    const thread = home.thread();
    const turn = thread.turn();
    const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
    expect(await home.hook(thread.payload(turn), { env })).toMatchObject({ outcome: 'sent' });
  }

  test('is accepted by the workspace on loopback, and our trace has the same keys', async () => {
    await python('123');
    expect(workspace.violations).toEqual([]);
    const [theirs] = [...workspace.traces.values()];
    expect(theirs?.uploads).toBe(1);
    workspace.traces.clear();
    await ours({ experimentId: '123' });
    expect(workspace.violations).toEqual([]);
    const [own] = [...workspace.traces.values()];
    expect(Object.keys(own?.info ?? {}).sort()).toEqual(
      Object.keys(theirs?.info ?? {})
        .filter((key) => key !== 'assessments')
        .sort(),
    );
    expect(own?.info?.['trace_location']).toEqual(theirs?.info?.['trace_location']);
    expect(metadataKeys(own)).toEqual(metadataKeys(theirs));
    expect(spanKeys(own)).toEqual(spanKeys(theirs));
    const calls = workspace.calls.filter(({ call }) => call !== 'experiment');
    const shapes = calls.map(
      ({ call, method, headers }) => `${method} ${call} ${headers['content-type'] ?? ''}`,
    );
    expect(shapes.slice(3)).toEqual(shapes.slice(0, 3));
  }, 120_000);

  test('is accepted into Unity Catalog, and our info has the same keys', async () => {
    await python('456');
    expect(workspace.violations).toEqual([]);
    const [theirs = {}] = [...workspace.infos.values()];
    const [theirSpan] = workspace.tables.get('main.traces.codex_spans_v2') ?? [];
    workspace.infos.clear();
    workspace.tables.clear();
    await ours({ experimentId: '456' });
    expect(workspace.violations).toEqual([]);
    const [own = {}] = [...workspace.infos.values()];
    expect(Object.keys(own).sort()).toEqual(
      Object.keys(theirs)
        .filter((key) => key !== 'assessments')
        .sort(),
    );
    expect(own['trace_location']).toMatchObject({
      type: Object(theirs['trace_location'])['type'],
      uc_table_prefix: { catalog_name: 'main', schema_name: 'traces', table_prefix: 'codex' },
    });
    const [span] = workspace.tables.get('main.traces.codex_spans_v2') ?? [];
    expect(typeof span?.attributes['mlflow.traceRequestId']).toBe(
      typeof theirSpan?.attributes['mlflow.traceRequestId'],
    );
  }, 120_000);
});

interface Stored {
  info?: Record<string, unknown>;
  file?: { spans: Record<string, unknown>[] };
}

/** Of the metadata those that say something of the trace, not of the machine that made it. */
function metadataKeys(trace: Stored | undefined): string[] {
  const keys = Object.keys(Object(trace?.info?.['trace_metadata']));
  return keys.filter((key) => /^mlflow\.trace/.test(key)).sort();
}

function spanKeys(trace: Stored | undefined): string[][] {
  return (trace?.file?.spans ?? []).map((span) =>
    Object.keys(span)
      .filter((key) => key !== 'kind')
      .sort(),
  );
}
