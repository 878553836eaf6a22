/**
 * Whether a trace is of the share that is sent. By its id alone, so that a turn and its subagents' turns
 * go or stay together, whichever hook sends them. As OpenTelemetry's probability sampling has it (the
 * last 56 bits, rejected below the threshold), so that a Collector that samples less keeps a part of ours.
 * @param ratio from 0 to 1
 */
export function isSampled(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  // Of the 56 the first 52, which a number holds exactly.
  const drawn = Number.parseInt(traceId.slice(-14, -1), 16) / 2 ** 52;
  return drawn >= 1 - ratio;
}
