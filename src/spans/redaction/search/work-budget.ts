/** Thrown where a text's search for secrets has run out of its budget: the text must not be sent. */
export class OutOfBudget extends Error {}

/**
 * What the search for secrets may cost, counted in characters looked at: the same text costs the same
 * on any machine, and a test can say that cost grows no faster than the text. A clock may stand beside
 * it, given by the caller, because this room has none.
 */
export class WorkBudget {
  /** Characters looked at so far. */
  spent = 0;

  constructor(
    readonly limit: number,
    /** Whether the time for redaction is over. */
    readonly isLate: () => boolean = () => false,
  ) {}

  /** Counts characters that are about to be looked at. @throws OutOfBudget */
  spend(characters: number): void {
    const before = this.spent;
    this.spent += characters;
    if (this.spent > this.limit) throw new OutOfBudget('too much work');
    // A look at the clock for every 64 K characters costs nothing that can be measured.
    if (before >>> 16 !== this.spent >>> 16 && this.isLate()) throw new OutOfBudget('too late');
  }
}
