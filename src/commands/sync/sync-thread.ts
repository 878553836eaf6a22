import { countPending } from '../../delivery/overview/count-pending.js';
import { childrenOf, drainThread } from '../../delivery/pass/drain-thread.js';
import { CodexRecording } from '../../delivery/recording/codex-recording.js';
import type { DeliveryRun } from '../../delivery/run/delivery-run.js';
import type { Drained, ThreadOutcome } from '../../delivery/run/thread-outcome.js';
import { announcesTurn, markedRecordings, readAnnouncements } from '../../delivery/store/inbox.js';
import type { ThreadState, TurnStatus } from '../../delivery/store/thread-state.js';
import { compact } from '../../platform/json.js';
import { poll } from '../../platform/poll.js';
import type { ChosenThread } from './choose-threads.js';
import { type SyncCounts, ZERO_COUNTS } from './sync-counts.js';
import { type Obstruction, obstruction } from './unusable-files.js';

/** How long to wait for a thread that another process has in hand: a hook takes 15 s at most, a request of the one left behind 30 s. */
const BUSY_MS = 35_000;
const POLL_MS = 100;
const NOT_RECORDED = 'a turn was announced that is not in its recording';

/** What became of one thread. */
export interface SyncedThread {
  readonly counts: SyncCounts;
  /** Why turns are pending, where some are. */
  readonly why?: string;
  /** The file that is in the way, where one is. */
  readonly unusable?: Obstruction;
  /** Threads to be looked at as well: subagents and reviewers, whose turns belong to the same traces. */
  readonly next: readonly ChosenThread[];
}

/** Sends what one thread has pending, waiting for its lock. */
export async function syncThread(run: DeliveryRun, thread: ChosenThread): Promise<SyncedThread> {
  return countOutcome(run, thread, await drain(run, thread));
}

/** What became of one thread, in numbers of turns, and which threads come after it. */
export async function countOutcome(
  run: DeliveryRun,
  thread: ChosenThread,
  outcome: ThreadOutcome,
): Promise<SyncedThread> {
  const { stateDir } = run.options;
  switch (outcome.kind) {
    case 'drained':
      return drained(run, thread, outcome);
    case 'unannounced':
      return missingTurns(stateDir, thread.threadId);
    case 'segment':
      return { counts: ZERO_COUNTS, next: [{ threadId: outcome.threadId, whole: false }] };
    case 'skipped': {
      // What was announced while the folder was traced is still to be sent.
      const pending = outcome.why === 'untraced' && outcome.hasPending ? 1 : 0;
      return { counts: { ...ZERO_COUNTS, untraced: 1, pending }, why: outcome.reason, next: [] };
    }
    case 'busy':
    // What a run that is not asked for leaves to one with the thread's own environment.
    case 'elsewhere':
      return pendingOne('another process has the thread in hand');
    case 'not saved':
      return pendingOne(outcome.reason);
    case 'failed':
      return compact({
        ...pendingOne(outcome.reason),
        unusable: outcome.file === undefined ? undefined : obstruction(outcome.file, outcome.reason),
      });
    case 'no recording': {
      const counts = { ...ZERO_COUNTS, ...givenUp(outcome.state), pending: outcome.pending ? 1 : 0 };
      return compact({ counts, why: outcome.pending, next: [] });
    }
  }
}

async function drained(run: DeliveryRun, thread: ChosenThread, outcome: Drained): Promise<SyncedThread> {
  const { codexHome, stateDir, abandonedMs } = run.options;
  const { state } = outcome;
  const files = () => thread.recordings ?? markedRecordings(stateDir, thread.threadId);
  const recording =
    outcome.pending === undefined
      ? undefined
      : CodexRecording.find(codexHome, thread.threadId, files()).recording;
  const left = recording && (await countPending(recording, state, { abandonedMs }));
  const missing = missingTurns(stateDir, thread.threadId);
  const counts = {
    ...ZERO_COUNTS,
    ...givenUp(state),
    sent: outcome.sent,
    alreadyThere: state.delivered - outcome.sent,
    pending: (left?.pending ?? 0) + missing.counts.pending,
    imported: outcome.imported,
    givenUpNow: outcome.rejected + outcome.lost,
    goingOn: (left?.isLive ?? outcome.isLive) ? 1 : 0,
  };
  const children = await childrenOf(run, thread.threadId, outcome);
  const next = children.map((threadId) => compact({ threadId, whole: true, cwd: state.cwd }));
  return compact({ counts, why: outcome.pending ?? missing.why, next });
}

/** Turns that were announced and that no pass finds in the recording: they are named, and not counted as sent. */
function missingTurns(stateDir: string, threadId: string): SyncedThread {
  const missing = readAnnouncements(stateDir, threadId).filter(({ announcement }) =>
    announcesTurn(announcement),
  );
  if (missing.length === 0) return { counts: ZERO_COUNTS, next: [] };
  const ids = missing.map(({ announcement }) => announcement.turnId ?? 'of no id').join(', ');
  const why = `${NOT_RECORDED}: turn ${ids} of thread ${threadId}`;
  return { counts: { ...ZERO_COUNTS, pending: missing.length }, why, next: [] };
}

function givenUp(state: ThreadState | undefined): Pick<SyncCounts, 'rejected' | 'lost'> {
  const count = (status: TurnStatus) => state?.turns.filter((turn) => turn.status === status).length ?? 0;
  return { rejected: count('rejected'), lost: count('lost') };
}

async function drain(run: DeliveryRun, thread: ChosenThread): Promise<ThreadOutcome> {
  const { threadId, ...options } = thread;
  const attempt = () => drainThread(run, threadId, options);
  const idle = await poll(
    async () => {
      const outcome = await attempt();
      return outcome.kind !== 'busy' || run.options.signal?.aborted ? outcome : undefined;
    },
    { everyMs: POLL_MS, untilMs: Date.now() + BUSY_MS },
  );
  return idle ?? { kind: 'busy' };
}

function pendingOne(why: string): SyncedThread {
  return { counts: { ...ZERO_COUNTS, pending: 1 }, why, next: [] };
}
