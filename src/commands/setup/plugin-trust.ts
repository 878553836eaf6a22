import type { CodexCli } from '../../codex/codex-cli.js';
import { approveHooks } from '../../codex/hook-trust.js';
import { type CodexPlugin, readPlugin } from '../../install/codex-config/plugin.js';
import type { Finding } from '../../platform/problems/finding.js';
import type { CommandIo } from '../../terminal/io.js';
import type { Prompts } from '../../terminal/prompts.js';
import type { SetupRequest } from './plans/setup-request.js';

/** Our plugin for Codex, as setup treats it. */
export interface PluginWish {
  readonly plugin: CodexPlugin;
  /** Its hook is to be approved in the user's name: the user has said so. */
  readonly approve: boolean;
  /** Codex runs its hook, or will: no notifier is needed. */
  readonly suffices: boolean;
}

/** Looks for our plugin; where its hook was never approved, a person is asked for it. */
export async function pluginWish(
  codexHome: string,
  { trustPlugin }: SetupRequest,
  io: CommandIo,
  prompts: Prompts | undefined,
): Promise<PluginWish | undefined> {
  const plugin = readPlugin(codexHome, io.cwd);
  if (plugin?.unpacked === undefined) return undefined;
  const question = `Codex has our plugin ${plugin.id}. Approve its hook now? (Codex would ask at its next start)`;
  const approve = trustPlugin || (!plugin.wasApproved && (await prompts?.confirm(question)) === true);
  return { plugin, approve, suffices: approve || plugin.wasApproved };
}

/** The id of our plugin where its hook needs no notifier beside it. */
export function sufficient(wish: PluginWish | undefined): string | undefined {
  return wish?.suffices ? wish.plugin.id : undefined;
}

/** Approves the hook, where that was said, and tells how it stands. */
export async function approvePlugin(
  wish: PluginWish | undefined,
  codex: CodexCli | undefined,
  { cwd, env }: CommandIo,
): Promise<Finding[]> {
  if (wish === undefined) return [];
  const { plugin, approve } = wish;
  const { id, unpacked, wasApproved } = plugin;
  const version = unpacked?.version ?? '';
  const trust = approve ? await approveHooks({ codex, cwd, env }, id) : undefined;
  if (trust === 'trusted') return [{ code: 'plugin-hook', level: 'ok', args: { id, version } }];
  if (!approve && wasApproved) return [];
  return [{ code: 'plugin-untrusted', level: 'warning', args: { id, version, wasApproved } }];
}
