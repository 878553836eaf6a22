import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { unusableFiles, unusableRemedy } from '../../platform/files/unusable-files.js';

/** A file or folder that stands in the way, and what to do about it. */
export interface Obstruction {
  readonly file: string;
  /** Why, in few words, with Node's code. */
  readonly reason: string;
  readonly remedy: string;
}

/**
 * The folders of Codex's recordings and of our state that cannot be looked into, or not be written:
 * what lies in them is not known, so nothing can be said to be left. A folder that is not there is none
 * of them.
 */
export function findObstructions(codexHome: string, stateDir: string): Obstruction[] {
  const own = [stateDir, path.join(stateDir, 'threads'), path.join(stateDir, 'inbox')];
  const folders = [codexHome, path.join(codexHome, 'archived_sessions'), ...own];
  const refused = existsSync(stateDir) ? unusableFiles(stateDir) : [];
  const all = [
    ...refused.map(({ file, code, remedy }) => ({ file, reason: `cannot be used (${code})`, remedy })),
    ...folders.flatMap((folder) => unreadable(folder, 0)),
    ...unreadable(path.join(codexHome, 'sessions'), 3),
  ];
  const byFile = new Map([...all].reverse().map((entry) => [entry.file, entry]));
  // Whoever mends a folder mends what is not to be reached below it.
  return [...byFile.values()].reverse().filter(({ file }) => !byFile.has(path.dirname(file)));
}

/** What to do about one file that an outcome names. */
export function obstruction(file: string, reason: string): Obstruction {
  return { file, reason, remedy: remedyFor(file, reason) };
}

/** @param depth of the folders below it to be looked into as well */
function unreadable(folder: string, depth: number): Obstruction[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (depth === 0) return [];
    return entries.flatMap((entry) =>
      entry.isDirectory() ? unreadable(path.join(folder, entry.name), depth - 1) : [],
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? [] : [obstruction(folder, `cannot be read (${code})`)];
  }
}

function remedyFor(file: string, reason: string): string {
  return /newer version/.test(reason)
    ? 'Update: npm install -g @mlflow/codex@latest'
    : unusableRemedy(file, reason);
}
