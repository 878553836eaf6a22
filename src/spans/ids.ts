/** SHA-256 of a text, in lower-case hex; given by the caller, since this room imports no crypto. */
export type Digest = (text: string) => string;

/** What names a turn for ever: its thread, and its id or, where that says nothing, its start. */
export interface TurnIdentity {
  readonly threadId: string;
  readonly turnKey: string;
}

/** The turn's id; a mere count (up to 0.80, `"0"` mostly) and none are replaced by the start in ms. */
export function turnKey(turnId: string | undefined, startMs: number): string {
  return turnId === undefined || /^\d*$/.test(turnId) ? String(startMs) : turnId;
}

/** The id of the trace of a root turn: 32 hex digits. */
export function traceIdOf(root: TurnIdentity, digest: Digest): string {
  return nonZero(digest(`trace:${root.threadId}:${root.turnKey}`).slice(0, 32));
}

/** The id of one item's span within a trace: 16 hex digits. */
export function spanIdOf(traceId: string, key: string, digest: Digest): string {
  return nonZero(digest(`${traceId}:${key}`).slice(0, 16));
}

/** The key of an AGENT span. */
export function agentKey(turn: TurnIdentity): string {
  return `${turn.threadId}:${turn.turnKey}`;
}

/**
 * The key of a tool call's span: the call's id, and in an agent's turn its turn before it. Ids of calls
 * tell the calls of one turn apart, not those of a trace: searches up to 0.128 have none of their own, and some
 * providers count from 0 in each thread.
 */
export function callKey(callId: string, turn: TurnIdentity, root: TurnIdentity): string {
  const own = agentKey(turn);
  return own === agentKey(root) ? callId : `${own}:${callId}`;
}

/** All zeros is no valid id in OpenTelemetry. */
function nonZero(hex: string): string {
  return hex.replaceAll('0', '') === '' ? `${hex.slice(0, -1)}1` : hex;
}
