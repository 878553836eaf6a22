import { UserError } from '../platform/problems/user-error.js';

/** A file as it is and as it is to be; `undefined`: not there. */
export interface FileEdit {
  path: string;
  role: 'codex-config' | 'tracing-config' | 'record';
  before: string | undefined;
  after: string | undefined;
  /** Whether what the file was is kept (`backupOf`); `remove`: one that is there says nothing new any more. */
  backup: 'make' | 'none' | 'remove';
  /** A new file is for everybody to read, as the machine's are. */
  isPublic?: true;
}

/** Somebody else wrote a file between the plan and its being carried out: another plan may succeed. */
export class ChangedMeanwhile extends UserError {
  constructor(file: string) {
    super(`${file} was changed in the meantime`, 'Run the command again');
    this.name = 'ChangedMeanwhile';
  }
}
