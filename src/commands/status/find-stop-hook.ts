import path from 'node:path';
import { type HookEntry, readHook, readHookJson } from '../../install/codex-config/hook-entries.js';
import { readTextFile } from '../../install/read-text-file.js';
import { readSetupRecord } from '../../install/setup-record.js';
import { UserError } from '../../platform/problems/user-error.js';
import type { StatusContext } from './status-context.js';

/** Our Stop hook, and what it calls where setup registered it. */
export interface StopHookFound {
  file: string;
  line: number;
  /** Its place in the file, as `[hooks.state]` names it. */
  key: string;
  argv?: readonly string[];
}

/** Looks in the user's config.toml and hooks.json, and in the project's hooks.json (Codex 0.171). */
export function findStopHook({ codexHome, project, stateDir }: StatusContext): StopHookFound | undefined {
  const config = path.join(codexHome, 'config.toml');
  const folders = [codexHome, path.join(project, '.codex')];
  const places: [string, (text: string) => HookEntry | undefined][] = [
    [config, (text) => readHook(text, config, 'Stop')],
    ...folders.map((folder): [string, (text: string) => HookEntry | undefined] => [
      path.join(folder, 'hooks.json'),
      (text) => readHookJson(text, 'Stop'),
    ]),
  ];
  for (const [file, read] of places) {
    const found = readLeniently(file, read);
    if (found === undefined) continue;
    const recorded = readSetupRecord(stateDir).stopHook;
    const isRecorded = recorded?.file === file && recorded.command === found.command;
    return { file, line: found.line, key: found.key, ...(isRecorded ? { argv: recorded.argv } : {}) };
  }
  return undefined;
}

/** A file that cannot be read, or is broken, is told of elsewhere. */
function readLeniently(file: string, read: (text: string) => HookEntry | undefined): HookEntry | undefined {
  try {
    return read(readTextFile(file) ?? '');
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
