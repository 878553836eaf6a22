/**
 * Something a person gave us is wrong: the message says what and where, the hint how to put it right.
 * Neither may hold a credential or anything said in a conversation: both are printed and logged.
 */
export class UserError extends Error {
  readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UserError';
    if (hint !== undefined) this.hint = hint;
  }
}
