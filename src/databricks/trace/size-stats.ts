/** Sizes of a trace's spans in bytes, with the keys of MLflow's `mlflow.trace.sizeStats` (3.17). */
export interface SizeStats {
  readonly total_size_bytes: number;
  readonly num_spans: number;
  readonly max: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
}

/**
 * @param spans the spans' JSON texts
 * @param totalBytes of the file that holds them
 */
export function sizeStatsOf(spans: readonly string[], totalBytes: number): SizeStats {
  const sizes = spans.map((span) => Buffer.byteLength(span)).sort((a, b) => a - b);
  return {
    total_size_bytes: totalBytes,
    num_spans: sizes.length,
    max: sizes.at(-1) ?? 0,
    p25: percentile(sizes, 0.25),
    p50: percentile(sizes, 0.5),
    p75: percentile(sizes, 0.75),
  };
}

/** Between two sizes in proportion, rounded down, as `_calculate_percentile` of MLflow does. */
function percentile(sorted: readonly number[], part: number): number {
  const index = part * (sorted.length - 1);
  const lower = sorted[Math.floor(index)] ?? 0;
  const upper = sorted[Math.floor(index) + 1] ?? lower;
  return Math.floor(lower + (upper - lower) * (index - Math.floor(index)));
}
