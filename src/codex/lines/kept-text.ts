/** A text whose middle is gone. */
export interface CutText {
  readonly head: string;
  readonly tail: string;
  /** Bytes (UTF-8) between the two that are gone. */
  readonly cutBytes: number;
}

/**
 * What stands in a recorded text where its middle was left out as its line was read. Two control characters
 * that no program prints (a device control string and its end, ISO 6429) and that keep the text in one byte a
 * character.
 */
const CUT = /\u0090mlflow-codex cut (\d{1,15})\u009c/;

/** @returns the sides of a text that was cut as its line was read; undefined for a whole one */
export function cutOf(text: string): CutText | undefined {
  const found = text.includes('\u0090') ? CUT.exec(text) : null;
  if (!found) return undefined;
  const head = text.slice(0, found.index);
  return { head, tail: text.slice(found.index + found[0].length), cutBytes: Number(found[1]) };
}

/** @param kept the sides, and how much is gone between them */
export function cutText({ head, tail, cutBytes }: CutText): string {
  return `${head}\u0090mlflow-codex cut ${cutBytes}\u009c${tail}`;
}

/**
 * What a turn's messages may have together before each gets a smaller share, in bytes. As JSON in JSON, told
 * as a call, as a tool's input and in the next response's input, it becomes more: 500 tool calls with large
 * texts make 8 MB on the wire, and 17 MB where JSON has to escape every character (measured).
 */
const TURN_BYTES = 12 * 1024 * 1024;

/** What one message of a turn may have at most, in bytes. @param spans how many the turn has, or has so far */
export function shareOf(spans: number): number {
  return Math.max(2048, Math.floor(TURN_BYTES / (2 * Math.max(1, spans))));
}
