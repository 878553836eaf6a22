import { rmSync } from 'node:fs';
import path from 'node:path';
import { accessRemedy } from '../platform/files/unusable-files.js';
import { UserError } from '../platform/problems/user-error.js';
import { ChangedMeanwhile, type FileEdit } from './file-edit.js';
import { readTextFile } from './read-text-file.js';
import {
  makeFolder,
  putInPlace,
  removeEmptyFolder,
  replaceWhole,
  type Staged,
  stage,
  statOf,
  tagOf,
  WRITABLE,
} from './staged-file.js';

/**
 * Where it is kept what a file was before its last change: in a folder of ours, since a user's folder may
 * be a repository of dotfiles.
 * @param backups that folder
 * @param file with links resolved
 */
export function backupOf(backups: string, file: string): string {
  return path.join(backups, `${path.basename(file)}.${tagOf(file)}`);
}

/**
 * Carries out edits: all of them or none. Each text is written beside its file first and then renamed
 * over it, links are followed and stay, permission bits and owner stay, new files are 0600 in folders
 * of 0700 (public ones 0644 in 0755), and what a changed file was is kept (`backupOf`) where the edit asks for it. Two of our
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
    for (const one of done) putBack(one);
    for (const { temporary } of staged) if (temporary !== undefined) rmSync(temporary, { force: true });
    for (const folder of folders.reverse()) removeEmptyFolder(folder);
    throw asUserError(error);
  }
}

function assertUnchanged({ path: file, before }: FileEdit): void {
  if (readTextFile(file) !== before) throw new ChangedMeanwhile(file);
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

function putBack({ edit, target, stats }: Staged): void {
  if (edit.before === undefined) {
    rmSync(target, { force: true });
    return;
  }
  replaceWhole(target, edit.before, statOf(target) ?? stats);
}
