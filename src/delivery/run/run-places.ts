import { codexHome, stateDir } from '../../platform/files/folders.js';
import { currentUser } from '../../platform/process/current-user.js';
import type { RunOptions } from './delivery-run.js';

/** Whose turns a run sends, and where they and our state lie. */
export type RunPlaces = Pick<RunOptions, 'env' | 'homeDir' | 'userName' | 'codexHome' | 'stateDir'>;

/** The places of a run, as its environment and the user's home folder have them. */
export function runPlaces(env: NodeJS.ProcessEnv, homeDir: string): RunPlaces {
  const home = codexHome(env, homeDir);
  return { env, homeDir, userName: currentUser(env), codexHome: home, stateDir: stateDir(home) };
}
