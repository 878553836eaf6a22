/**
 * Whether a text holds what every text holds in which a search finds anything. A hook's texts are hundreds of
 * short ones, and nearly all have none of these. Plain comparison: a regular expression is compiled in every
 * process where it is first used, twice where it is used again, and once more for texts beyond Latin-1, which
 * takes longer (0.1 ms and more, Node 20) than to look through all texts of a typical turn.
 * @param text as it is written
 * @param lower the same in lower case
 */
export type Sign = (text: string, lower: string) => boolean;

/** In a longer text a look for each of many words takes as long as the search, and finds one of them mostly. */
export const LONG_TEXT = 2000;

/** The sign of many words: one of them stands in the text as it is written. */
export function anyOf(words: readonly string[]): Sign {
  return (text) => text.length >= LONG_TEXT || words.some((word) => text.includes(word));
}
