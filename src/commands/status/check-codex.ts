import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ignoresProjectNotify } from '../../codex/codex-cli.js';
import { type NotifySlot, readNotifySlot } from '../../install/codex-config/notify-slot.js';
import { readTextFile } from '../../install/file-edits.js';
import { readSetupRecord } from '../../install/setup-record.js';
import type { Finding } from '../../platform/finding.js';
import { UserError } from '../../platform/user-error.js';
import type { StatusContext } from './status-context.js';

/** The notifier that Codex calls in this folder, if it is ours. */
export interface CodexCheck {
  findings: Finding[];
  notifier?: string[];
}

/** Node, Codex, and whose notifier Codex calls here. */
export function checkCodex(context: StatusContext): CodexCheck {
  const findings = [checkNode(context.nodeVersion), checkCli(context)];
  const users = readSlot(path.join(context.codexHome, 'config.toml'), findings);
  const projects = readProjectSlot(context, findings);
  const ignored = ignoresProjectNotify(context.codex?.version);

  // Codex before 0.130 calls a project's notifier instead of the user's.
  const counts = ignored === false && projects && projects.slot.kind !== 'empty' ? projects : users;
  if (ignored !== false && projects?.slot.kind === 'ours') {
    const { file, slot } = projects;
    const version = context.codex?.version ?? '';
    if (ignored)
      findings.push({ code: 'notify-ignored', level: 'error', args: { file, line: slot.line, version } });
  }
  findings.push(...profileFindings(context.codexHome));
  if (counts === undefined) return { findings };
  findings.push(...slotFindings(counts, context));
  return { findings, ...(counts.slot.kind === 'ours' ? { notifier: counts.slot.argv } : {}) };
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

interface SlotOfFile {
  file: string;
  slot: NotifySlot;
}

function readSlot(file: string, findings: Finding[]): SlotOfFile | undefined {
  try {
    return { file, slot: readNotifySlot(readTextFile(file) ?? '', file) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const args = { file, message: error.message, hint: error.hint ?? '' };
    findings.push({ code: 'config-broken', level: 'error', args });
    return undefined;
  }
}

function readProjectSlot({ project, codexHome }: StatusContext, findings: Finding[]): SlotOfFile | undefined {
  const folder = path.join(project, '.codex');
  const file = path.join(folder, 'config.toml');
  return path.resolve(folder) === path.resolve(codexHome) || !existsSync(file)
    ? undefined
    : readSlot(file, findings);
}

function slotFindings({ file, slot }: SlotOfFile, context: StatusContext): Finding[] {
  switch (slot.kind) {
    case 'empty':
    case 'vacant':
      return [{ code: 'notify-missing', level: 'error', args: { file } }];
    case 'foreign': {
      const notifier = slot.argv === undefined ? '' : JSON.stringify(slot.argv);
      return [{ code: 'notify-foreign', level: 'error', args: { file, line: slot.line, notifier } }];
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
  let names: string[];
  try {
    names = readdirSync(codexHome).filter((name) => /.\.config\.toml$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const found = readSlot(path.join(codexHome, name), []);
    if (found?.slot.kind !== 'foreign') return [];
    const { file, slot } = found;
    const profile = name.replace(/\.config\.toml$/, '');
    return [{ code: 'notify-of-profile', level: 'warning', args: { file, line: slot.line, profile } }];
  });
}
