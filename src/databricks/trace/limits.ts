/** How long MLflow lets texts of a trace be, in characters (`mlflow/tracing/constant.py`, 3.17). */
export const PREVIEW_CHARACTERS = 10_000;
export const METADATA_CHARACTERS = 250;
export const TAG_CHARACTERS = 4096;

const SUFFIX = '...';

/** A text of at most so many characters, cut between characters and not inside one. */
export function atMost(text: string, characters: number): string {
  // A character is one or two units of UTF-16: short texts need no counting.
  if (text.length <= characters) return text;
  let units = 0;
  for (let count = 0; count < characters; count++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, units);
}

/** The same, ending in `...` where something is missing, as MLflow cuts inputs and outputs. */
export function shortened(text: string, characters: number): string {
  return atMost(text, characters) === text ? text : `${atMost(text, characters - SUFFIX.length)}${SUFFIX}`;
}
