import type { SessionMeta } from '../../../codex/lines/rollout-event.js';
import type { RunContext } from '../../../settings/run-context.js';
import type { Turn } from '../../../turn/turn.js';
import type { SentPart } from '../../store/thread-state.js';

/** What to send, and for whom. */
export interface OutgoingTurn {
  readonly turn: Turn;
  readonly meta: SessionMeta | undefined;
  /** Of the turn only what became of these tools, by their items' ids: the rest is with the server already. */
  readonly onlyItems?: readonly string[];
  readonly client?: string | undefined;
  /** What the environment of its Codex said of it. */
  readonly run?: RunContext | undefined;
  /** How often it has been rejected before. */
  readonly refusals: number;
  /** What of it the server has already. */
  readonly sentPart?: SentPart | undefined;
  /** A server that does not answer is not asked a second time. */
  readonly once?: boolean;
}

/** What a turn is sent from. */
export interface SendContext {
  readonly codexHome: string;
  /** As in `isTurnOver`. */
  readonly abandonedMs: number;
  /** Time for one request, asked before each; 0 where there is not enough for any. */
  readonly timeLeftMs: () => number;
  /** Told what the server has of a turn, after each request but the last. @returns whether to go on */
  readonly onPart?: (part: SentPart) => boolean;
}
