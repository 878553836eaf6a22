import path from 'node:path';
import { linesOf, type ToolMode } from '../../scripts/lab/codex.mjs';
import { type Played, play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from './installed-program.js';
import { type RecordedTurn, readTurns } from './recorded-turns.js';
import { removeFolder } from './remove-folder.js';

export interface TracedRun extends Played {
  /** The turns Codex recorded, with what was served in each. */
  turns: RecordedTurn[];
}

/**
 * Plays a scenario with the real Codex and our hook as its notifier, and waits until every announced
 * turn has been sent.
 * @param destination what the user's `mlflow-tracing.json` says
 * @param beside begins something that goes on beside Codex in its home; what it returns ends it
 */
export async function runTraced(
  name: string,
  mode: ToolMode,
  destination: { trackingUri: string; experimentId: string; [key: string]: unknown },
  beside: (homeDir: string) => () => Promise<void> = () => async () => {},
): Promise<TracedRun> {
  const scenario = findScenario(name);
  const dir = await makeTemporaryFolder();
  try {
    const notify = [process.execPath, await installProgram(dir), 'notify-hook'];
    const end = beside(path.join(dir, 'home'));
    const played = await play(scenario, {
      dir,
      mode,
      notify: () => notify,
      files: { 'mlflow-tracing.json': JSON.stringify(destination) },
    });
    const announced = scenario.announced ?? scenario.steps.length;
    const log = path.join(played.codexHome, 'mlflow-codex', 'hook.log');
    await waitFor(
      `${announced} turns to be sent`,
      async () => new Set((await readHookLog(log)).filter(wasSent).map(({ turn }) => turn)).size >= announced,
      { timeoutMs: 12_000 },
    ).catch(async (error: Error) => {
      throw new Error(
        `${error.message}; the hook's log:\n${JSON.stringify(await readHookLog(log), null, 1)}`,
      );
    });
    await end();
    return { ...played, turns: await readTurns(played.rollouts, played.served) };
  } finally {
    // The hook writes its log before it ends: it may still be putting its own files in order.
    removeFolder(dir);
  }
}

interface HookLogLine {
  turn?: string;
  outcome: string;
}

async function readHookLog(file: string): Promise<HookLogLine[]> {
  return (await linesOf(file)).map((line) => JSON.parse(line) as HookLogLine);
}

/** A hook that finds another one at work leaves its turn to that one, as `pending`. */
function wasSent({ outcome }: HookLogLine): boolean {
  return outcome === 'sent';
}
