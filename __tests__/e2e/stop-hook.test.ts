import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { linesOf } from '../../scripts/lab/codex.mjs';
import { type OtlpReceiver, startOtlpReceiver } from '../../scripts/lab/otlp-receiver.mjs';
import { play } from '../../scripts/lab/play.mjs';
import { findScenario } from '../../scripts/lab/scenarios/catalogue.mjs';
import { makeTemporaryFolder } from '../../scripts/lab/temporary-folder.mjs';
import { waitFor } from '../../scripts/lab/wait-for.mjs';
import { installProgram } from '../support/installed-program.js';
import { removeFolder } from '../support/remove-folder.js';

let receiver: OtlpReceiver;
let dir: string;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  dir = await makeTemporaryFolder();
});
afterEach(async () => {
  await receiver.close();
  removeFolder(dir);
});

const hookTable = (event: string, command: string) =>
  `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = ${JSON.stringify(command)}\n`;
const linesOfLog = (codexHome: string) => linesOf(path.join(codexHome, 'mlflow-codex', 'hook.log'));

/** Plays a scenario with our program as hook of these events; a person gives the trust in the TUI (`/hooks`). */
async function playWithHooks(name: string, events: readonly string[], withNotify = false) {
  const program = await installProgram(dir);
  const hook = [process.execPath, program];
  const scenario = findScenario(name);
  const [step] = scenario.steps;
  const args = Array.isArray(step?.args) ? step.args : [];
  return play(
    {
      ...scenario,
      configTables: events.map((event) => hookTable(event, `${hook.join(' ')} stop-hook`)).join(''),
      steps: [{ ...step, args: ['exec', '--dangerously-bypass-hook-trust', ...args.slice(1)] }],
    },
    {
      dir,
      notify: () => (withNotify ? [...hook, 'notify-hook'] : ['true']),
      files: { 'mlflow-tracing.json': JSON.stringify({ trackingUri: receiver.url, experimentId: '0' }) },
    },
  );
}

const roots = () => receiver.spans().filter((span) => span.name === 'invoke_agent codex');

it.each([
  ['alone', ['Stop'], false],
  ['beside notify', ['Stop'], true],
  ['with SessionEnd', ['Stop', 'SessionEnd'], false],
])('a Stop hook of the real Codex, %s, has the turn sent once', async (_, events, withNotify) => {
  const { codexHome } = await playWithHooks('shell', events, withNotify);
  const lines = withNotify ? 2 : 1;
  await waitFor('the turn to be sent', async () => (await linesOfLog(codexHome)).length >= lines);
  // A session's end that finds nothing leaves no line: it is given the time to do harm.
  if (events.includes('SessionEnd')) await sleep(500);
  expect(roots()).toHaveLength(1);
  expect(roots()[0]?.attributes['codex.turn.outcome']).toBe('completed');
});

describe('of a turn that failed', () => {
  it('the real Codex tells neither notify nor Stop; its SessionEnd has it sent', async () => {
    const { codexHome } = await playWithHooks('http-500', ['Stop', 'SessionEnd'], true);
    const [line = ''] = await waitFor('a line of the log', async () => {
      const found = await linesOfLog(codexHome);
      return found.length > 0 && found;
    });
    expect(JSON.parse(line)).toMatchObject({ outcome: 'sent', detail: 'when the session ended' });
    expect(roots()).toHaveLength(1);
    expect(roots()[0]?.attributes['codex.turn.outcome']).toBe('failed');
  });
});
