import { existsSync } from 'node:fs';
import path from 'node:path';
import { ignoresProjectNotify } from '../../codex/codex-cli.js';
import { readSystemSlots, type SlotOfFile } from '../../install/codex-config/codex-layers.js';
import { readNotifySlot } from '../../install/codex-config/notify-slot.js';
import { readTextFile } from '../../install/read-text-file.js';
import { readSetupRecord } from '../../install/setup-record.js';
import type { Finding } from '../../platform/problems/finding.js';
import { UserError } from '../../platform/problems/user-error.js';
import { checkHooks } from './check-hooks.js';
import type { PluginCheck } from './check-plugin.js';
import { profileConfigs } from './profile-configs.js';
import type { StatusContext } from './status-context.js';

/** The notifier that Codex calls in this folder, if it is ours. */
export interface CodexCheck {
  findings: Finding[];
  notifier?: string[];
}

/** Node, Codex, and whose notifier Codex calls here. @param plugin ours, where Codex has it */
export async function checkCodex(
  context: StatusContext,
  plugin: PluginCheck | undefined,
): Promise<CodexCheck> {
  const findings = [checkNode(context.nodeVersion), checkCli(context)];
  const { counts, overruled } = chooseSlot(context, findings);
  const isOurs = counts?.slot.kind === 'ours';
  const hooks = await checkHooks(context, isOurs, plugin);
  findings.push(...profileFindings(context.codexHome), ...hooks.managed);
  if (counts !== undefined) findings.push(...slotFindings(counts, context, hooks.isThere));
  // Beside an administrator's hook nothing is lost by a notifier that is not called.
  const isManaged = hooks.managed.some(({ code }) => code === 'hook-managed');
  findings.push(...hooks.own, ...(isManaged ? [] : overruled));
  const notifier = counts?.slot.kind === 'ours' ? counts.slot.argv : hooks.argv;
  return { findings, ...(notifier && { notifier: [...notifier] }) };
}

/** The slot that Codex looks into here, and ours in those it does not. Adds to `findings` what is broken. */
function chooseSlot(context: StatusContext, findings: Finding[]) {
  const users = readSlot(path.join(context.codexHome, 'config.toml'), findings);
  const projects = readProjectSlot(context, findings);
  const machine = readMachineSlots(context, findings);
  const ignored = ignoresProjectNotify(context.codex?.version);
  if (ignored && projects?.slot.kind === 'ours') {
    const version = context.codex?.version ?? '';
    const args = { file: projects.file, line: projects.slot.line, version };
    findings.push({ code: 'notify-ignored', level: 'error', args });
  }
  // Codex 0.80 to 0.129 calls a project's notifier instead of the user's.
  const layers = [machine?.managed, ignored === false ? projects : undefined, users, machine?.system];
  const set = layers.filter((layer) => layer !== undefined).filter(({ slot }) => slot.kind !== 'empty');
  const counts = set[0] ?? users;
  const overruled = set.slice(1).flatMap(({ file, slot }): Finding[] => {
    if (slot.kind !== 'ours' || counts === undefined || counts.slot.kind === 'ours') return [];
    const args = { file, line: slot.line, by: counts.file };
    return [{ code: 'notify-overruled', level: 'warning', args }];
  });
  return { counts, overruled };
}

function readMachineSlots({ systemCodexDir }: StatusContext, findings: Finding[]) {
  try {
    return readSystemSlots(systemCodexDir);
  } catch (error) {
    findings.push(brokenConfig(systemCodexDir, error));
    return undefined;
  }
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < 18 || (major === 18 && minor < 19);
  return { code: isOld ? 'node-old' : 'node', level: isOld ? 'error' : 'ok', args: { version } };
}

function checkCli({ codex }: StatusContext): Finding {
  if (codex === undefined) return { code: 'codex-missing', level: 'warning', args: {} };
  const { file, version } = codex;
  if (version === undefined) return { code: 'codex-mute', level: 'warning', args: { file } };
  return { code: 'codex', level: 'ok', args: { file, version } };
}

function readSlot(file: string, findings: Finding[]): SlotOfFile | undefined {
  try {
    return { file, slot: readNotifySlot(readTextFile(file) ?? '', file) };
  } catch (error) {
    findings.push(brokenConfig(file, error));
    return undefined;
  }
}

function brokenConfig(file: string, error: unknown): Finding {
  if (!(error instanceof UserError)) throw error;
  const args = { file, message: error.message, hint: error.hint ?? '' };
  return { code: 'config-broken', level: 'error', args };
}

function readProjectSlot({ project, codexHome }: StatusContext, findings: Finding[]): SlotOfFile | undefined {
  const folder = path.join(project, '.codex');
  const file = path.join(folder, 'config.toml');
  return path.resolve(folder) === path.resolve(codexHome) || !existsSync(file)
    ? undefined
    : readSlot(file, findings);
}

/** @param hasHook there is a hook of ours beside notify: what is wrong with it is told elsewhere */
function slotFindings({ file, slot }: SlotOfFile, context: StatusContext, hasHook: boolean): Finding[] {
  switch (slot.kind) {
    case 'empty':
    case 'vacant':
      if (hasHook) return [];
      return [{ code: 'notify-missing', level: 'error', args: { file } }];
    case 'foreign': {
      const notifier = slot.argv === undefined ? '' : JSON.stringify(slot.argv);
      const args = { file, line: slot.line, notifier };
      if (hasHook) return [{ code: 'notify-beside', level: 'info', args }];
      const isManaged = path.basename(file) === 'managed_config.toml';
      return [{ code: isManaged ? 'notify-managed' : 'notify-foreign', level: 'error', args }];
    }
    case 'ours': {
      const found: Finding[] =
        slot.form === 'older'
          ? [{ code: 'notify-older', level: 'error', args: { file, line: slot.line } }]
          : [{ code: 'notify-ours', level: 'ok', args: { file, line: slot.line } }];
      const forward = readSetupRecord(context.stateDir).notify.find((entry) => entry.file === file)?.forward;
      if (forward)
        found.push({ code: 'notify-forwards', level: 'info', args: { notifier: JSON.stringify(forward) } });
      return found;
    }
  }
}

/** `codex --profile NAME` reads `$CODEX_HOME/NAME.config.toml` as well, and its notify comes first (0.169). */
function profileFindings(codexHome: string): Finding[] {
  return profileConfigs(codexHome).flatMap(({ file, profile }) => {
    const found = readSlot(file, []);
    if (found?.slot.kind !== 'foreign') return [];
    return [{ code: 'notify-of-profile', level: 'warning', args: { file, line: found.slot.line, profile } }];
  });
}
