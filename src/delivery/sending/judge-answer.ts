import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import type { Settlement } from '../store/settle-turn.js';
import type { TurnEntry } from '../store/thread-state.js';
import { givesWay, isOfTheTurn, MAX_GIVING_WAY, MAX_REFUSALS } from './retry-policy.js';
import type { TurnOutcome } from './send-turn.js';

/** What follows from a server's answer. */
export interface Verdict {
  /** What is to be noted down of the turn; undefined: nothing, it stays where it is. */
  readonly settlement?: Settlement;
  /** The next turn may have better luck. */
  readonly goOn: boolean;
  /** A server has failed over this turn again and again: it goes last from now on. */
  readonly gaveWay: boolean;
  /** The server takes no turns now, whichever they are. */
  readonly isServerDown: boolean;
}

/** What the answer has to be seen beside. */
export interface Circumstances {
  /** What is known of the turn from before. */
  readonly before: TurnEntry | undefined;
  /** How many turns have given way in this pass. */
  readonly givenWay: number;
  /** What the request had, of `wholeMs`. */
  readonly timeMs: number;
  readonly wholeMs: number;
  /** ISO 8601. */
  readonly now: string;
}

/** Draws the conclusion from an answer: the one place where servers' answers become what is remembered. */
export function judgeAnswer(outcome: TurnOutcome, circumstances: Circumstances): Verdict {
  const { result } = outcome;
  switch (result.kind) {
    case 'sent':
      return { settlement: { status: 'delivered' }, goOn: true, gaveWay: false, isServerDown: false };
    case 'rejected': {
      const { status: httpStatus, message } = result;
      const settlement = { status: 'rejected' as const, at: circumstances.now, httpStatus, message };
      return { settlement, goOn: true, gaveWay: false, isServerDown: false };
    }
    case 'pending':
      return retryLater(result, outcome, circumstances);
  }
}

/** Why a turn was not taken, with the step where sending takes several. */
export function whyNot({ reason, step }: ExportOutcome & { kind: 'pending' }): string {
  return step === undefined ? reason : `${reason} while ${step}`;
}

function retryLater(
  result: ExportOutcome & { kind: 'pending' },
  { refusals, sentPart }: TurnOutcome,
  { before, givenWay, timeMs, wholeMs }: Circumstances,
): Verdict {
  const isDoubtful = isOfTheTurn(result.reason, timeMs, wholeMs);
  const failures = (before?.failures ?? 0) + (isDoubtful ? 1 : 0);
  // One bad turn gives way; several in a row are the server.
  const gaveWay = givesWay({ failures });
  const goOn = gaveWay && givenWay + 1 < MAX_GIVING_WAY;
  // What gave way before says nothing new of the server: other threads may have better turns.
  const isOldNews = isDoubtful && givesWay(before ?? {}) && result.retryAfterMs === undefined;
  const isOfServer = !result.isTurns;
  const verdict = {
    goOn: goOn || !isOfServer,
    gaveWay: gaveWay && isOfServer,
    isServerDown: isOfServer && !goOn && !isOldNews,
  };
  if (failures === 0 && refusals === 0 && isOfServer) return verdict;
  const attempts = { refusals: Math.min(refusals, MAX_REFUSALS - 1), failures };
  return { ...verdict, settlement: compact({ status: 'retry', ...attempts, sentPart }) };
}
