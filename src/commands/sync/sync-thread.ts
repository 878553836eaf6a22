import { setTimeout as sleep } from 'node:timers/promises';
import { findRollout } from '../../codex/find-rollout.js';
import { countOwed } from '../../delivery/count-turns.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { loadThreadState } from '../../delivery/store/state-file.js';
import type { ThreadResult } from '../../delivery/thread-pass.js';
import { workThread } from '../../delivery/thread-work.js';
import type { ChosenThread } from './choose-threads.js';
import { type SyncCounts, ZERO_COUNTS } from './sync-counts.js';

/** How long to wait for a thread that a hook or another `sync` has in hand (a hook takes 15 s at most). */
const BUSY_MS = 20_000;
const POLL_MS = 100;

/** What became of one thread. */
export interface SyncedThread {
  readonly counts: SyncCounts;
  readonly why?: string;
  /** Subagents that its turns started; their turns belong to the same traces. */
  readonly agents: readonly ChosenThread[];
}

/** Sends what one thread owes, waiting for its lock. */
export async function syncThread(run: DeliveryRun, thread: ChosenThread): Promise<SyncedThread> {
  const before = loadThreadState(run.options.stateDir, thread.threadId);
  const result = await work(run, thread);
  const { route, state } = result;
  const cwd = state?.cwd;
  const agents = result.agents.map(({ agentThreadId }) => ({
    threadId: agentThreadId,
    whole: true,
    ...(cwd === undefined ? {} : { cwd }),
  }));
  if (route?.kind === 'none' && route.outcome !== 'problem') {
    return { counts: { ...ZERO_COUNTS, untraced: 1 }, why: route.detail, agents };
  }
  const setAside = state?.setAside.length ?? 0;
  switch (result.kind) {
    case 'unknown':
      return { counts: ZERO_COUNTS, agents };
    case 'busy':
      return owing(1, 'another process has the thread in hand');
    case 'not saved':
      return owing(1, 'the state folder cannot be written');
    case 'failed':
      return owing(1, result.owed ?? 'internal error');
    case 'no recording': {
      const { counts, ...rest } = owing(result.owed === undefined ? 0 : 1, result.owed);
      return { ...rest, counts: { ...counts, setAside } };
    }
    case 'done': {
      const path = thread.path ?? (await findRollout(run.options.codexHome, thread.threadId));
      const { abandonedMs } = run.options;
      const left =
        result.owed !== undefined && path ? await countOwed(path, state, { abandonedMs }) : undefined;
      const sentBefore = before.kind === 'state' ? before.state.sent : 0;
      const counts = {
        ...ZERO_COUNTS,
        sent: result.sent,
        alreadyThere: Math.max(0, Math.min(sentBefore, (state?.sent ?? 0) - result.sent)),
        owed: left?.owed ?? 0,
        setAside,
        refused: result.refused,
        goingOn: (left?.live ?? result.live) ? 1 : 0,
      };
      return { counts, agents, ...(result.owed === undefined ? {} : { why: result.owed }) };
    }
  }
}

async function work(run: DeliveryRun, thread: ChosenThread): Promise<ThreadResult> {
  const options = {
    whole: thread.whole,
    ...(thread.path === undefined ? {} : { path: thread.path }),
    ...(thread.cwd === undefined ? {} : { cwd: thread.cwd }),
  };
  const untilMs = Date.now() + BUSY_MS;
  for (;;) {
    const result = await workThread(run, thread.threadId, options);
    if (result.kind !== 'busy' || Date.now() >= untilMs || run.options.signal?.aborted) return result;
    await sleep(POLL_MS);
  }
}

function owing(owed: number, why: string | undefined): SyncedThread {
  return { counts: { ...ZERO_COUNTS, owed }, agents: [], ...(why === undefined ? {} : { why }) };
}
