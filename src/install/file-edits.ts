import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
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
import { sha256 } from '../platform/sha256.js';
import { accessRemedy } from '../platform/unusable-files.js';
import { UserError } from '../platform/user-error.js';

/** A file as it is and as it is to be; `undefined`: not there. */
export interface FileEdit {
  path: string;
  role: 'codex-config' | 'tracing-config' | 'record';
  before: string | undefined;
  after: string | undefined;
  /** Whether what the file was is kept (`backupOf`); `remove`: one that is there says nothing new any more. */
  backup: 'make' | 'none' | 'remove';
}

/**
 * Where it is kept what a file was before its last change: in a folder of ours, since a user's folder may
 * be a repository of dotfiles.
 * @param backups that folder
 * @param file with links resolved
 */
export function backupOf(backups: string, file: string): string {
  return path.join(backups, `${path.basename(file)}.${tagOf(file)}`);
}

/** Somebody else wrote a file between the plan and its being carried out: another plan may succeed. */
export class ChangedMeanwhile extends UserError {
  constructor(file: string) {
    super(`${file} was changed in the meantime`, 'Run the command again');
    this.name = 'ChangedMeanwhile';
  }
}

/**
 * Reads a text file; `undefined` where there is none.
 * @throws UserError for a folder in its place, a file that cannot be read, or one that is not UTF-8.
 */
export function readTextFile(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') return undefined;
    if (code === 'EISDIR') throw new UserError(`${file} is a folder`, `Move it away: a file belongs there`);
    if (code === 'ENOTDIR') throw new UserError(`${path.dirname(file)} is not a folder`, 'Move it away');
    throw new UserError(`${file} cannot be read (${code})`, accessRemedy(file));
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) {
    throw new UserError(`${file} is not UTF-8`, 'Save it as UTF-8');
  }
  return text;
}

/** A file on its way: written beside the one it replaces, not yet in its place. */
interface Staged {
  edit: FileEdit;
  target: string;
  /** What the file was like when it was staged. */
  stats: Stats | undefined;
  temporary: string | undefined;
}

/**
 * Carries out edits: all of them or none. Each text is written beside its file first and then renamed
 * over it, links are followed and stay, permission bits and owner stay, new files are 0600 in folders
 * of 0700, and what a changed file was is kept (`backupOf`) where the edit asks for it. Two of our
 * processes never write the same file at once: the text beside it, of one name for all, is the lock.
 * @param backups the folder for what files were
 * @throws ChangedMeanwhile where a file is not what it was when the plan was made, or another process of
 * ours is writing it; UserError where one is read-only or cannot be written. Then everything is as it was.
 */
export function applyEdits(edits: readonly FileEdit[], backups: string): void {
  const staged: Staged[] = [];
  const folders: string[] = [];
  const done: Staged[] = [];
  try {
    for (const edit of edits) staged.push(stage(edit, folders));
    for (const { edit } of staged) assertUnchanged(edit);
    for (const one of staged) {
      keepBackup(one, backups, folders);
      done.push(one);
      putInPlace(one);
    }
    for (const one of staged) dropBackup(one, backups);
    removeEmptyFolder(backups);
  } catch (error) {
    for (const one of done.reverse()) putBack(one);
    for (const { temporary } of staged) if (temporary !== undefined) rmSync(temporary, { force: true });
    for (const folder of folders.reverse()) removeEmptyFolder(folder);
    throw asUserError(error);
  }
}

function assertUnchanged({ path: file, before }: FileEdit): void {
  if (readTextFile(file) !== before) throw new ChangedMeanwhile(file);
}

function putInPlace({ target, temporary }: Staged): void {
  if (temporary === undefined) rmSync(target);
  else renameSync(temporary, target);
}

/** What the system refused, in a user's words; an error that is none of the system's stays as it is. */
function asUserError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const remedy = file === undefined || !isRefusal(code) ? WRITABLE : accessRemedy(path.dirname(file));
  return new UserError(`${file ?? 'A file'} cannot be written (${code}); nothing was changed`, remedy);
}

function isRefusal(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

const WRITABLE = 'Make the file and its folder writable';

function stage(edit: FileEdit, folders: string[]): Staged {
  const target = linkTarget(edit.path);
  const stats = statOf(target);
  if (stats && (stats.mode & 0o222) === 0) {
    throw new UserError(`${edit.path} is read-only; nothing was changed`, WRITABLE);
  }
  if (edit.after === undefined) return { edit, target, stats, temporary: undefined };
  makeFolder(path.dirname(target), folders);
  const temporary = temporaryOf(target);
  try {
    writeWhole(temporary, edit.after, stats);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new ChangedMeanwhile(edit.path);
    throw error;
  }
  return { edit, target, stats, temporary };
}

function temporaryOf(target: string): string {
  return path.join(path.dirname(target), `.mlflow-codex-${tagOf(target)}.tmp`);
}

function tagOf(file: string): string {
  return sha256(file).slice(0, 8);
}

/** A text beside its file that is older than this was left by a process that was killed, in milliseconds. */
const LEFT_BEHIND_MS = 10_000;

function writeWhole(file: string, text: string, like: Stats | undefined): void {
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
    chownSync(file, like.uid, like.gid);
  } catch {
    // Only root can give a file away; the file then belongs to whoever changes it.
  }
  chmodSync(file, like.mode & 0o7777);
}

function keepBackup({ edit, target }: Staged, backups: string, folders: string[]): void {
  if (edit.backup !== 'make' || edit.before === undefined) return;
  makeFolder(backups, folders);
  const backup = backupOf(backups, target);
  // Who could read the file need not read what it was before: files of ours are 0600.
  replaceWhole(backup, edit.before, undefined);
}

function dropBackup({ edit, target }: Staged, backups: string): void {
  if (edit.backup === 'remove') rmSync(backupOf(backups, target), { force: true });
}

/** Writes a file by way of a temporary one beside it, of which nothing stays when that fails. */
function replaceWhole(file: string, text: string, like: Stats | undefined): void {
  const temporary = temporaryOf(file);
  try {
    writeWhole(temporary, text, like);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function putBack({ edit, target, stats }: Staged): void {
  if (edit.before === undefined) {
    rmSync(target, { force: true });
    return;
  }
  replaceWhole(target, edit.before, statOf(target) ?? stats);
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

function makeFolder(folder: string, made: string[]): void {
  if (statOf(folder)) return;
  makeFolder(path.dirname(folder), made);
  mkdirSync(folder, { mode: 0o700 });
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

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}
