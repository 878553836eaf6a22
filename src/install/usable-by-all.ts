import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../platform/problems/user-error.js';

const REMEDY =
  'Install Node and the package where everybody can read them and root alone can write: as root, with umask 022, npm install -g --prefix /usr/local @mlflow/codex';

/**
 * Refuses a program that Codex could not start for every user of the machine, or that another user could
 * change: as a managed hook it runs with everybody's rights.
 * @param files node and the script, absolute
 * @param ownerUid who may own them beside root
 * @param platform for tests
 * @throws UserError with what stands in the way; nothing on Windows
 */
export function assertForEverybody(
  files: readonly string[],
  ownerUid: number,
  platform: NodeJS.Platform = process.platform,
): void {
  if (platform === 'win32') return;
  const script = realpathSync(files.at(-1) ?? '');
  const programs = [...files.flatMap((file) => [file, realpathSync(file)]), ...partsOf(script)];
  for (const entry of new Set([...programs.flatMap(foldersAbove), ...programs])) {
    const stats = statSync(entry);
    if (isOpenToOthers(stats) || (stats.uid !== 0 && stats.uid !== ownerUid))
      throw new UserError(`${entry}: ${CHANGED}`, REMEDY);
    if ((stats.mode & (stats.isDirectory() ? 0o001 : 0o004)) === 0)
      throw new UserError(`${entry}: ${CLOSED}`, REMEDY);
  }
}

const CLOSED = 'not every user of this machine can read it, so Codex could not run the hook for them';
const CHANGED = 'others than root can change it, and the hook would run it with everybody’s rights';

/** Groups below this one are the system's: Debian lets `staff` write in /usr/local. */
const FIRST_USERS_GROUP = 1000;

function isOpenToOthers({ mode, gid }: Stats): boolean {
  const isOpen = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid >= FIRST_USERS_GROUP);
  // In a sticky folder nobody moves what is another's.
  return isOpen && (mode & 0o1000) === 0;
}

/** The bundles that the script loads. */
function partsOf(script: string): string[] {
  const dist = path.join(path.dirname(script), '..', 'dist');
  try {
    return readdirSync(dist).map((name) => path.join(dist, name));
  } catch {
    return [];
  }
}

function foldersAbove(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [] : [folder, ...foldersAbove(folder)];
}
