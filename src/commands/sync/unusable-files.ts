import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** A file or folder that stands in the way, and what to do about it. */
export interface UnusableFile {
  readonly file: string;
  /** Why, in few words, with Node's code. */
  readonly reason: string;
  readonly remedy: string;
}

/**
 * The folders of Codex's recordings and of our state that cannot be looked into, or not be written:
 * what lies in them is not known, so nobody can say that nothing is left to send. A folder that is not
 * there is none of them.
 */
export function findUnusableFolders(codexHome: string, stateDir: string): UnusableFile[] {
  const sessions = path.join(codexHome, 'sessions');
  const own = [stateDir, path.join(stateDir, 'threads'), path.join(stateDir, 'inbox')];
  const read = [codexHome, path.join(codexHome, 'archived_sessions'), ...own].flatMap((folder) =>
    unreadable(folder, 0),
  );
  const written = own.flatMap((folder) => unwritable(folder));
  return unique([...read, ...unreadable(sessions, 3), ...written]);
}

/** What to do about one file that an error of Node's names. */
export function unusableFile(file: string, reason: string): UnusableFile {
  return { file, reason, remedy: remedyFor(file, reason) };
}

/** @param depth of the folders below it to be looked into as well */
function unreadable(folder: string, depth: number): UnusableFile[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (depth === 0) return [];
    return entries.flatMap((entry) =>
      entry.isDirectory() ? unreadable(path.join(folder, entry.name), depth - 1) : [],
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' ? [] : [unusableFile(folder, `cannot be read (${code})`)];
  }
}

function unwritable(folder: string): UnusableFile[] {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' ? [] : [unusableFile(folder, `cannot be written (${code})`)];
  }
}

function remedyFor(file: string, reason: string): string {
  if (/EACCES|EPERM/.test(reason)) return `sudo chown -R "$(id -un)" ${JSON.stringify(file)}`;
  if (/EROFS/.test(reason)) return 'Mount it writable, or set CODEX_HOME to a folder that is';
  if (/ENOTDIR|EISDIR/.test(reason)) return `Move ${file} away`;
  if (/newer version/.test(reason)) return 'npm install -g @mlflow/codex@latest';
  return `Look at ${file}: it should be a readable file of yours`;
}

function unique(files: readonly UnusableFile[]): UnusableFile[] {
  return [...new Map([...files].reverse().map((entry) => [entry.file, entry])).values()].reverse();
}
