import { asObject } from '../../platform/json.js';
import { UserError } from '../../platform/problems/user-error.js';
import { readTextFile } from '../read-text-file.js';
import { readHooksSwitch } from './managed-hooks.js';
import { parseToml } from './parse-toml.js';

/** Whether Codex runs hooks at all, and the file that says so; where none does, it runs them. */
export interface HooksFeature {
  isOn: boolean;
  file?: string;
}

/**
 * Reads `[features] hooks` of Codex's layers. The first file that says anything decides, also for the hooks of
 * all others (each pair was run with 0.171, Linux): requirements.toml, managed_config.toml, `-c`, a trusted
 * project's, a profile's, the user's, the system's.
 * @param files in this order; one that is broken says nothing here
 */
export function readHooksFeature(files: readonly string[]): HooksFeature {
  for (const file of files) {
    const isOn = leniently(file, (text) => readHooksSwitch(text, file));
    if (isOn !== undefined) return { isOn, file };
  }
  return { isOn: true };
}

/** Whether an administrator lets managed hooks run alone (`allow_managed_hooks_only`, 0.171). */
export function onlyManagedHooks(requirements: string): boolean {
  return (
    leniently(requirements, (text) => parseToml(text, requirements)['allow_managed_hooks_only']) === true
  );
}

/**
 * Whether the user has switched one hook off by itself, as the TUI's `/hooks` does: `enabled = false` in
 * `[hooks.state."FILE:stop:0:0"]`. Of a managed hook it is without effect (0.171).
 * @param key the hook's place in its file
 */
export function isSwitchedOff(userConfig: string, file: string, key: string): boolean {
  const state = leniently(userConfig, (text) =>
    asObject(asObject(parseToml(text, userConfig)['hooks'])?.['state']),
  );
  return asObject(state?.[`${file}:${key}`])?.['enabled'] === false;
}

function leniently<T>(file: string, read: (text: string) => T): T | undefined {
  try {
    const text = readTextFile(file);
    return text === undefined ? undefined : read(text);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
