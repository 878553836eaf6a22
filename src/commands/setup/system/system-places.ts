import path from 'node:path';
import { systemCodexDir } from '../../../install/codex-config/codex-layers.js';
import { backupsDir, setupRecordFile } from '../../../install/setup-record.js';
import { UserError } from '../../../platform/problems/user-error.js';
import { systemTracingFile } from '../../../settings/files/system-file.js';

/** Where the machine's files lie, and who may write them. */
export interface SystemPlaces {
  codexDir: string;
  tracingFile: string;
  /** Root; who runs the tests, in tests. */
  ownerUid: number;
}

/** Those of this machine: nothing in the environment moves them. */
export function systemPlaces(): SystemPlaces {
  return { codexDir: systemCodexDir(), tracingFile: systemTracingFile(), ownerUid: 0 };
}

/** The files in those places. What setup did and what files were lie beside the tracing config. */
export function systemFiles({ codexDir, tracingFile }: SystemPlaces) {
  const folder = path.dirname(tracingFile);
  return {
    tracing: tracingFile,
    config: path.join(codexDir, 'config.toml'),
    requirements: path.join(codexDir, 'requirements.toml'),
    record: setupRecordFile(folder),
    backups: backupsDir(folder),
  };
}

/**
 * Refuses whoever may not write the machine's files.
 * @param command what was run, for the remedy
 * @throws UserError
 */
export function assertRights({ ownerUid, tracingFile }: SystemPlaces, command: readonly string[]): void {
  const own = process.getuid?.();
  if (own === undefined || own === ownerUid) return;
  throw new UserError(
    `${tracingFile} is every user’s: only root may write it`,
    `As root, with the same options: sudo ${command.join(' ')} …`,
  );
}
