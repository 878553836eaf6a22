import { rm } from 'node:fs/promises';
import path from 'node:path';
import { hookProgram, linesOf, type ToolMode } from '../../scripts/lab/codex.mjs';
import { type Played, play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';

export interface TracedRun extends Played {
  /** The lines of the hook's log, one per notification. */
  hookLog: string[];
  /** The recordings' lines, parsed. */
  recorded: RecordedLine[];
}

/** A line of a rollout, as far as the tests look into it. */
export interface RecordedLine {
  type: string;
  payload: { type?: string; turn_id?: string; response_id?: string; [key: string]: unknown };
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
    const played = await play(scenario, {
      dir,
      mode,
      notify: () => hookProgram,
      files: { 'mlflow-tracing.json': JSON.stringify(destination) },
    });
    const announced = scenario.announced ?? scenario.steps.length;
    const log = path.join(played.codexHome, 'mlflow-codex', 'hook.log');
    const hookLog = await waitFor(`${announced} lines in the hook's log`, async () => {
      const lines = await linesOf(log);
      return lines.length >= announced && lines;
    });
    const lines = (await Promise.all(played.rollouts.map(linesOf))).flat();
    return { ...played, hookLog, recorded: lines.map((line) => JSON.parse(line) as RecordedLine) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
