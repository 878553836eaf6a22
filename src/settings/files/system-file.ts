import { statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../platform/problems/user-error.js';
import { TRACING_FILE } from './tracing-file.js';

/** The machine's own tracing config. Its place cannot be moved by the environment, which is the user's. */
export function systemTracingFile(platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32'
    ? path.win32.join('C:\\ProgramData', 'mlflow-codex', TRACING_FILE)
    : `/etc/mlflow-codex/${TRACING_FILE}`;
}

/**
 * Refuses a system's file that others than its owner could have written: it binds every user.
 * @param ownerUid who may write it; root
 * @throws UserError with the remedy; nothing where the file is absent, or on Windows
 */
export function assertOnlyOwnerWrites(file: string, ownerUid = 0): void {
  if (process.platform === 'win32') return;
  for (const entry of [path.dirname(file), file]) {
    const found = statOf(entry);
    if (!found || (found.uid === ownerUid && (found.mode & 0o022) === 0)) continue;
    const what = `${entry}: others than root can write it, so its rules are not followed`;
    throw new UserError(what, `As root: chown root ${entry} && chmod go-w ${entry}`);
  }
}

/** The machine's file is for everybody to read, and no user's to make so. */
export function systemAccessRemedy(file: string): string {
  return `As root: chmod go+rX ${path.dirname(file)} ${file}`;
}

function statOf(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    // Whoever reads the file says why it cannot be read.
    return undefined;
  }
}
