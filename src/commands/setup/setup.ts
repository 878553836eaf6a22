import { findCodexCli } from '../../codex/codex-cli.js';
import { chooseNotifier, startNotifier, startWithoutNpx } from '../../install/choose-notifier.js';
import { readSystemSlots, systemCodexDir } from '../../install/codex-config/codex-layers.js';
import { type HookEvent, hookCommand, TURN_EVENTS } from '../../install/codex-config/hook-entries.js';
import { readNotifySlot } from '../../install/codex-config/notify-slot.js';
import { type RunningProgram, runningProgram } from '../../install/running-program.js';
import { withShortPath } from '../../platform/files/find-on-path.js';
import { codexHome } from '../../platform/files/folders.js';
import type { Finding } from '../../platform/problems/finding.js';
import { UsageError } from '../../platform/problems/usage-error.js';
import type { CommandIo } from '../../terminal/io.js';
import { openPrompts, type Prompts } from '../../terminal/prompts.js';
import { applyPlan } from './apply-plan.js';
import { checkServer, makeExperiment, type ServerCheck } from './check-server.js';
import { chooseScope, chooseValues } from './choose-values.js';
import { patternFindings } from './pattern-findings.js';
import { sufficientManagedHook } from './plans/managed-hook.js';
import { ForeignNotifier, type NotifyWish } from './plans/plan-notify.js';
import { planSetup, type SetupInput, type SetupPlan } from './plans/plan-setup.js';
import type { StopHookWish } from './plans/plan-stop-hook.js';
import { LIVE_IS_USERS, parseSetupRequest, type SetupRequest } from './plans/setup-request.js';
import { type InstalledFiles, readInstalledFiles } from './plans/setup-state.js';
import { approvePlugin, pluginWish, sufficient } from './plugin-trust.js';
import { editLines } from './render-setup.js';
import { reportSetup, type SetupResult, setupJson, shownEdits } from './report-setup.js';
import { readFixedValues, setBySystem } from './set-by-system.js';
import { overridingVariables, valuesInEffect } from './values-in-effect.js';

/**
 * Registers the hook with Codex and writes the tracing config: asks what it is not told, plans, shows
 * the plan, applies it whole or not at all.
 * @param program what is registered; by default the running program
 * @returns the exit code
 */
export async function runSetup(argv: string[], io: CommandIo, program?: RunningProgram): Promise<number> {
  const request = parseSetupRequest(argv);
  if (!asksHere(request, io)) refuseToGuess(request);
  const own = program ?? runningProgram(io.env);
  if (request.scope !== 'system') return setUp(request, io, own);
  const { runSystemSetup } = await import('./system/setup-system.js');
  return runSystemSetup(request, io, own);
}

async function setUp(request: SetupRequest, io: CommandIo, program: RunningProgram): Promise<number> {
  const prompts = asksHere(request, io) ? await openPrompts(io) : undefined;
  prompts?.intro('Configure MLflow tracing for Codex CLI');

  const home = codexHome(io.env, io.homeDir);
  const readFiles = () => ({
    ...readInstalledFiles(home, io.cwd),
    machine: readSystemSlots(systemCodexDir()),
  });
  const files = readFiles();
  const scope = await chooseScope(request, prompts, home.replace(io.homeDir, '~'));
  const tracing = scope === 'project' && files.project ? files.project.tracing : files.userTracing;
  if (request.live && tracing !== files.userTracing) throw new UsageError(...LIVE_IS_USERS);
  const chosen = await chooseValues(request, tracing, io.env, prompts);
  const values = { ...chosen, ...(request.live && { live: true as const }) };

  const codex = await findCodexCli(io.env);
  const plugin = await pluginWish(home, request, io, prompts);
  const wish = await notifierWish(files, io.env, program, request);
  const managedHook = sufficientManagedHook(systemCodexDir(), home, codex);
  const notifier = { ...wish, plugin: sufficient(plugin), managedHook };
  const events = hookEvents(request);
  const stopHook = events.length > 0 ? stopHookWish(notifier, events) : undefined;
  const input = { files, scope, values, codex, notifier, stopHook };
  const planned = await planOrAsk(input, prompts);
  const system = readFixedValues();
  const inEffect = valuesInEffect(values, io.env, system.fixed);
  const server = request.dryRun ? unasked() : await checkServer(inEffect, io, prompts);
  const say = prompts?.say ?? ((text: string) => io.stdout.write(`${text}\n\n`));
  if (!request.json) showChanges(planned, say);
  const again = () => planSetup({ ...planned.input, files: readFiles() });
  const plan = request.dryRun ? planned : await applyPlan(planned, again, files.backups);
  if (server.create) server.findings.push(await makeExperiment(server.create));
  plan.notices.push(
    ...(request.dryRun ? [] : await approvePlugin(plugin, codex, io)),
    ...overridingVariables(values, io.env),
    ...setBySystem(values, system.fixed, plan.tracing.file),
    ...system.findings,
    ...slowStart(plan),
    ...(await patternFindings(io, home)),
  );
  const result: SetupResult = { plan, written: values, inEffect, server, isDone: !request.dryRun };
  if (request.json) io.stdout.write(`${JSON.stringify(setupJson(result), null, 2)}\n`);
  else reportSetup(result, { io, prompts, say });
  return 0;
}

