import { findCodexCli } from '../../../codex/codex-cli.js';
import { startNotifier } from '../../../install/choose-notifier.js';
import type { RunningProgram } from '../../../install/running-program.js';
import { assertForEverybody } from '../../../install/usable-by-all.js';
import { withShortPath } from '../../../platform/files/find-on-path.js';
import { UserError } from '../../../platform/problems/user-error.js';
import type { CommandIo } from '../../../terminal/io.js';
import { openPrompts, type Prompts } from '../../../terminal/prompts.js';
import { applyPlan } from '../apply-plan.js';
import { checkServer, makeExperiment, type ServerCheck } from '../check-server.js';
import { chooseValues } from '../choose-values.js';
import type { SetupRequest } from '../plans/setup-request.js';
import { editLines } from '../render-setup.js';
import { shownEdits } from '../report-setup.js';
import { overridingVariables, valuesInEffect } from '../values-in-effect.js';
import { planSystem, readSystemState } from './plan-system.js';
import { reportSystem, type SystemResult, systemJson } from './report-system.js';
import { assertRights, type SystemPlaces, systemPlaces } from './system-places.js';

/**
 * Sets up tracing for every user of the machine: the machine's tracing config, managed hooks, and `notify`
 * where nobody has it. Plans, shows, and changes all or nothing.
 * @param program what is registered
 * @param places where the machine's files lie; others for tests alone
 * @returns the exit code
 * @throws UserError without the rights for it, or where a file or the program stands in the way
 */
export async function runSystemSetup(
  request: SetupRequest,
  io: CommandIo,
  program: RunningProgram,
  places: SystemPlaces = systemPlaces(),
): Promise<number> {
  const prompts = io.isTTY && !request.yes && !request.json ? await openPrompts(io) : undefined;
  prompts?.intro('Configure MLflow tracing for every user of this machine');
  const words = [program.node, program.script];
  if (!request.dryRun) assertRights(places, [...words, 'setup', '--system']);
  assertForEverybody(words, places.ownerUid);
  await assertStarts(program, io.env);

  const state = readSystemState(places);
  const values = await chooseValues(request, state.tracing, io.env, prompts);
  const input = { state, values, program: words, codex: await findCodexCli(io.env) };
  const planned = planSystem(input);
  const inEffect = valuesInEffect(values, io.env, {});
  const server: ServerCheck = request.dryRun
    ? { state: 'unknown', findings: [] }
    : await checkServer(inEffect, io, prompts);
  const say = prompts?.say ?? ((text: string) => io.stdout.write(`${text}\n\n`));
  if (!request.json) showChanges(planned, say);
  if (!request.dryRun) await confirm(prompts, planned.edits.length);
  const again = () => planSystem({ ...input, state: readSystemState(places) });
  const plan = request.dryRun ? planned : await applyPlan(planned, again, state.backups);
  if (server.create) server.findings.push(await makeExperiment(server.create));
  plan.notices.push(...overridingVariables(values, io.env));
  const result: SystemResult = { plan, written: values, inEffect, server, isDone: !request.dryRun };
  if (request.json) io.stdout.write(`${JSON.stringify(systemJson(result), null, 2)}\n`);
  else reportSystem(result, { io, prompts, say });
  return 0;
}

function showChanges(plan: { edits: SystemResult['plan']['edits'] }, say: (text: string) => void): void {
  const edits = shownEdits(plan);
  if (edits.length > 0) say(['Changes:', ...edits.flatMap(editLines)].join('\n'));
}

/** By its absolute path, as every Codex will start it. */
async function assertStarts(
  { node, script, version }: RunningProgram,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const start = await startNotifier([node, script, 'stop-hook'], withShortPath(env));
  if (start.kind === 'starts' && start.version === version) return;
  const why = start.kind === 'fails' ? start.reason : `it is version ${start.version}`;
  throw new UserError(
    `${script} does not start with ${node} (${why})`,
    'Install it again: npm install -g @mlflow/codex',
  );
}

async function confirm(prompts: Prompts | undefined, edits: number): Promise<void> {
  if (prompts === undefined || edits === 0) return;
  const { Cancelled } = await import('../../../terminal/cancelled.js');
  if (!(await prompts.confirm('Change these files, for every user of this machine?'))) throw new Cancelled();
}
