import { lstatSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder of Codex's own settings and recordings: `$CODEX_HOME`, else `~/.codex`, as Codex 0.169
 * has it. An empty `CODEX_HOME` counts as unset; a leading `~` is the home folder (a shell leaves it
 * unexpanded in quotes, in `.env` files and in unit files); a relative path is made absolute.
 */
export function codexHome(env: NodeJS.ProcessEnv, homeDir: string): string {
  const set = env.CODEX_HOME?.trim();
  if (!set) return path.join(homeDir, '.codex');
  return set === '~' ? homeDir : path.resolve(inHome(set, homeDir));
}

/** `~` at the beginning of a file's path is the home folder; other paths stay as they are. */
export function inHome(file: string, homeDir: string): string {
  return /^~[/\\]/.test(file) ? path.join(homeDir, file.slice(2)) : file;
}

const STATE_FOLDER = 'mlflow-codex';

/** Where we keep our state and our log, below Codex's home: nothing of ours lies anywhere else in it. */
export function stateDir(codexHome: string): string {
  return path.join(codexHome, STATE_FOLDER);
}

/**
 * Whether a folder within our state is a link: what is written there would lie somewhere else. The state
 * folder itself and Codex's home may be links of the user's.
 */
export function isLinkedAway(folder: string): boolean {
  if (path.basename(folder) === STATE_FOLDER) return false;
  return lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
