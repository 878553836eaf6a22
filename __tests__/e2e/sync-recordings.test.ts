import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { createExperiment, searchTraces } from '../../scripts/lab/mlflow-rest.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { installProgram } from '../support/installed-program.js';
import { describeWith, mlflowNeeds, useMlflow } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

/** How many turns of the user's are in a recording of these scenarios, whatever the version. */
const turnsIn: Record<string, number> = {
  plain: 1,
  shell: 1,
  parallel: 1,
  'failing-commands': 1,
  'apply-patch': 1,
  mcp: 1,
  'web-search': 1,
  reasoning: 1,
  image: 1,
  'multi-turn': 3,
  'interrupt-in-tool': 1,
  'failed-event': 1,
  'failed-then-on': 3,
  compact: 2,
  review: 1,
  subagent: 1,
  'agents-nested': 1,
  'agents-nested-v2': 1,
};
const fixtures = '__tests__/fixtures/rollouts';

describeWith(mlflowNeeds(), 'sync --all over recordings of every version', () => {
  const mlflow = useMlflow();

  it('gives exactly one trace a turn of the user’s, and the second time nothing', async () => {
    const dir = await makeTemporaryFolder();
    try {
      const codexHome = path.join(dir, '.codex');
      const expected = await layRecordings(path.join(codexHome, 'sessions', '2026', '11', '25'));
      const experimentId = await createExperiment(mlflow(), 'recordings');
      await writeFile(
        path.join(codexHome, 'mlflow-tracing.json'),
        JSON.stringify({ trackingUri: mlflow(), experimentId }),
      );
      const program = await installProgram(dir);
      const first = await sync(program, codexHome);
      expect(first).toMatchObject({
        code: 0,
        counts: { alreadyThere: 0, pending: 0, rejected: 0, goingOn: 0 },
      });
      const traces = await searchTraces(mlflow(), experimentId);
      expect(traces.length).toBe(expected);
      const rootless = traces.filter((trace) => trace.state === 'IN_PROGRESS').map((trace) => trace.trace_id);
      expect(rootless).toEqual([]);
      expect(traces.filter((trace) => !trace.trace_metadata['mlflow.trace.session'])).toEqual([]);
      const again = await sync(program, codexHome);
      expect(again).toMatchObject({ code: 0, counts: { sent: 0, alreadyThere: first.counts.sent } });
      expect((await searchTraces(mlflow(), experimentId)).length).toBe(expected);
    } finally {
      removeFolder(dir);
    }
  }, 120_000);
});

/** Lays out the recordings as a Codex home has them. @returns how many turns of the user's they hold */
async function layRecordings(day: string): Promise<number> {
  await mkdir(day, { recursive: true });
  let turns = 0;
  for (const version of await readdir(fixtures)) {
    for (const [scenario, count] of Object.entries(turnsIn)) {
      const folder = path.join(fixtures, version, scenario);
      const files = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('rollout-'));
      if (files.length === 0) continue;
      for (const file of files) await cp(path.join(folder, file), path.join(day, file));
      turns += count;
    }
  }
  return turns;
}

async function sync(program: string, codexHome: string) {
  const env = { PATH: process.env['PATH'], HOME: path.dirname(codexHome), CODEX_HOME: codexHome };
  const child = spawn(process.execPath, [program, 'sync', '--all', '--json'], { env });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, counts: JSON.parse(out) as { sent: number; [count: string]: unknown } };
}
