import type { SessionMeta } from '../codex/lines/rollout-event.js';
import type { LinkedSpan } from './caller.js';
import type { ContentGate } from './content.js';
import type { Digest, TurnIdentity } from './ids.js';

/** What a turn's spans need besides the turn. */
export interface TurnPlacement {
  /** The turn of the user that the trace is of; the turn itself, unless it is a subagent's. */
  readonly root: TurnIdentity;
  /** The span that a subagent's turn stands below. */
  readonly parentSpanId?: string;
  /** Set for a subagent's turn: its path, nickname, or `subagent`. */
  readonly agentName?: string;
}

export interface TraceOptions {
  readonly userId: string;
  /** Tags the user configured for every trace. */
  readonly tags: { readonly [key: string]: string };
  /** What started the turn, from the notify payload. */
  readonly client?: string;
  /** The span of whoever started Codex, where it told: the root is linked to it. */
  readonly caller?: LinkedSpan;
}

/** Shared by the builders of one turn's spans. */
export interface SpanContext {
  readonly traceId: string;
  readonly identity: TurnIdentity;
  /** The turn of the user's that the trace is of. */
  readonly root: TurnIdentity;
  readonly meta: SessionMeta | undefined;
  /** The turn's folder. */
  readonly cwd: string | undefined;
  /** The ids of the calls that ran at the provider: nothing here answers them. */
  readonly hostedCalls: ReadonlySet<string>;
  readonly gate: ContentGate;
  readonly digest: Digest;
}
