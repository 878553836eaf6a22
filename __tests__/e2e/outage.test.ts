import path from 'node:path';
import { expect, it } from '@jest/globals';
import { linesOf } from '../../scripts/lab/codex.mjs';
import { startMlflow } from '../../scripts/lab/mlflow.mjs';
import { searchTraces } from '../../scripts/lab/mlflow-rest.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from '../support/installed-program.js';
import { describeWith, mlflowNeeds } from '../support/real-servers.js';
import { removeFolder } from '../support/remove-folder.js';

describeWith(mlflowNeeds(), 'an MLflow that dies in the middle of a session', () => {
  it('has every turn once when it is back', async () => {
    const mlflow = await startMlflow();
    const dir = await makeTemporaryFolder();
    try {
      const notify = [process.execPath, await installProgram(dir), 'notify-hook'];
      const log = path.join(dir, 'home/.codex/mlflow-codex/hook.log');
      const logged = (count: number) =>
        waitFor(`${count} runs of the hook`, async () => (await linesOf(log)).length >= count, {
          timeoutMs: 20_000,
        });
      // One thread, three turns, of which the second meets no server.
      await play(findScenario('resumed'), {
        dir,
        notify: () => notify,
        files: { 'mlflow-tracing.json': JSON.stringify({ trackingUri: mlflow.url, experimentId: '0' }) },
        onStep: async (_, index) => {
          if (index > 0) await logged(index);
          if (index === 1) await mlflow.kill();
          if (index === 2) await mlflow.restart();
        },
      });
      await logged(3);
      await waitFor('three traces', async () => (await searchTraces(mlflow.url, '0')).length >= 3, {
        timeoutMs: 20_000,
      });
      const traces = await searchTraces(mlflow.url, '0');
      expect(traces.map((trace) => trace.request_preview).sort()).toEqual([
        'turn one',
        'turn three',
        'turn two',
      ]);
      expect(new Set(traces.map((trace) => trace.trace_metadata['mlflow.trace.session'])).size).toBe(1);
      const outcomes = (await linesOf(log)).map((line) => (JSON.parse(line) as { outcome: string }).outcome);
      expect(outcomes).toContain('pending');
    } finally {
      removeFolder(dir);
      await mlflow.close();
    }
  }, 600_000);
});
