import type { DeliverySummary } from '../../delivery/overview/delivery-summary.js';
import type { Finding } from '../../platform/problems/finding.js';
import { ago } from '../../terminal/ago.js';

/** How many of the last runs are told one by one. */
const TOLD_RUNS = 3;
/** How many rejected turns are told one by one; the rest are counted. */
const TOLD_TURNS = 3;
/** How many sessions that the hook was never told of are named; all are counted. */
const TOLD_THREADS = 10;

/**
 * What became of the turns: the last runs of the hook, what is pending and since when, what no server
 * would take, and recordings that the hook was never told of.
 * @param nowMs the time, in milliseconds since 1970
 */
export function checkDelivery(summary: DeliverySummary, nowMs: number): Finding[] {
  return [
    ...runs(summary, nowMs),
    ...pending(summary, nowMs),
    ...rejected(summary),
    ...lost(summary),
    ...reduced(summary, nowMs),
    ...summary.newer.map((file): Finding => ({ code: 'state-newer', level: 'warning', args: { file } })),
    ...summary.unreadable.map(
      (file): Finding => ({ code: 'state-unreadable', level: 'warning', args: { file } }),
    ),
    ...neverAnnounced(summary, nowMs),
  ];
}

function runs({ lastRuns }: DeliverySummary, nowMs: number): Finding[] {
  if (lastRuns.length === 0) return [{ code: 'hook-never-ran', level: 'info', args: {} }];
  return lastRuns.slice(-TOLD_RUNS).map(({ time, outcome, ms, detail = '', thread = '', turn = '' }) => {
    const isFine =
      outcome === 'sent' ||
      outcome === 'live' ||
      outcome === 'ignored' ||
      outcome === 'untraced' ||
      outcome === 'disabled';
    const args = { when: ago(Date.parse(time), nowMs), time, outcome, ms, detail, thread, turn };
    return { code: 'hook-ran', level: isFine ? 'info' : 'warning', args };
  });
}

function pending({ pending: threads }: DeliverySummary, nowMs: number): Finding[] {
  if (threads.length === 0) return [];
  const turns = threads.reduce((sum, thread) => sum + thread.turns, 0);
  const oldest = threads.flatMap(({ since }) => since ?? []).sort()[0];
  const reasons = [...new Set(threads.flatMap(({ reason }) => reason ?? []))];
  const blocked = threads.some((thread) => thread.blocked);
  const args = {
    turns,
    threads: threads.length,
    since: oldest === undefined ? '' : ago(Date.parse(oldest), nowMs),
    reasons,
    blocked,
  };
  return [{ code: 'turns-pending', level: 'warning', args }];
}

function rejected({ rejected: turns }: DeliverySummary): Finding[] {
  const told = turns.slice(0, TOLD_TURNS).map((turn): Finding => {
    const { threadId: thread, turnId = '', httpStatus = 0, message = '' } = turn;
    return {
      code: 'turn-rejected',
      level: 'warning',
      args: { thread, turn: turnId, status: httpStatus, message },
    };
  });
  const more = turns.length - told.length;
  return more > 0 ? [...told, { code: 'more-rejected', level: 'warning', args: { more } }] : told;
}

function lost({ lost: turns }: DeliverySummary): Finding[] {
  const last = turns.at(-1);
  if (!last) return [];
  const { threadId: thread, turnId: turn = '', message: reason = '' } = last;
  return [{ code: 'turns-lost', level: 'warning', args: { turns: turns.length, thread, turn, reason } }];
}

/** The newest of the turns that were sent without some of their content, and how many there are. */
function reduced({ reduced: turns }: DeliverySummary, nowMs: number): Finding[] {
  const last = turns.at(-1);
  if (!last) return [];
  const { thread = '', turn = '', detail = '' } = last;
  const args = { turns: turns.length, when: ago(Date.parse(last.time), nowMs), thread, turn, detail };
  return [{ code: 'turns-reduced', level: 'warning', args }];
}

function neverAnnounced({ unknownThreads, lastRuns }: DeliverySummary, nowMs: number): Finding[] {
  if (unknownThreads.length === 0) return [];
  const told = unknownThreads.slice(0, TOLD_THREADS).map((thread): Finding => {
    const { threadId, cwd: folder = '', modifiedMs, untraced: reason = '' } = thread;
    return {
      code: 'thread-unknown',
      level: 'info',
      args: { thread: threadId, folder, when: ago(modifiedMs, nowMs), reason },
    };
  });
  // Recordings and not one run of the hook: Codex does not call it.
  const level = lastRuns.length === 0 ? 'warning' : 'info';
  return [{ code: 'threads-never-announced', level, args: { threads: unknownThreads.length } }, ...told];
}
