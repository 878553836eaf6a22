import { compact } from '../../platform/json.js';
import { errorName } from '../../platform/problems/error-name.js';
import type { SubAgentLink } from '../../turn/turn.js';
import type { Position, ThreadState } from '../store/thread-state.js';

/** A pass over the thread's recording came to its end, or to a turn that has to wait. */
export interface Drained {
  readonly kind: 'drained';
  readonly state: ThreadState;
  readonly sent: number;
  /** Refused in every form in this run. */
  readonly rejected: number;
  /** Found to be in no recording any more in this run. */
  readonly lost: number;
  /** Left out in this run, because another agent had them before Codex imported its session. */
  readonly imported: number;
  /** Why turns were left to be sent later, where some were. */
  readonly pending?: string;
  /** The last turn is still going on. */
  readonly isLive: boolean;
  /** Subagents that the sent turns started. */
  readonly agents: readonly SubAgentLink[];
  /** When the oldest turn that was sent began, in ms since the epoch; infinite where none was. */
  readonly sinceMs: number;
  /** Where the announced turns begin, by the file of their announcement. */
  readonly located: ReadonlyMap<string, Position>;
}

/** What became of a thread. */
export type ThreadOutcome =
  | Drained
  /** Another process has the thread in hand; it takes our part over. */
  | { readonly kind: 'busy' }
  /** It is no thread but a segment of one. */
  | { readonly kind: 'segment'; readonly threadId: string }
  | { readonly kind: 'no recording'; readonly state?: ThreadState; readonly pending?: string }
  /** Nothing announces it, nothing is known of it, and it is not asked for. */
  | { readonly kind: 'unannounced' }
  /** Its folder is not traced (any more): nothing is sent, and what was pending stays so. */
  | {
      readonly kind: 'skipped';
      readonly why: 'untraced' | 'disabled';
      readonly reason: string;
      readonly hasPending: boolean;
    }
  /**
   * Its turns were had where the environment said otherwise where turns go (`MLFLOW_TRACKING_URI` and the like):
   * they are left to a run of such an environment.
   */
  | { readonly kind: 'elsewhere'; readonly hasPending: boolean }
  /** Its state cannot be written, so nothing was sent. */
  | { readonly kind: 'not saved'; readonly reason: string }
  /** Something is wrong with its recording or its state. @param file the file to be mended, where one is */
  | { readonly kind: 'failed'; readonly reason: string; readonly file?: string };

/** What two passes over the same thread, one after the other, come to. */
export function bothPasses(first: Drained, second: Drained): Drained {
  return {
    ...second,
    sent: first.sent + second.sent,
    rejected: first.rejected + second.rejected,
    lost: first.lost + second.lost,
    imported: first.imported + second.imported,
    agents: [...first.agents, ...second.agents],
    sinceMs: Math.min(first.sinceMs, second.sinceMs),
    located: new Map([...first.located, ...second.located]),
  };
}

/** A pass that came to nothing. @param error what was thrown: of Node's errors, the file is told as well */
export function failedBy(error: unknown): ThreadOutcome & { kind: 'failed' } {
  const { path } = (error ?? {}) as { path?: unknown };
  return compact({
    kind: 'failed',
    reason: errorName(error),
    file: typeof path === 'string' ? path : undefined,
  });
}
