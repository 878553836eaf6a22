import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { UserError } from '../platform/problems/user-error.js';
import { sha256 } from '../platform/sha256.js';
import { ChangedMeanwhile, type FileEdit } from './file-edit.js';

/** A file on its way: written beside the one it replaces, not yet in its place. */
export interface Staged {
  edit: FileEdit;
  target: string;
  /** What the file was like when it was staged. */
  stats: Stats | undefined;
  temporary: string | undefined;
}

export const WRITABLE = 'Make the file and its folder writable';

export function stage(edit: FileEdit, folders: string[]): Staged {
  const target = linkTarget(edit.path);
  const stats = statOf(target);
  if (stats && (stats.mode & 0o222) === 0) {
    throw new UserError(`${edit.path} is read-only; nothing was changed`, WRITABLE);
  }
  if (edit.after === undefined) return { edit, target, stats, temporary: undefined };
  makeFolder(path.dirname(target), folders, edit.isPublic ? 0o755 : 0o700);
  const temporary = temporaryOf(target);
  try {
    writeWhole(temporary, edit.after, stats ?? (edit.isPublic && { mode: 0o644 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new ChangedMeanwhile(edit.path);
    throw error;
  }
  return { edit, target, stats, temporary };
}

function temporaryOf(target: string): string {
  return path.join(path.dirname(target), `.mlflow-codex-${tagOf(target)}.tmp`);
}

export function tagOf(file: string): string {
  return sha256(file).slice(0, 8);
}

/** A text beside its file that is older than this was left by a process that was killed, in milliseconds. */
const LEFT_BEHIND_MS = 10_000;

function writeWhole(file: string, text: string, like: Stats | { mode: number } | undefined): void {
  const other = statOf(file);
  if (other && Date.now() - other.mtimeMs > LEFT_BEHIND_MS) rmSync(file, { force: true });
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  if (!like) return;
  try {
    if ('uid' in like) chownSync(file, like.uid, like.gid);
  } catch {
    // Only root can give a file away; the file then belongs to whoever changes it.
  }
  chmodSync(file, like.mode & 0o7777);
}

/** Writes a file by way of a temporary one beside it, of which nothing stays when that fails. */
export function replaceWhole(file: string, text: string, like: Stats | undefined): void {
  const temporary = temporaryOf(file);
  try {
    writeWhole(temporary, text, like);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

export function putInPlace({ target, temporary }: Staged): void {
  if (temporary === undefined) rmSync(target);
  else renameSync(temporary, target);
}

/** Where a chain of links leads, also where there is nothing yet. */
function linkTarget(file: string): string {
  let target = file;
  for (let hops = 0; hops < 40; hops += 1) {
    try {
      return realpathSync(target);
    } catch {
      try {
        if (!lstatSync(target).isSymbolicLink()) return target;
      } catch {
        return target;
      }
      target = path.resolve(path.dirname(target), readlinkSync(target));
    }
  }
  throw new UserError(`${file} is a link that leads in a circle`, 'Mend the link');
}

export function makeFolder(folder: string, made: string[], mode = 0o700): void {
  if (statOf(folder)) return;
  makeFolder(path.dirname(folder), made, mode);
  mkdirSync(folder);
  // Whatever the umask takes away: a folder of the machine's is for everybody.
  chmodSync(folder, mode);
  made.push(folder);
}

/** Removes a folder where nothing is in it. */
export function removeEmptyFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something is in it, or it is gone: both are as they should be.
  }
}

export function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}
