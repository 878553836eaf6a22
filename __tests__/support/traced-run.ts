import { rm } from 'node:fs/promises';
import path from 'node:path';
import { linesOf, type ToolMode } from '../../scripts/lab/codex.mjs';
import { type Played, play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from './installed-program.js';
import { type RecordedTurn, readTurns } from './recorded-turns.js';

export interface TracedRun extends Played {
  /** The lines of the hook's log, one per notification. */
  hookLog: string[];
  /** The turns Codex recorded, with what was served in each. */
  turns: RecordedTurn[];
}

/**
 * Plays a scenario with the real Codex and our hook as its notifier, and waits until the hook has
 * been run for each notification.
 * @param destination what the user's `mlflow-tracing.json` says
 */
export async function runTraced(
  name: string,
  mode: ToolMode,
  destination: { trackingUri: string; experimentId: string; [key: string]: unknown },
): Promise<TracedRun> {
  const scenario = findScenario(name);
  const dir = await makeTemporaryFolder();
  try {
    const notify = [process.execPath, await installProgram(dir), 'notify-hook'];
    const played = await play(scenario, {
      dir,
      mode,
      notify: () => notify,
      files: { 'mlflow-tracing.json': JSON.stringify(destination) },
    });
    const announced = scenario.announced ?? scenario.steps.length;
    const log = path.join(played.codexHome, 'mlflow-codex', 'hook.log');
    const hookLog = await waitFor(
      `${announced} lines in the hook's log`,
      async () => {
        const lines = await linesOf(log);
        return lines.length >= announced && lines;
      },
      { timeoutMs: 12_000 },
    );
    return { ...played, hookLog, turns: await readTurns(played.rollouts, played.served) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
