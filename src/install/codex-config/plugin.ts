import { readdirSync } from 'node:fs';
import path from 'node:path';
import { asArray, asObject, asText } from '../../platform/json.js';
import { readTextFile } from '../read-text-file.js';
import { parseToml } from './parse-toml.js';

/** Our plugin for Codex, as its manifest and the marketplace name it. */
const PLUGIN = 'mlflow-codex';

/** Our plugin as Codex has it: in its config, and unpacked in its cache (Codex 0.160 to 0.171). */
export interface CodexPlugin {
  /** `mlflow-codex@<marketplace>`. */
  readonly id: string;
  /** Absent where Codex has lost its files: `codex plugin add` brings them. */
  readonly unpacked?: { readonly version: string; readonly root: string };
  /** Some version of its hook was approved; whether this one is, only Codex can say. */
  readonly wasApproved: boolean;
}

/**
 * Our plugin where Codex has it switched on, undefined elsewhere. A project's config comes before the
 * user's, in both directions; approvals count in the user's alone (0.171).
 * @param project the folder of the project's `.codex`
 */
export function readPlugin(codexHome: string, project: string): CodexPlugin | undefined {
  const user = tablesOf(path.join(codexHome, 'config.toml'));
  const own = tablesOf(path.join(project, '.codex', 'config.toml'));
  const enabled = { ...enabledIn(user), ...enabledIn(own) };
  const id = Object.keys(enabled).find((key) => key.startsWith(`${PLUGIN}@`) && enabled[key]);
  if (id === undefined) return undefined;
  const states = Object.entries(asObject(asObject(user?.['hooks'])?.['state']) ?? {});
  const wasApproved = states.some(
    ([key, state]) => key.startsWith(`${id}:`) && asText(asObject(state)?.['trusted_hash']) !== undefined,
  );
  const unpacked = newestOf(path.join(codexHome, 'plugins', 'cache', id.slice(PLUGIN.length + 1), PLUGIN));
  return { id, wasApproved, ...(unpacked && { unpacked }) };
}

function enabledIn(config: Readonly<Record<string, unknown>> | undefined): Record<string, boolean> {
  const plugins = Object.entries(asObject(config?.['plugins']) ?? {});
  return Object.fromEntries(plugins.map(([id, table]) => [id, asObject(table)?.['enabled'] !== false]));
}

/** A file that is not there, or broken, has none; that it is broken is told of elsewhere. */
function tablesOf(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseToml(readTextFile(file) ?? '', file);
  } catch {
    return undefined;
  }
}

/** Codex keeps one version, in a folder of its name. */
function newestOf(folder: string): CodexPlugin['unpacked'] {
  try {
    const versions = asArray(
      readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    );
    const version = asText(versions.at(-1));
    return version === undefined ? undefined : { version, root: path.join(folder, version) };
  } catch {
    return undefined;
  }
}
