import { homedir } from 'node:os';
import { currentUser } from '../../platform/current-user.js';
import { codexHome, stateDir } from '../../platform/folders.js';
import { resolveSettings } from '../../settings/resolve-settings.js';
import { leaveWatcher } from './leave-watcher.js';

/**
 * Leaves a watcher behind where the folder's settings want turns to be shown. Codex waits for it
 * (UserPromptSubmit, 0.169 to 0.171), and asks no server.
 * @param cwd the folder that the turn is had in
 */
export async function showPrompted(
  cwd: string | undefined,
  env: NodeJS.ProcessEnv,
  script: string,
): Promise<void> {
  const homeDir = homedir();
  const home = codexHome(env, homeDir);
  const userName = currentUser(env);
  const found = await resolveSettings({ env, cwd: cwd ?? process.cwd(), codexHome: home, homeDir, userName });
  if (found.kind === 'settings' && found.settings.live === true) await leaveWatcher(script, stateDir(home));
}
