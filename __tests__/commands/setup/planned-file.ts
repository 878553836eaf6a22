import type { TextFile } from '../../../src/commands/setup/plans/setup-state.js';
import type { FileEdit } from '../../../src/install/file-edit.js';

/** What a plan for one file is made from, and what it is to be. */
export function plannedFile(path: string, role: FileEdit['role'] = 'codex-config') {
  return {
    /** The file as it is now; without a text it is not there. */
    file: (text?: string, more: Partial<TextFile> = {}): TextFile => ({
      path,
      backupFile: `/backups${path}`,
      folderMissing: false,
      ...(text === undefined ? {} : { text }),
      ...more,
    }),
    edit: (
      before: string | undefined,
      after: string | undefined,
      backup: FileEdit['backup'] = 'make',
    ): FileEdit => ({ path, role, before, after, backup }),
  };
}
