/**
 * Something a person gave us is wrong: the message says what and where, the hint how to put it right.
 * Neither may hold a credential or anything said in a conversation: both are printed and logged.
 */
export class UserError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UserError';
    this.hint = hint;
  }
}
