import { homedir } from 'node:os';
import { runPlaces } from '../../delivery/run/run-places.js';
import { resolveSettings } from '../../settings/resolve-settings.js';
import { leaveWatcher } from './leave-watcher.js';

/**
 * Leaves a watcher behind where the folder's settings want turns to be shown. Codex waits for it
 * (UserPromptSubmit, 0.169 to 0.171), and it asks no server.
 * @param cwd the folder that the turn is had in; ours where Codex names none
 * @param script our program
 */
export async function showPrompted(
  cwd: string | undefined,
  env: NodeJS.ProcessEnv,
  script: string,
): Promise<void> {
  const places = runPlaces(env, homedir());
  const found = await resolveSettings({ ...places, cwd: cwd ?? process.cwd() });
  if (found.kind === 'settings' && found.settings.live === true) await leaveWatcher(script, places.stateDir);
}
