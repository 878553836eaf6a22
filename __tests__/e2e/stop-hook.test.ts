import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { linesOf } from '../../scripts/lab/codex.mjs';
import { startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from '../support/installed-program.js';

it.each([
  ['alone', false],
  ['beside notify', true],
])('a Stop hook of the real Codex, %s, has the turn sent once', async (_, withNotify) => {
  const receiver = await startOtlpReceiver();
  const dir = await makeTemporaryFolder();
  try {
    const program = await installProgram(dir);
    const hook = [process.execPath, program];
    const scenario = findScenario('shell');
    const [step] = scenario.steps;
    const args = Array.isArray(step?.args) ? step.args : [];
    const played = await play(
      {
        ...scenario,
        configTables: `[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = ${JSON.stringify(`${hook.join(' ')} stop-hook`)}\n`,
        // A person gives this trust in the TUI (`/hooks`), bound to the hook's text.
        steps: [{ ...step, args: ['exec', '--dangerously-bypass-hook-trust', ...args.slice(1)] }],
      },
      {
        dir,
        notify: () => (withNotify ? [...hook, 'notify-hook'] : ['true']),
        files: { 'mlflow-tracing.json': JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }) },
      },
    );
    const log = path.join(played.codexHome, 'mlflow-codex', 'hook.log');
    await waitFor('the turn to be sent', async () => (await linesOf(log)).length >= (withNotify ? 2 : 1));
    const roots = receiver.spans().filter((span) => span.name === 'invoke_agent codex');
    expect(roots).toHaveLength(1);
    expect(roots[0]?.attributes['codex.turn.outcome']).toBe('completed');
  } finally {
    await receiver.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
