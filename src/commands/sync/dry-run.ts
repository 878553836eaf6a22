import { countPending } from '../../delivery/overview/count-pending.js';
import { type OpenThread, openThread } from '../../delivery/pass/open-thread.js';
import type { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { routeOfTurn } from '../../delivery/run/turn-route.js';
import type { CommandIo } from '../../terminal/io.js';
import type { ChosenThread } from './choose-threads.js';
import { plural } from './sync-counts.js';

/** What `sync --json --dry-run` prints, in this order. */
interface DryRunCounts {
  turns: number;
  /** Those with a turn to send. */
  threads: number;
  alreadyThere: number;
  /** Threads in folders that are not traced. */
  untraced: number;
  /** Threads that could not be looked at. */
  unread: number;
}

/**
 * Says what `sync` would send, and neither sends nor writes anything.
 * @returns 0; 1 where a thread could not be looked at; 130 after Ctrl-C
 */
export async function countThreads(
  run: DeliveryRun,
  threads: readonly ChosenThread[],
  io: CommandIo,
  json: boolean,
): Promise<number> {
  const counts: DryRunCounts = { turns: 0, threads: 0, alreadyThere: 0, untraced: 0, unread: 0 };
  for (const thread of threads) {
    if (run.options.signal?.aborted) return 130;
    await countThread(run, thread, counts);
  }
  io.stdout.write(`${json ? JSON.stringify({ dryRun: true, ...counts }, null, 2) : sentenceOf(counts)}\n`);
  return counts.unread > 0 ? 1 : 0;
}

async function countThread(run: DeliveryRun, thread: ChosenThread, counts: DryRunCounts): Promise<void> {
  const opened = await openThread(run, thread.threadId, thread).catch(() => undefined);
  if (opened?.kind === 'open') return countTurns(run, opened, counts);
  if (opened === undefined || opened.outcome.kind === 'failed') counts.unread++;
  else if (opened.outcome.kind === 'skipped') counts.untraced++;
}

async function countTurns(run: DeliveryRun, opened: OpenThread, counts: DryRunCounts): Promise<void> {
  const { recording, state, route } = opened;
  counts.alreadyThere += state.delivered;
  const { pending } = await countPending(recording, state, {
    abandonedMs: run.options.abandonedMs,
    isSkipped: async (turn) => (await routeOfTurn(run, turn, route)).kind === 'skip',
  });
  counts.turns += pending;
  if (pending > 0) counts.threads++;
}

function sentenceOf({ turns, threads, alreadyThere, untraced, unread }: DryRunCounts): string {
  const aside = untraced > 0 ? `; ${plural(untraced, 'thread')} in folders that are not traced` : '';
  const failed = unread > 0 ? `; ${plural(unread, 'thread')} could not be read` : '';
  return `sync --dry-run: ${turns} to send, of ${plural(threads, 'thread')}; ${alreadyThere} already there${aside}${failed}`;
}
