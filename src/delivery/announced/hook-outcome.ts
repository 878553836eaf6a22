import { existsSync } from 'node:fs';
import { isUsableTurnId } from '../../codex/reading/read-turns.js';
import { compact } from '../../platform/json.js';
import { CodexRecording } from '../recording/codex-recording.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import type { Drained, ThreadOutcome } from '../run/thread-outcome.js';
import type { TurnReport } from '../run/turn-report.js';
import type { Announcement } from '../store/inbox.js';
import type { LogEntry } from '../store/journal.js';
import {
  findTurn,
  type Position,
  RECORDING_GONE,
  statusOf,
  type ThreadState,
} from '../store/thread-state.js';

/** What the log says of a run of the hook. */
export type HookOutcome = Pick<LogEntry, 'outcome' | 'detail' | 'isReduced'>;

const NOT_TRACED = 'the folder the turn was had in is not traced';

/** An announced turn, and the file its announcement was written to. */
type Announced = Announcement & { readonly mail: string };

/**
 * What became of an announced turn, from what was done: sent in this run, or known to have been before,
 * or still to be sent, or lost; and why. Nothing else is ever called sent.
 */
export async function hookOutcome(
  run: DeliveryRun,
  announced: Announced,
  outcome: ThreadOutcome,
): Promise<HookOutcome> {
  const at = outcome.kind === 'drained' ? outcome.located.get(announced.mail) : undefined;
  const own = run.reports.findLast((report) => isOf(report, announced, at));
  if (own) return compact({ outcome: own.outcome, detail: own.detail, isReduced: own.isReduced });
  switch (outcome.kind) {
    case 'busy':
      return { outcome: 'pending', detail: 'left to another hook at work on this thread' };
    case 'unannounced':
    case 'segment':
      return { outcome: 'pending', detail: 'the turn is not in its recording yet' };
    case 'skipped':
      return { outcome: 'untraced', detail: outcome.reason };
    case 'elsewhere':
      return { outcome: 'pending', detail: 'left to a hook with the same MLFLOW_TRACKING_URI' };
    case 'no recording':
      return { outcome: 'problem', detail: RECORDING_GONE };
    case 'not saved':
      return { outcome: 'pending', detail: outcome.reason };
    case 'failed':
      return { outcome: 'problem', detail: outcome.reason };
    case 'drained':
      return ofState(outcome, announced, at ?? (await takenUpBefore(run, announced)));
  }
}

function isOf(report: TurnReport, announced: Announced, at: Position | undefined): boolean {
  if (report.threadId !== announced.threadId) return false;
  if (at) return report.at.file === at.file && report.at.start === at.start;
  return isUsableTurnId(announced.turnId) && report.turnId === announced.turnId;
}

/** Where the turn begins, if another process has taken the announcement up before we came to it. */
async function takenUpBefore(run: DeliveryRun, announced: Announced): Promise<Position | undefined> {
  if (existsSync(announced.mail)) return undefined;
  const { recording } = CodexRecording.find(run.options.codexHome, announced.threadId);
  return recording?.locate({ ...announced, atMs: 0 }, undefined);
}

function ofState(outcome: Drained, { turnId }: Announced, at: Position | undefined): HookOutcome {
  const { state } = outcome;
  if (!at)
    return (
      lostBefore(state, turnId) ?? { outcome: 'pending', detail: 'the turn is not in its recording yet' }
    );
  const status = statusOf(state, at);
  switch (status) {
    case 'delivered':
      return { outcome: 'sent', detail: 'sent before' };
    case 'skipped':
      return { outcome: 'untraced', detail: findTurn(state, at)?.message ?? NOT_TRACED };
    case 'rejected':
      return { outcome: 'rejected', detail: 'refused before' };
    case 'lost':
      return { outcome: 'lost', detail: 'given up before' };
    case 'enqueued':
    case 'retry':
    case 'ahead':
    case 'past':
      return { outcome: 'pending', detail: outcome.pending ?? waitsFor(outcome) };
  }
}

function waitsFor({ isLive }: Drained): string {
  return isLive ? 'the turn has not ended yet' : 'the turn was not come to';
}

function lostBefore(state: ThreadState, turnId: string | undefined): HookOutcome | undefined {
  const lost = state.turns.find((turn) => turn.status === 'lost' && turn.turnId === turnId);
  return turnId !== undefined && lost
    ? { outcome: 'lost', detail: lost.message ?? 'given up before' }
    : undefined;
}
