/** A finding in words, and what to do about it: a command, a variable or an edit. */
export interface FindingText {
  text: string;
  remedy?: string;
}

/** For each code of a union of findings, the words made of its facts. */
export type MessagesOf<Args> = {
  readonly [Code in keyof Args]: (args: Readonly<Args[Code]>) => FindingText | string;
};
