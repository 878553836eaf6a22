import { findCodexCli } from '../../codex/codex-cli.js';
import { chooseNotifier, startNotifier } from '../../install/choose-notifier.js';
import { readNotifySlot } from '../../install/codex-config/notify-slot.js';
import { applyEdits, type FileEdit } from '../../install/file-edits.js';
import { type RunningProgram, runningProgram } from '../../install/running-program.js';
import { envText } from '../../platform/environment.js';
import { withShortPath } from '../../platform/find-on-path.js';
import type { Finding } from '../../platform/finding.js';
import { codexHome } from '../../platform/folders.js';
import { compact } from '../../platform/json.js';
import { UsageError } from '../../platform/usage-error.js';
import { normalTrackingUri } from '../../settings/tracking-uri.js';
import type { CommandIo } from '../../terminal/io.js';
import { openPrompts, type Prompts } from '../../terminal/prompts.js';
import { renderFindings } from '../../terminal/render-findings.js';
import { checkServer, makeExperiment } from './check-server.js';
import { chooseScope, chooseValues } from './choose-values.js';
import { ForeignNotifier, type NotifyWish } from './plan-notify.js';
import { planSetup, type SetupInput, type SetupPlan } from './plan-setup.js';
import type { TracingValues } from './plan-tracing.js';
import { editLines, nextSteps, planLines } from './render-setup.js';
import { parseSetupRequest, type SetupRequest } from './setup-request.js';
import { type InstalledFiles, readInstalledFiles } from './setup-state.js';

/**
 * Registers the hook with Codex and writes the tracing config: asks what it is not told, plans, shows
 * the plan, applies it whole or not at all.
 * @param program what is registered; by default the running program
 * @returns the exit code
 */
export async function runSetup(argv: string[], io: CommandIo, program?: RunningProgram): Promise<number> {
  const request = parseSetupRequest(argv);
  const asks = io.isTTY && !request.yes && !request.json;
  if (!asks && !request.yes && !request.dryRun && isIncomplete(request)) throw nobodyToAsk(request);
  const prompts = asks ? await openPrompts(io) : undefined;
  prompts?.intro('Configure MLflow tracing for Codex CLI');

  const home = codexHome(io.env, io.homeDir);
  const files = readInstalledFiles(home, io.cwd);
  const scope = await chooseScope(request, prompts, home.replace(io.homeDir, '~'));
  const tracing = scope === 'project' && files.project ? files.project.tracing : files.userTracing;
  const values = await chooseValues(request, tracing, io.env, prompts);

  const codex = await findCodexCli(io.env);
  const notifier = await notifierWish(files, io.env, program ?? runningProgram(io.env), request);
  const input = { files, scope, values, codexVersion: codex?.version, notifier };
  const plan = await planOrAsk(input, prompts);
  const server = request.dryRun ? { findings: [] } : await checkServer(values, io, prompts);
  const say = prompts?.say ?? ((text: string) => io.stdout.write(`${text}\n\n`));
  if (!request.json && shownEdits(plan).length > 0)
    say(['Changes:', ...shownEdits(plan).flatMap(editLines)].join('\n'));
  if (!request.dryRun) applyEdits(plan.edits);
  if (server.create) server.findings.push(await makeExperiment(server.create));
  plan.notices.push(...overrides(values, io.env), ...slowStart(plan));
  const isDone = !request.dryRun;
  if (request.json)
    io.stdout.write(`${JSON.stringify(toJson(plan, values, server.findings, isDone), null, 2)}\n`);
  else report(plan, values, server.findings, { io, prompts, isDone, say });
  return 0;
}

function isIncomplete({ scope, trackingUri, experiment }: SetupRequest): boolean {
  return scope === undefined || trackingUri === undefined || experiment === undefined;
}

function nobodyToAsk({ json }: SetupRequest): UsageError {
  const why = json ? '--json asks nothing' : 'There is no terminal to ask on';
  return new UsageError(
    `${why}: say what you want`,
    'mlflow-codex setup -y takes the defaults; --help lists the flags',
  );
}

