import { cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { hexOf } from '../support/databricks-shapes.js';
import { DatabricksWorkspace } from '../support/databricks-workspace.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { folderOf } from '../support/delivery-replay.js';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

/** The turns of every recording, by `sync --all` of the built program: to an OTLP server, and to a workspace. */
const fixtures = '__tests__/fixtures/rollouts';

let overOtlp: string[];
let folder: string;
let program: string;
let workspace: DatabricksWorkspace;
const homes: DeliveryHome[] = [];
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
  workspace = await DatabricksWorkspace.start();
  const home = await laidOut();
  await sync(home);
  overOtlp = home.receiver
    .spans()
    .map(({ traceId, spanId, parentSpanId }) => `${traceId} ${spanId} ${parentSpanId}`);
}, 120_000);
afterAll(async () => {
  await workspace.close();
  for (const home of homes) await home.close();
  removeFolder(folder);
});

test('an experiment has the spans that OTLP sends, each trace in one file', async () => {
  const home = await laidOut({ trackingUri: 'databricks', experimentId: '123' });
  expect(await sync(home)).toMatchObject({ code: 0 });
  expect(workspace.violations).toEqual([]);
  const files = [...workspace.traces].flatMap(([, { file }]) => file?.spans ?? []);
  const ids = files.map(
    ({ trace_id: trace, span_id: span, parent_span_id: parent }) =>
      `${hexOf(trace)} ${hexOf(span)} ${parent === null ? '' : hexOf(parent)}`,
  );
  expect(ids.sort()).toEqual([...new Set(overOtlp)].sort());
  const again = [...workspace.traces].filter(([, { uploads }]) => uploads !== 1);
  const unexplained = again.filter(([, { file }]) => !hasOldReview(file?.spans) && !isOutlived(file?.spans));
  expect(unexplained.map(([id]) => id)).toEqual([]);
  expect(workspace.steps().filter((call) => call === 'experiment')).toHaveLength(1);
  const before = workspace.calls.length;
  expect(await sync(home)).toMatchObject({ code: 0, result: { sent: 0 } });
  expect(workspace.calls).toHaveLength(before);
}, 120_000);

test('tables of Unity Catalog have them, each once, and one info a trace', async () => {
  const home = await laidOut({ trackingUri: 'databricks', experimentId: '456' });
  expect(await sync(home)).toMatchObject({ code: 0 });
  expect(workspace.violations).toEqual([]);
  const rows = workspace.tables.get('main.traces.codex_spans_v2') ?? [];
  const ids = rows.map(({ traceId, spanId, parentSpanId }) => `${traceId} ${spanId} ${parentSpanId}`);
  expect(ids.sort()).toEqual([...overOtlp].sort());
  expect(workspace.infos.size).toBe(new Set(rows.map(({ traceId }) => traceId)).size);
}, 120_000);

type Spans = readonly Record<string, unknown>[] | undefined;

/** Up to 0.128 a reviewer's recording names no parent: it is found only from its own side, later. */
function hasOldReview(spans: Spans = []): boolean {
  const version = String(Object(spans[0]?.['attributes'])['gen_ai.agent.version']);
  const isOld = /^"0\.(?:60|80|101|120|128)\./.test(version);
  return isOld && spans.some(({ name }) => name === 'invoke_agent review');
}

/** What is written of a command after its turn is sent alone, as over OTLP: the file is put again with it. */
function isOutlived(spans: Spans = []): boolean {
  const end = (span: Record<string, unknown> | undefined) => Number(span?.['end_time_unix_nano']);
  return spans.some(
    (span) => Object(span['attributes'])['mlflow.spanType'] === '"TOOL"' && end(span) > end(spans[0]),
  );
}

/** A home with all recordings in it; it sends to the home's own receiver unless told otherwise. */
async function laidOut(config?: object): Promise<DeliveryHome> {
  const home = await DeliveryHome.make();
  homes.push(home);
  if (config) writeFileSync(path.join(home.codexHome, 'mlflow-tracing.json'), JSON.stringify(config));
  for (const version of readdirSync(fixtures)) {
    for (const scenario of readdirSync(path.join(fixtures, version))) {
      const from = path.join(fixtures, version, scenario);
      for (const name of readdirSync(from).filter((file) => file.startsWith('rollout-')))
        layOut(path.join(from, name), path.join(folderOf(home, name), name));
    }
  }
  return home;
}

/** A recording was last written when its last line was. */
function layOut(from: string, to: string): void {
  cpSync(from, to);
  const last = readFileSync(from, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const time = new Date(/"timestamp":"([^"]+)"/.exec(last)?.[1] ?? 0);
  utimesSync(to, time, time);
}

async function sync(home: DeliveryHome) {
  const env = { DATABRICKS_HOST: workspace.url, DATABRICKS_TOKEN: 'dapi-right' };
  const argv = [process.execPath, program, 'sync', '--json', '--all'];
  const { code, output } = await runIn(home, argv, { env });
  return { code, result: JSON.parse(output) as Record<string, number> };
}