function unasked(): ServerCheck {
  return { state: 'unknown', findings: [] };
}

function showChanges(plan: SetupPlan, say: (text: string) => void): void {
  const edits = shownEdits(plan);
  if (edits.length > 0) say(['Changes:', ...edits.flatMap(editLines)].join('\n'));
}

/** Whether there is somebody to ask. */
function asksHere({ yes, json }: SetupRequest, { isTTY }: CommandIo): boolean {
  return isTTY && !yes && !json;
}

function isIncomplete({ scope, trackingUri, experiment }: SetupRequest): boolean {
  return scope === undefined || trackingUri === undefined || experiment === undefined;
}

/** @throws UsageError where something is neither said nor may be taken from defaults */
function refuseToGuess(request: SetupRequest): void {
  if (request.yes || request.dryRun || !isIncomplete(request)) return;
  const why = request.json ? '--json asks nothing' : 'There is no terminal to ask on';
  throw new UsageError(
    `${why}: say what you want`,
    'mlflow-codex setup -y takes the defaults; --help lists the flags',
  );
}

/** Which notifier to register, and which of the registered ones may stay. */
async function notifierWish(
  files: InstalledFiles,
  env: NodeJS.ProcessEnv,
  program: RunningProgram,
  { forwardExisting, stopHook, dryRun }: SetupRequest,
): Promise<NotifyWish> {
  const tryStart = dryRun ? startWithoutNpx : startNotifier;
  const argv = await chooseNotifier(program, env, tryStart);
  const working = [argv];
  for (const file of [files.userConfig, files.project?.config]) {
    const slot = readNotifySlot(file?.text ?? '', file?.path ?? '');
    if (slot.kind !== 'ours' || slot.form === 'older') continue;
    // One that only this shell finds is renewed: a Codex that a desktop or an editor starts does not.
    const start = await tryStart(slot.argv, withShortPath(env));
    if (start.kind === 'starts' && start.version === program.version) working.push(slot.argv);
  }
  return { argv, working, forwardExisting, leaveForeign: stopHook };
}

/** The Stop hook is called as the notifier is. */
function stopHookWish({ argv }: NotifyWish, events: readonly HookEvent[]): StopHookWish {
  const words = [...argv.slice(0, -1), 'stop-hook'];
  return { argv: words, command: hookCommand(words), events };
}

function hookEvents({ stopHook, live }: SetupRequest): HookEvent[] {
  return [...(stopHook ? TURN_EVENTS : []), ...(live ? ['UserPromptSubmit' as const] : [])];
}

/** Plans; where somebody else's notifier is in the way, offers to forward to it, or a Stop hook beside it. */
async function planOrAsk(input: SetupInput, prompts: Prompts | undefined): Promise<SetupPlan> {
  try {
    return planSetup(input);
  } catch (error) {
    if (!(error instanceof ForeignNotifier) || prompts === undefined) throw error;
    prompts.warn(error.message);
    const { notifier } = input;
    if (
      error.argv !== undefined &&
      (await prompts.confirm('Keep it? Our hook then calls it first, with the same message'))
    )
      return planSetup({ ...input, notifier: { ...notifier, forwardExisting: true } });
    if (!(await prompts.confirm('Leave it alone, and register a Stop hook for our work?'))) throw error;
    const stopHook = stopHookWish(notifier, [...TURN_EVENTS, ...(input.stopHook?.events ?? [])]);
    return planSetup({ ...input, notifier: { ...notifier, leaveForeign: true }, stopHook });
  }
}

function slowStart({ notify }: SetupPlan): Finding[] {
  const isNpx = notify.some(({ record }) => record?.argv[0] === 'npx');
  return isNpx ? [{ code: 'starts-slowly', level: 'info', args: {} }] : [];
}
