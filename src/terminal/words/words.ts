/** A finding in words, and what to do about it: a command, a variable or an edit. */
export interface FindingText {
  text: string;
  remedy?: string;
}

/** For each code, the words made of its facts. */
export type WordsByCode = Record<string, (args: Record<string, string>) => FindingText | string>;
