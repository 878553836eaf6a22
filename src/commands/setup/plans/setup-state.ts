import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { SlotOfFile } from '../../../install/codex-config/codex-layers.js';
import { backupOf } from '../../../install/file-edits.js';
import { readTextFile } from '../../../install/read-text-file.js';
import {
  backupsDir,
  parseSetupRecord,
  type SetupRecord,
  setupRecordFile,
} from '../../../install/setup-record.js';
import { stateDir } from '../../../platform/files/folders.js';
import { TRACING_FILE } from '../../../settings/files/tracing-file.js';

/** A file as it is now: what a plan is made of. */
export interface TextFile {
  path: string;
  /** Absent where there is no file. */
  text?: string;
  /** Where its former state is kept; `backup`: what is kept there now. */
  backupFile: string;
  backup?: string;
  /** True where its folder is not there yet. */
  folderMissing: boolean;
}

/** Everything on disk that setup and uninstall look at. */
export interface InstalledFiles {
  userConfig: TextFile;
  userTracing: TextFile;
  /** Absent where the folder's `.codex` is Codex's home itself: there project and user are one. */
  project?: { config: TextFile; tracing: TextFile };
  /** The notify slots of the machine's layers of Codex's configuration; absent where nobody asks. */
  machine?: { managed: SlotOfFile; system: SlotOfFile };
  recordFile: TextFile;
  record: SetupRecord;
  /** The folder for what files were. */
  backups: string;
}

/**
 * Reads the files for a folder.
 * @throws UserError where one of them is a folder, cannot be read, or is not UTF-8
 */
export function readInstalledFiles(codexHome: string, folder: string): InstalledFiles {
  const backups = backupsDir(stateDir(codexHome));
  const readFile = (file: string) => readTextFileState(file, backups);
  const recordFile = readFile(setupRecordFile(stateDir(codexHome)));
  const settings = path.join(folder, '.codex');
  const isHome = realPath(settings) === realPath(codexHome);
  return {
    userConfig: readFile(path.join(codexHome, 'config.toml')),
    userTracing: readFile(path.join(codexHome, TRACING_FILE)),
    ...(isHome
      ? {}
      : {
          project: {
            config: readFile(path.join(settings, 'config.toml')),
            tracing: readFile(path.join(settings, TRACING_FILE)),
          },
        }),
    recordFile,
    record: recordOf(recordFile),
    backups,
  };
}

/** Reads one file with its surroundings. @param backups the folder for what files were */
export function readTextFileState(file: string, backups: string): TextFile {
  const text = readTextFile(file);
  const backupFile = backupOf(backups, realPath(file));
  const backup = text === undefined ? undefined : readTextFile(backupFile);
  return {
    path: file,
    backupFile,
    ...(text === undefined ? {} : { text }),
    ...(backup === undefined ? {} : { backup }),
    folderMissing: !existsSync(path.dirname(file)),
  };
}

function recordOf({ text }: TextFile): SetupRecord {
  try {
    return parseSetupRecord(text ?? '{}');
  } catch {
    return { version: 1, tracing: [], notify: [] };
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
