/** After so many failures a turn no longer holds up the ones after it. */
const MAX_FAILURES = 3;
/** Of such turns in one pass. */
export const MAX_GIVING_WAY = 3;
/** How often a turn is tried in all after refusals. */
export const MAX_REFUSALS = 5;

/** Whether a server has failed over a turn again and again, so that it goes last. */
export function givesWay({ failures }: { readonly failures?: number }): boolean {
  return failures !== undefined && failures >= MAX_FAILURES;
}

/**
 * Whether a failure may be the turn's: the server was there, and failed. 503 says that it is the
 * server's own; so does silence, where the time was too short for any turn.
 * @param timeMs what the request had, of `wholeMs`
 */
export function isOfTheTurn(reason: string, timeMs: number, wholeMs: number): boolean {
  if (reason === 'timeout') return timeMs >= wholeMs / 2;
  return /^5\d\d$/.test(reason) && reason !== '503';
}
