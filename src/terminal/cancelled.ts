/** The user pressed Ctrl-C or Escape at a question: exit code 130, and nothing was changed. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}
