import { asArray, asObject, asText } from '../platform/json.js';
import { type AskAppServer, withAppServer } from './app-server.js';
import type { CodexCli } from './codex-cli.js';

/**
 * What Codex says of the hooks of a plugin: it runs them, or it waits for its user's approval, which is
 * bound to every file of the plugin (0.169 to 0.171). Undefined where it says nothing.
 */
export type HookTrust = 'trusted' | 'untrusted' | undefined;

/** Codex, and the folder it is asked for. */
export interface AskedCodex {
  readonly codex: CodexCli | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Whether Codex runs a plugin's hooks. @param id `<plugin>@<marketplace>` */
export async function hookTrust({ codex, ...where }: AskedCodex, id: string): Promise<HookTrust> {
  if (codex === undefined) return undefined;
  return withAppServer(codex.file, where, async (ask) => trustOf(await hooksOf(ask, where.cwd, id)));
}

/** Approves a plugin's hooks in the user's name, as the TUI's "Trust all" does, and asks whether they are. */
export async function approveHooks({ codex, ...where }: AskedCodex, id: string): Promise<HookTrust> {
  if (codex === undefined) return undefined;
  return withAppServer(codex.file, where, async (ask) => {
    const hooks = await hooksOf(ask, where.cwd, id);
    const value = Object.fromEntries(hooks.map(({ key, hash }) => [key, { trusted_hash: hash }]));
    const edits = [{ keyPath: 'hooks.state', value, mergeStrategy: 'upsert' }];
    await ask('config/batchWrite', { edits, reloadUserConfig: true });
    return trustOf(await hooksOf(ask, where.cwd, id));
  });
}

interface ListedHook {
  readonly key: string;
  readonly hash: string;
  readonly isTrusted: boolean;
}

async function hooksOf(ask: AskAppServer, cwd: string, id: string): Promise<ListedHook[]> {
  const listed = await ask('hooks/list', { cwds: [cwd] });
  const hooks = asArray(listed?.['data']).flatMap((entry) => asArray(asObject(entry)?.['hooks']));
  return hooks.flatMap((entry) => {
    const hook = asObject(entry);
    const [key, hash] = [asText(hook?.['key']), asText(hook?.['currentHash'])];
    if (hook?.['pluginId'] !== id || key === undefined || hash === undefined) return [];
    const isTrusted = hook['trustStatus'] === 'trusted' || hook['isManaged'] === true;
    return [{ key, hash, isTrusted }];
  });
}

function trustOf(hooks: readonly ListedHook[]): HookTrust {
  if (hooks.length === 0) return undefined;
  return hooks.every(({ isTrusted }) => isTrusted) ? 'trusted' : 'untrusted';
}
