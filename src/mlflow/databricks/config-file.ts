import path from 'node:path';
import { inHome } from '../../platform/files/folders.js';
import { parseIni } from '../../platform/files/ini.js';
import { textOfFile } from '../../platform/files/text-of-file.js';
import type { OrProblem } from '../../platform/problems/problem.js';
import { envText } from '../../platform/process/environment.js';

/** The file of profiles that Databricks' clients share. */
export interface ConfigFile {
  readonly path: string;
  /** Profiles by name; keys in small letters. `__settings__` is none of them. */
  readonly profiles: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** `[__settings__] default_profile`, which newer Databricks CLIs write. */
  readonly defaultProfile?: string;
}

const SETTINGS = '__settings__';

/** Where the file lies: `DATABRICKS_CONFIG_FILE` (with `~` for the home folder), else `~/.databrickscfg`. */
function configFilePath(env: NodeJS.ProcessEnv, homeDir: string): string {
  const set = envText(env, 'DATABRICKS_CONFIG_FILE');
  return set === undefined ? path.join(homeDir, '.databrickscfg') : path.resolve(inHome(set, homeDir));
}

/** Reads the file; one that is not there has no profiles. */
export function readConfigFile(env: NodeJS.ProcessEnv, homeDir: string): OrProblem<ConfigFile> {
  const file = configFilePath(env, homeDir);
  const text = textOfFile(file);
  if (text.kind === 'problem') return text;
  const profiles = parseIni(text.value ?? '');
  const defaultProfile = profiles.get(SETTINGS)?.get('default_profile');
  profiles.delete(SETTINGS);
  return { kind: 'value', value: { path: file, profiles, ...(defaultProfile ? { defaultProfile } : {}) } };
}
