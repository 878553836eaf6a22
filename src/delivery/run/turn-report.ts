import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import type { ThreadTurn } from '../recording/recording-port.js';
import { whyNot } from '../sending/judge-answer.js';
import type { TurnOutcome } from '../sending/send-turn.js';
import type { LogEntry } from '../store/journal.js';
import type { Position } from '../store/thread-state.js';

/** A turn to be sent, or what became of some of its tools after it was over. */
export type OutgoingPart = ThreadTurn & { readonly onlyItems?: readonly string[] };

/** One turn that was tried. */
export interface TurnReport {
  readonly threadId: string;
  readonly turnId?: string;
  readonly at: Position;
  readonly outcome: Extract<LogEntry['outcome'], 'sent' | 'pending' | 'rejected'>;
  readonly detail?: string;
  /** Something of its content was left out, and `detail` says what. */
  readonly isReduced?: true;
  readonly ms: number;
}

/** What is told of a turn that was tried. @param ms how long it took */
export function reportOf(
  threadId: string,
  turn: OutgoingPart,
  { result, note, isReduced }: TurnOutcome,
  ms: number,
): TurnReport {
  // The log's word of a turn is of the whole turn: a part of one has no id there.
  const part = turn.onlyItems && `a tool of turn ${turn.turnId} that outlived it`;
  const { outcome, detail } = inTheLogsWords(result, note);
  return compact({
    threadId,
    turnId: part ? undefined : turn.turnId,
    at: { file: turn.file, start: turn.start },
    outcome,
    detail: [part, detail].filter(Boolean).join(': ') || undefined,
    isReduced,
    ms,
  });
}

function inTheLogsWords(
  result: ExportOutcome,
  note: string | undefined,
): Pick<TurnReport, 'outcome'> & { detail: string | undefined } {
  switch (result.kind) {
    case 'sent':
      return { outcome: 'sent', detail: note };
    case 'rejected':
      return { outcome: 'rejected', detail: String(result.status) };
    case 'pending':
      return { outcome: 'pending', detail: whyNot(result) };
  }
}
