import path from 'node:path';
import { hookTrust } from '../../codex/hook-trust.js';
import { readPlugin } from '../../install/codex-config/plugin.js';
import type { Finding } from '../../platform/problems/finding.js';
import type { StatusContext } from './status-context.js';

/** Our plugin for Codex, where it is switched on. */
export interface PluginCheck {
  readonly finding: Finding;
  /** What its hook starts, where its files are there. */
  readonly argv?: readonly string[];
}

/** Whether Codex has our plugin, and runs its hook: Codex itself is asked where it was ever approved. */
export async function checkPlugin(context: StatusContext): Promise<PluginCheck | undefined> {
  const { codexHome, project, codex, io } = context;
  const plugin = readPlugin(codexHome, project);
  if (plugin === undefined) return undefined;
  const { id, unpacked, wasApproved } = plugin;
  if (unpacked === undefined) return { finding: { code: 'plugin-missing', level: 'error', args: { id } } };
  const { version, root } = unpacked;
  const argv = ['node', path.join(root, 'bin', 'mlflow-codex.js'), 'stop-hook'];
  const trust = wasApproved ? await hookTrust({ codex, cwd: io.cwd, env: io.env }, id) : 'untrusted';
  const args = { id, version, wasApproved };
  switch (trust) {
    case 'trusted':
      return { finding: { code: 'plugin-hook', level: 'ok', args: { id, version } }, argv };
    case 'untrusted':
      return { finding: { code: 'plugin-untrusted', level: 'error', args }, argv };
    case undefined:
      return { finding: { code: 'plugin-unsure', level: 'info', args: { id, version } }, argv };
  }
}
