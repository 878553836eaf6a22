import path from 'node:path';
import { readSetupRecord } from '../setup-record.js';

/**
 * The notifier that stood in Codex's slot before ours and that our hook calls first, with the same
 * payload; `undefined` where there is none. One that setup found in a project's config.toml (Codex
 * 0.80 to 0.129 reads `notify` there) counts in that project only.
 * @param cwd the turn's folder, from the payload
 */
export function readForwardedNotifier(stateDir: string, cwd?: string): string[] | undefined {
  const forwarding = readSetupRecord(stateDir).notify.filter((entry) => entry.forward !== undefined);
  const users = path.join(path.dirname(stateDir), 'config.toml');
  const projects = forwarding
    .filter((entry) => entry.file !== users && cwd !== undefined && isWithin(cwd, projectOf(entry.file)))
    .sort((a, b) => b.file.length - a.file.length)[0];
  return (projects ?? forwarding.find((entry) => entry.file === users))?.forward;
}

function projectOf(configFile: string): string {
  return path.dirname(path.dirname(configFile));
}

function isWithin(folder: string, ancestor: string): boolean {
  const relative = path.relative(ancestor, folder);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}
