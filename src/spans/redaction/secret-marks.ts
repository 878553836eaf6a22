/**
 * The marks that stand for secrets in one trace: `[REDACTED:github-token#2]`. The same secret has the
 * same number, so that a reader sees that two places held one key; the number tells nothing of it.
 * Letters, digits and brackets only: JSON stays JSON.
 */
export class SecretMarks {
  readonly #numbers = new Map<string, number>();
  /** How many marks were set, by kind. */
  readonly counts = new Map<string, number>();

  /** @param first the first number: parts of a trace that are sent by different processes begin apart */
  constructor(readonly first = 1) {}

  markFor(secret: string, kind: string): string {
    let number = this.#numbers.get(secret);
    if (number === undefined) {
      number = this.first + this.#numbers.size;
      this.#numbers.set(secret, number);
    }
    this.count(kind);
    return `[REDACTED:${kind}#${number}]`;
  }

  count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}
