/** A secret's place in a text: characters from `start` to `end` (exclusive), and what kind of secret it is. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** A few words in kebab case, such as `github-token`: part of the mark, so it tells nothing of the value. */
  readonly kind: string;
  /** The quote that the mark needs around it, where a number stood in JSON, which has none. */
  readonly quote?: string;
}

/**
 * Findings without overlap, by place. Where two overlap they become one, of the kind that was found
 * first: finders run from the surest (known values) to the least sure.
 */
export function mergeFindings(findings: readonly Found[]): Found[] {
  if (findings.length === 0) return [];
  const ranked = findings.map((found, rank) => ({ ...found, rank })).sort((a, b) => a.start - b.start);
  const merged: (Found & { rank: number })[] = [];
  for (const found of ranked) {
    const last = merged.at(-1);
    if (last === undefined || found.start >= last.end) {
      merged.push(found);
      continue;
    }
    const surer = found.rank < last.rank ? found : last;
    merged[merged.length - 1] = { ...surer, start: last.start, end: Math.max(last.end, found.end) };
  }
  return merged;
}
