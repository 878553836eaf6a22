import { UserError } from './user-error.js';

/** The command line itself is wrong: exit code 2, with the command's usage. */
export class UsageError extends UserError {
  constructor(message: string, hint?: string) {
    super(message, hint);
    this.name = 'UsageError';
  }
}
