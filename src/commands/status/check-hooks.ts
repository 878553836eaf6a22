import path from 'node:path';
import { runsManagedHooks } from '../../codex/codex-cli.js';
import { findManagedHook, type ManagedHook } from '../../install/codex-config/codex-layers.js';
import {
  type HooksFeature,
  isSwitchedOff,
  onlyManagedHooks,
  readHooksFeature,
} from '../../install/codex-config/hooks-feature.js';
import type { Finding } from '../../platform/problems/finding.js';
import { codexTrusts } from '../../settings/project-trust.js';
import type { PluginCheck } from './check-plugin.js';
import { findStopHook, type StopHookFound } from './find-stop-hook.js';
import { profileConfigs } from './profile-configs.js';
import type { StatusContext } from './status-context.js';

/** Our hooks beside `notify`: an administrator's, the user's own, and our plugin's. */
export interface HooksCheck {
  managed: Finding[];
  own: Finding[];
  /** There is one, whether Codex runs it or not. */
  isThere: boolean;
  /** The words of the one that runs. */
  argv?: readonly string[] | undefined;
}

/**
 * Whether Codex runs our hooks, and which file keeps it from that.
 * @param isNotified Codex calls our notifier: then a hook that does not run loses nothing but the failed turns
 * @param plugin ours, where Codex has it
 */
export async function checkHooks(
  context: StatusContext,
  isNotified: boolean,
  plugin: PluginCheck | undefined,
): Promise<HooksCheck> {
  const managed = findManagedHook(context.systemCodexDir);
  const own = findStopHook(context);
  const hook = managed?.file ?? own?.file ?? (plugin && path.join(context.codexHome, 'config.toml'));
  if (hook === undefined) return { managed: [], own: [], isThere: false };
  const files = await layersOf(context);
  const { isOn, file = '' } = readHooksFeature(files);
  if (!isOn) {
    const level = isNotified ? 'warning' : 'error';
    return { managed: [{ code: 'hooks-off', level, args: { hook, file } }], own: [], isThere: true };
  }
  const ok = managed ? [managedFinding(managed, context, isNotified)] : [];
  const users = usersHooks(context, own, plugin, isNotified || ok.some(({ level }) => level === 'ok'));
  return {
    managed: [...ok, ...profilesWithout(context, readHooksFeature(files.slice(0, -2)))],
    own: users.findings,
    isThere: true,
    argv: managed?.argv ?? users.argv,
  };
}

function managedFinding({ file }: ManagedHook, { codex }: StatusContext, isNotified: boolean): Finding {
  if (runsManagedHooks(codex?.version) !== false)
    return { code: 'hook-managed', level: 'ok', args: { file } };
  const args = { file, version: codex?.version ?? '' };
  return { code: 'hook-managed-unread', level: isNotified ? 'warning' : 'error', args };
}

/**
 * The user's own Stop hook, and our plugin's. What is wrong with one way of calling us is no error where
 * another one works.
 */
function usersHooks(
  context: StatusContext,
  own: StopHookFound | undefined,
  plugin: PluginCheck | undefined,
  isCalledElsewhere: boolean,
): { findings: Finding[]; argv?: readonly string[] | undefined } {
  const off = own && whatSwitchesOff(own, context);
  const running = off === undefined ? own : undefined;
  const findings: Finding[] = own ? [ownFinding(own, off)] : [];
  if (plugin) findings.push(plugin.finding);
  const isCalled = isCalledElsewhere || findings.some(({ level }) => level === 'ok');
  return {
    findings: findings.map((finding) =>
      isCalled && finding.level === 'error' ? { ...finding, level: 'warning' } : finding,
    ),
    argv: running?.argv ?? plugin?.argv,
  };
}

/** The files with `[features]`, in Codex's order; a project's counts where Codex trusts it. */
async function layersOf({ systemCodexDir, project, codexHome }: StatusContext): Promise<string[]> {
  const settings = path.join(project, '.codex');
  const isHome = path.resolve(settings) === path.resolve(codexHome);
  const isTrusted = !isHome && (await codexTrusts(project, codexHome));
  return [
    path.join(systemCodexDir, 'requirements.toml'),
    path.join(systemCodexDir, 'managed_config.toml'),
    ...(isTrusted ? [path.join(settings, 'config.toml')] : []),
    path.join(codexHome, 'config.toml'),
    path.join(systemCodexDir, 'config.toml'),
  ];
}

/** The file that keeps the user's own Stop hook from being run, if one does. */
function whatSwitchesOff({ file, key }: StopHookFound, context: StatusContext): string | undefined {
  const requirements = path.join(context.systemCodexDir, 'requirements.toml');
  if (onlyManagedHooks(requirements)) return requirements;
  const config = path.join(context.codexHome, 'config.toml');
  return isSwitchedOff(config, file, key) ? config : undefined;
}

function ownFinding({ file, line }: StopHookFound, by: string | undefined): Finding {
  return by === undefined
    ? { code: 'stop-hook-ours', level: 'ok', args: { file, line } }
    : { code: 'stop-hook-off', level: 'error', args: { file, line, by } };
}

/** Profiles that switch hooks off, where nothing before them says otherwise. @param fixed what comes before */
function profilesWithout({ codexHome }: StatusContext, fixed: HooksFeature): Finding[] {
  if (fixed.file !== undefined) return [];
  return profileConfigs(codexHome)
    .filter(({ file }) => !readHooksFeature([file]).isOn)
    .map(({ file, profile }) => ({ code: 'profile-hooks-off', level: 'warning', args: { file, profile } }));
}
