import { statSync } from 'node:fs';
import path from 'node:path';
import { foldersAround, realFolder } from '../platform/files/folders-upward.js';
import { readWithoutWaiting } from '../platform/files/read-without-waiting.js';
import { accessRemedy } from '../platform/files/unusable-files.js';
import { UserError } from '../platform/problems/user-error.js';
import { envFlag } from '../platform/process/environment.js';
import { isExcluded } from './excluded-folders.js';
import type { ConfigLayer } from './files/config-layer.js';
import { assertOnlyOwnerWrites, systemAccessRemedy, systemTracingFile } from './files/system-file.js';
import { parseTracingConfig } from './files/tracing-config.js';
import { TRACING_FILE } from './files/tracing-file.js';
import { readKnownSecrets, type SecretPlaces } from './known-secrets.js';
import { mergeSettings, type SettingsResult } from './merge-settings.js';
import { isTrusted } from './project-trust.js';

export type { Settings, SettingsResult } from './merge-settings.js';

/** Where we are and for whom. */
export interface ResolveInput {
  env: NodeJS.ProcessEnv;
  /** The turn's folder, from the payload: the process's own may be that of a daemon started elsewhere. */
  cwd: string;
  codexHome: string;
  homeDir: string;
  userName: string;
  /** The system's file and who may write it; by default the one of this machine, and root. */
  system?: { file: string; ownerUid: number };
}

/**
 * What counts for a turn in `cwd`. Reads the project's tracing config (nearest upward), the user's and
 * the system's; a file that is there and cannot be read or understood is `broken`: nothing may be sent,
 * because nobody knows what it forbids.
 */
export async function resolveSettings(input: ResolveInput): Promise<SettingsResult> {
  const { env, cwd, codexHome, homeDir, userName } = input;
  const { file: systemFile, ownerUid } = input.system ?? { file: systemTracingFile(), ownerUid: 0 };
  if (envFlag(env, 'MLFLOW_CODEX_DISABLED')) return { kind: 'disabled', by: 'environment' };
  let file = '';
  const read = (candidate: string, remedy = accessRemedy) => {
    file = candidate;
    return readLayer(candidate, remedy);
  };
  try {
    const projectFile = findProjectConfig(cwd, codexHome);
    const project = projectFile === undefined ? undefined : read(projectFile);
    const user = read(path.join(codexHome, TRACING_FILE));
    const system = read(systemFile, systemAccessRemedy);
    if (system) assertOnlyOwnerWrites(systemFile, ownerUid);
    const trusted = project !== undefined && (await isTrusted(project.file, project.config, codexHome));
    const layers = { project: project && { ...project, trusted }, user, system };
    const merged = withoutExcluded(mergeSettings({ env, ...layers, userName }), cwd, homeDir);
    const configs = [user, system].flatMap((layer) => (layer ? [layer.config] : []));
    return withMachine(merged, { ...input, configs });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { kind: 'broken', file, message: error.message, ...hint };
  }
}

/** Known secrets are read when a turn is prepared, once: most hooks of untraced folders need none. */
function withMachine(result: SettingsResult, places: SecretPlaces): SettingsResult {
  if (result.kind !== 'settings') return result;
  let known: readonly string[] | undefined;
  const knownSecrets = () => (known ??= readKnownSecrets(places));
  const machine = { knownSecrets, homeUser: path.basename(places.homeDir) };
  return { ...result, settings: { ...result.settings, machine } };
}

function withoutExcluded(result: SettingsResult, cwd: string, homeDir: string): SettingsResult {
  if (result.kind !== 'settings') return result;
  const { owner, warnings } = result.settings;
  return isExcluded(cwd, owner.exclude, homeDir)
    ? { kind: 'untraced', reason: 'excluded', warnings }
    : result;
}

/**
 * The nearest `.codex/mlflow-tracing.json` upward from a folder, by its path's names before its real path's. Codex's own home is passed by: the
 * file in it is the user's, though everything in the home folder lies below it.
 */
export function findProjectConfig(cwd: string, codexHome: string): string | undefined {
  const home = realFolder(codexHome);
  for (const folder of foldersAround(cwd)) {
    const file = path.join(folder, '.codex', TRACING_FILE);
    if (isThere(file) && realFolder(path.dirname(file)) !== home) return file;
  }
  return undefined;
}

function isThere(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    // A chain of links in a circle is a config that cannot be read, not an absent one.
    return (error as NodeJS.ErrnoException).code === 'ELOOP';
  }
}

/** @param remedy what helps where this user may not read the file */
function readLayer(file: string, remedy: (file: string) => string): ConfigLayer | undefined {
  let text: string;
  try {
    text = readWithoutWaiting(file).toString('utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const isRefused = code === 'EACCES' || code === 'EPERM';
    throw new UserError(
      `${file}: cannot be read (${code})`,
      isRefused ? remedy(file) : `Make ${file} a readable file, or remove it`,
    );
  }
  return { file, ...parseTracingConfig(text, file) };
}