/** Which notifier to register, and which of the registered ones may stay. */
async function notifierWish(
  files: InstalledFiles,
  env: NodeJS.ProcessEnv,
  program: RunningProgram,
  { forwardExisting }: SetupRequest,
): Promise<NotifyWish> {
  const argv = await chooseNotifier(program, env);
  const working = [argv];
  for (const file of [files.userConfig, files.project?.config]) {
    const slot = readNotifySlot(file?.text ?? '', file?.path ?? '');
    if (slot.kind !== 'ours' || slot.form === 'older') continue;
    // One that only this shell finds is renewed: a Codex that a desktop or an editor starts does not.
    const start = await startNotifier(slot.argv, withShortPath(env));
    if (start.kind === 'starts' && start.version === program.version) working.push(slot.argv);
  }
  return { argv, working, forwardExisting };
}

/** Plans; where somebody else's notifier is in the way, offers to forward to it. */
async function planOrAsk(input: SetupInput, prompts: Prompts | undefined): Promise<SetupPlan> {
  try {
    return planSetup(input);
  } catch (error) {
    if (!(error instanceof ForeignNotifier) || error.argv === undefined || prompts === undefined) throw error;
    prompts.warn(error.message);
    if (!(await prompts.confirm('Keep it? Our hook then calls it first, with the same message'))) throw error;
    return planSetup({ ...input, notifier: { ...input.notifier, forwardExisting: true } });
  }
}

/** Variables of this shell that come before what was written. */
function overrides(values: TracingValues, env: NodeJS.ProcessEnv): Finding[] {
  const { trackingUri, experiment } = values;
  const written = {
    MLFLOW_TRACKING_URI: normalTrackingUri(trackingUri),
    MLFLOW_EXPERIMENT_ID: experiment && 'id' in experiment ? experiment.id : undefined,
    MLFLOW_EXPERIMENT_NAME: experiment && 'name' in experiment ? experiment.name : undefined,
  };
  return Object.entries(written).flatMap(([variable, own]) => {
    const set = envText(env, variable);
    if (set === undefined || normalTrackingUri(set) === own) return [];
    return [
      { code: 'environment-overrides', level: 'warning', args: { variable, value: normalTrackingUri(set) } },
    ];
  });
}

function slowStart({ notify }: SetupPlan): Finding[] {
  const isNpx = notify.some(({ record }) => record?.argv[0] === 'npx');
  return isNpx ? [{ code: 'starts-slowly', level: 'info', args: {} }] : [];
}

interface ReportTo {
  io: CommandIo;
  prompts: Prompts | undefined;
  isDone: boolean;
  say: (text: string) => void;
}

function shownEdits({ edits }: SetupPlan): FileEdit[] {
  return edits.filter(({ role }) => role !== 'record');
}

function report(plan: SetupPlan, values: TracingValues, server: Finding[], to: ReportTo): void {
  const { io, prompts, say } = to;
  say(planLines(plan, values).join('\n'));
  const findings = [...plan.notices, ...server];
  if (findings.length > 0) say(renderFindings(findings, io.colors).join('\n'));
  if (!to.isDone) {
    if (prompts) prompts.outro('Nothing was written');
    else io.stdout.write('Nothing was written.\n');
    return;
  }
  const isUp = server.some(({ code }) => code === 'server-up');
  const experimentId = server.flatMap((finding) =>
    finding.code === 'experiment-active' || finding.code === 'experiment-created' ? finding.args.id : [],
  )[0];
  const steps = nextSteps(values, compact({ isUp, experimentId }));
  if (prompts) {
    prompts.note(steps.join('\n'), 'Next steps');
    prompts.outro('Codex turns become traces from now on');
  } else io.stdout.write(`Next steps\n${steps.map((step) => `  ${step}`).join('\n')}\n`);
}

function toJson(plan: SetupPlan, values: TracingValues, server: Finding[], isDone: boolean) {
  return {
    done: isDone,
    scope: plan.scope,
    trackingUri: normalTrackingUri(values.trackingUri),
    ...(values.experiment && 'id' in values.experiment ? { experimentId: values.experiment.id } : {}),
    ...(values.experiment && 'name' in values.experiment ? { experimentName: values.experiment.name } : {}),
    ...(values.traceLocation === undefined ? {} : { traceLocation: values.traceLocation }),
    tracing: { file: plan.tracing.file, change: plan.tracing.change },
    notify: plan.notify.map(({ file, change, record }) => ({
      file,
      change,
      argv: record?.argv,
      forward: record?.forward,
    })),
    // The changed lines alone: the rest of a config.toml is nobody's business.
    edits: shownEdits(plan).map((edit) => ({ path: edit.path, lines: editLines(edit).slice(1) })),
    findings: [...plan.notices, ...server],
  };
}
