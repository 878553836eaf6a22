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
 */
export function unusableFiles(folder: string): UnusableFile[] {
  const there = nearest(folder);
  const found = unusable(there, there);
  if (found) return [found];
  if (there !== folder) return [];
  if (!statSync(folder).isDirectory())
    return [{ file: folder, code: 'ENOTDIR', remedy: `Move ${folder} away` }];
  return inside(folder, folder, 2);
}

/**
 * How a file or folder that is refused is made this user's: a command.
 * @param whole what the command is to name, where it is more than the file
 */
export function accessRemedy(file: string, whole = file): string {
  const there = nearest(file);
  const named = whole === file ? there : whole;
  const quoted = /^[\w./~-]+$/.test(named) ? named : JSON.stringify(named);
  const own = process.getuid?.();
  if (own === undefined) return `Let your user read and write ${quoted}`;
  const isForeign = ownerOf(there) !== own;
  return isForeign ? `sudo chown -R "$(id -un)" ${quoted}` : `chmod -R u+rwX ${quoted}`;
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

function inside(folder: string, whole: string, levels: number): UnusableFile[] {
  const found: UnusableFile[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    const refused = entry.isSymbolicLink() ? undefined : unusable(file, whole);
    if (refused) found.push(refused);
    else if (entry.isDirectory() && levels > 1) found.push(...inside(file, whole, levels - 1));
  }
  return found;
}

/** @param whole what is to be mended with the file, so that one command does */
function unusable(file: string, whole: string): UnusableFile | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(file, R_OK | W_OK | (statSync(file).isDirectory() ? X_OK : 0));
    return undefined;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    // Gone since it was listed: a hook puts its files away while we look.
    return code === 'ENOENT' ? undefined : { file, code, remedy: accessRemedy(file, whole) };
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
