import path from 'node:path';
import { findCodexCli } from '../../codex/codex-cli.js';
import { readDeliverySummary } from '../../delivery/overview/delivery-summary.js';
import type { ThreadState } from '../../delivery/store/thread-state.js';
import { startNotifier } from '../../install/choose-notifier.js';
import { systemCodexDir } from '../../install/codex-config/codex-layers.js';
import { codexHome, stateDir } from '../../platform/files/folders.js';
import { repositoryUrl } from '../../platform/files/repository.js';
import type { Finding } from '../../platform/problems/finding.js';
import { currentUser } from '../../platform/process/current-user.js';
import { packageVersion } from '../../platform/process/package-version.js';
import { isSamePlace, placeInEnvironment, whereaboutsOf } from '../../settings/place-of-turns.js';
import { findProjectConfig, resolveSettings } from '../../settings/resolve-settings.js';
import { findingText } from '../../terminal/finding-texts.js';
import type { CommandIo } from '../../terminal/io.js';
import { parseOptions } from '../../terminal/options.js';
import { renderFindings } from '../../terminal/render-findings.js';
import { checkCodex } from './check-codex.js';
import { checkDestination } from './check-destination.js';
import { checkHook } from './check-hook.js';
import { checkLive } from './check-live.js';
import { checkPlugin } from './check-plugin.js';
import { checkSettings } from './check-settings.js';
import { checkState } from './check-state.js';
import { checkDelivery } from './delivery-check.js';
import type { StatusContext } from './status-context.js';
import { STATUS_OPTIONS } from './status-options.js';

/** The chain from Codex to the server, link by link. */
interface StatusSections {
  Codex: Finding[];
  Settings: Finding[];
  Server: Finding[];
  Turns: Finding[];
}

/**
 * Answers "why do I see no traces?": checks the whole chain, and names a remedy for whatever is wrong.
 * @returns 0; 1 where something is broken
 */
export async function runStatus(argv: string[], io: CommandIo): Promise<number> {
  const { values } = parseOptions(argv, STATUS_OPTIONS);
  const context = await openContext(io);
  const sections = await checkAll(context, values.offline);
  const broken = Object.values(sections)
    .flat()
    .filter(({ level }) => level === 'error').length;
  if (values.json) io.stdout.write(`${JSON.stringify(toJson(sections, context, broken === 0), null, 2)}\n`);
  else io.stdout.write(`${render(sections, context, broken)}\n`);
  return broken === 0 ? 0 : 1;
}

async function openContext(io: CommandIo): Promise<StatusContext> {
  const { env, cwd, homeDir } = io;
  const home = codexHome(env, homeDir);
  const config = findProjectConfig(cwd, home);
  return {
    io,
    codexHome: home,
    stateDir: stateDir(home),
    systemCodexDir: systemCodexDir(),
    project: config === undefined ? cwd : path.dirname(path.dirname(config)),
    codex: await findCodexCli(env),
    settings: await resolveSettings({ env, cwd, codexHome: home, homeDir, userName: currentUser(env) }),
    nodeVersion: process.versions.node,
    version: packageVersion(),
    nowMs: Date.now(),
    startNotifier,
  };
}

async function checkAll(context: StatusContext, offline: boolean): Promise<StatusSections> {
  const codex = await checkCodex(context, await checkPlugin(context));
  const { stateDir, codexHome: home, nowMs } = context;
  const summary = await readDeliverySummary(
    stateDir,
    home,
    nowMs,
    (folder) => whyUntraced(folder, context),
    (thread) => isElsewhere(thread, context),
  );
  const missing = summary.unknownThreads.filter(({ untraced }) => untraced === undefined).length;
  const hook = codex.notifier === undefined ? [] : await checkHook(codex.notifier, context, missing);
  const skipped: Finding = { code: 'offline', level: 'info', args: {} };
  return {
    Codex: [...codex.findings, ...hook],
    Settings: checkSettings(context),
    Server: offline ? [skipped] : await checkDestination(context),
    Turns: [
      ...checkState(context.stateDir),
      ...checkDelivery(summary, context.nowMs),
      ...(await checkLive(context)),
    ],
  };
}

/** Why nothing is sent from a folder; undefined where it is, or would be once something is mended. */
async function whyUntraced(cwd: string, { io, codexHome }: StatusContext): Promise<string | undefined> {
  const { env, homeDir } = io;
  const found = await resolveSettings({ env, cwd, codexHome, homeDir, userName: '' });
  if (found.kind === 'untraced') return found.reason;
  return found.kind === 'disabled' ? `switched off by ${found.by}` : undefined;
}

/** Whether hooks of this shell leave a thread to those of another, whose variables say otherwise where turns go. */
async function isElsewhere({ place, cwd }: ThreadState, { io, codexHome }: StatusContext): Promise<boolean> {
  if (place === undefined || cwd === undefined) return false;
  const { env, homeDir } = io;
  const found = await resolveSettings({ env, cwd, codexHome, homeDir, userName: '' });
  const here = found.kind === 'settings' ? whereaboutsOf(found.settings, env) : undefined;
  return !isSamePlace(place, placeInEnvironment(env), here);
}

function render(sections: StatusSections, { io, version }: StatusContext, broken: number): string {
  const lines = [`mlflow-codex ${version} in ${io.cwd}`];
  for (const [title, findings] of Object.entries(sections) as [string, Finding[]][]) {
    if (findings.length === 0) continue;
    lines.push('', io.colors ? `\u001b[1m${title}\u001b[0m` : title);
    lines.push(...renderFindings(findings, io.colors).map((line) => `  ${line}`));
  }
  lines.push('', broken === 0 ? 'Nothing is broken.' : whatIsBroken(broken));
  return lines.join('\n');
}

function whatIsBroken(count: number): string {
  const page = `${repositoryUrl()}/blob/main/docs/troubleshooting.md`;
  return `${count === 1 ? '1 thing is' : `${count} things are`} broken. More on each sentence: ${page}`;
}

function toJson(sections: StatusSections, { io, version }: StatusContext, ok: boolean) {
  const entries = Object.entries(sections) as [string, Finding[]][];
  const spelled = entries.map(([title, findings]) => [
    title.toLowerCase(),
    findings.map((finding) => ({ ...finding, ...findingText(finding) })),
  ]);
  return { ok, version, cwd: io.cwd, ...Object.fromEntries(spelled) };
}
