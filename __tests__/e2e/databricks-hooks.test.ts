import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { DatabricksWorkspace } from '../support/databricks-workspace.js';
import { DeliveryHome } from '../support/delivery-home.js';
import { runIn } from '../support/delivery-process.js';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

/** The built program's hook as a process, with a workspace that only its environment names. */
let folder: string;
let program: string;
let home: DeliveryHome;
let workspace: DatabricksWorkspace;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  program = await installProgram(folder);
});
beforeEach(async () => {
  home = await DeliveryHome.make();
  rmSync(`${home.codexHome}/mlflow-tracing.json`);
  workspace = await DatabricksWorkspace.start();
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await workspace.close();
  await home.close();
  expect(workspace.violations).toEqual([]);
});
afterAll(() => removeFolder(folder));

const env = () => ({
  MLFLOW_TRACKING_URI: 'databricks',
  MLFLOW_EXPERIMENT_ID: '123',
  DATABRICKS_HOST: workspace.url,
  DATABRICKS_TOKEN: 'dapi-right',
});
const hook = (payload: string) =>
  runIn(home, [process.execPath, program, 'notify-hook', payload], { env: env() });
const sync = () => runIn(home, [process.execPath, program, 'sync'], { env: env() });
const quiet = { code: 0, signal: null, output: '' };

test('two variables and a token are enough for a trace', async () => {
  const thread = home.thread();
  expect(await hook(thread.payload(thread.turn()))).toMatchObject(quiet);
  expect(workspace.steps()).toEqual(['experiment', 'info', 'address', 'upload']);
});

test.each(['info', 'address', 'upload'] as const)(
  'a hook killed at "%s" leaves one trace to be had',
  async (call) => {
    const thread = home.thread();
    const payload = thread.payload(thread.turn());
    workspace.fail(call, 'hang');
    const child = spawn(process.execPath, [program, 'notify-hook', payload], {
      env: { PATH: process.env['PATH'], HOME: home.codexHome, CODEX_HOME: home.codexHome, ...env() },
      stdio: 'ignore',
    });
    children.add(child);
    await waitFor(call, () => workspace.steps().includes(call));
    child.kill('SIGKILL');
    workspace.heal();
    expect(await sync()).toMatchObject({ code: 0 });
    expect([...workspace.traces.values()].map(({ uploads }) => uploads)).toEqual([1]);
    const well = workspace.calls.filter(({ status }) => status === 200).map((seen) => seen.call);
    expect(well.filter((step) => step === 'info')).toHaveLength(1);
  },
  30_000,
);

test('ten hooks at once for one turn send one file', async () => {
  const thread = home.thread();
  const payload = thread.payload(thread.turn());
  const ended = await Promise.all(Array.from({ length: 10 }, () => hook(payload)));
  for (const one of ended) expect(one).toMatchObject(quiet);
  expect([...workspace.traces.values()].map(({ uploads }) => uploads)).toEqual([1]);
}, 30_000);
