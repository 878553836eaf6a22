import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runCodex } from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

/** What docs/ci.md tells a container to run, word for word. */
const entrypoint = JSON.parse(
  /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync('docs/ci.md', 'utf8'))?.[1] ?? '[]',
) as string[];

let dir: string;
let receiver: OtlpReceiver;
beforeAll(async () => {
  dir = await makeTemporaryFolder();
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await receiver.close();
  removeFolder(dir);
});

it('a job without setup sends its turn by sync at its end, tagged, and ends with Codex’s own exit code', async () => {
  const program = await installProgram(dir);
  const bin = path.join(dir, 'bin');
  await mkdir(bin);
  const job = { MLFLOW_TRACKING_URI: receiver.url, MLFLOW_EXPERIMENT_ID: '7', MLFLOW_CODEX_TAGS: 'job=42' };
  const codes: (number | null)[] = [];
  const container = async ({ codex, cwd, env }: { codex: string; cwd: string; env: NodeJS.ProcessEnv }) => {
    for (const [name, words] of [
      ['codex', [codex]],
      ['mlflow-codex', [process.execPath, program]],
    ] as const) {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      await writeFile(path.join(bin, name), `#!/bin/sh\nexec ${quoted} "$@"\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    const inside = { ...env, ...job, PATH: `${bin}${path.delimiter}${env['PATH']}` };
    const [file = '', ...words] = entrypoint;
    for (const args of [['--skip-git-repo-check', 'say hi'], ['--no-such-option']])
      codes.push((await runCodex(file, [...words, ...args], { cwd, env: inside })).code);
  };
  const scenario = { ...findScenario('plain'), steps: [{ args: [], drive: container }] };
  await play(scenario, { dir, notify: () => ['true'] });
  expect(codes).toEqual([0, 2]);
  const roots = receiver.spans().filter(({ name }) => name === 'invoke_agent codex');
  expect(roots.map(({ attributes }) => attributes['mlflow.traceTag.job'])).toEqual(['42']);
  expect(receiver.requests.map(({ headers }) => headers['x-mlflow-experiment-id'])).toEqual(['7']);
}, 60_000);
