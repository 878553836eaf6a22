import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file or folder that this user may not use, with why and what mends it. */
export interface UnusableFile {
  file: string;
  /** Node's code, such as `EACCES`. */
  code: string;
  remedy: string;
}

/**
 * What of a folder of ours this user cannot read and write: the folder itself, or what is in it, two
 * levels deep. Where it is not there yet, the nearest folder above must be one that it can be made in.
 * A home that root used first, in a container or with sudo, is the usual cause.
 * @param refusal for tests, because root is refused nothing: Node's code where the system refuses a file
 */
export function unusableFiles(folder: string, refusal: Refusal = refusalOf): UnusableFile[] {
  const there = nearest(folder);
  const found = unusable(there, there, refusal);
  if (found) return [found];
  if (there !== folder) return [];
  if (!statSync(folder).isDirectory())
    return [{ file: folder, code: 'ENOTDIR', remedy: `Move ${folder} away` }];
  return inside(folder, folder, 2, refusal);
}

/**
 * How a file or folder that is refused is made this user's: a command.
 * @param whole what the command is to name, where it is more than the file
 * @param uids for tests: this user's number, and none where the system has no such numbers (Windows)
 */
export function accessRemedy(file: string, whole = file, uids = { own: process.getuid?.() }): string {
  const there = nearest(file);
  const named = whole === file ? there : whole;
  const quoted = /^[\w./~-]+$/.test(named) ? named : JSON.stringify(named);
  if (uids.own === undefined) return `Let your user read and write ${quoted}`;
  return ownerOf(there) !== uids.own ? `sudo chown -R "$(id -un)" ${quoted}` : `chmod -R u+rwX ${quoted}`;
}

/**
 * What to do about a file or folder that cannot be read or written.
 * @param why Node's code, or a text that holds it
 */
export function unusableRemedy(file: string, why: string): string {
  if (/EACCES|EPERM/.test(why)) return accessRemedy(file);
  if (/ENOTDIR|EISDIR/.test(why)) return `Move ${file} away`;
  return `Look at ${file}: it should be whole and readable`;
}

function inside(folder: string, whole: string, levels: number, refusal: Refusal): UnusableFile[] {
  const found: UnusableFile[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    const refused = entry.isSymbolicLink() ? undefined : unusable(file, whole, refusal);
    if (refused) found.push(refused);
    else if (entry.isDirectory() && levels > 1) found.push(...inside(file, whole, levels - 1, refusal));
  }
  return found;
}

/** @param whole what is to be mended with the file, so that one command does */
function unusable(file: string, whole: string, refusal: Refusal): UnusableFile | undefined {
  const code = refusal(file);
  // Gone since it was listed: a hook puts its files away while we look.
  if (code === undefined || code === 'ENOENT') return undefined;
  return { file, code, remedy: accessRemedy(file, whole) };
}

type Refusal = (file: string) => string | undefined;

/** Why the system does not let this user read and write a file, or enter a folder: Node's code. */
function refusalOf(file: string): string | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(file, R_OK | W_OK | (statSync(file).isDirectory() ? X_OK : 0));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** The file itself, or the nearest folder above that is there. */
function nearest(file: string): string {
  const above = path.dirname(file);
  return ownerOf(file) !== undefined || above === file ? file : nearest(above);
}

function ownerOf(file: string): number | undefined {
  try {
    return statSync(file).uid;
  } catch {
    // It is not there, or a folder above it is closed to us and is what is to be mended.
    return undefined;
  }
}
