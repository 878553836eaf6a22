import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { openThread } from '../../delivery/open-thread.js';
import { countPending } from '../../delivery/overview/count-pending.js';
import { routeOfTurn } from '../../delivery/turn-route.js';
import type { CommandIo } from '../../terminal/io.js';
import type { ChosenThread } from './choose-threads.js';
import { plural } from './sync-counts.js';

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
  let turns = 0;
  let alreadyThere = 0;
  let untraced = 0;
  let withTurns = 0;
  let unread = 0;
  for (const thread of threads) {
    if (run.options.signal?.aborted) return 130;
    const opened = await openThread(run, thread.threadId, thread).catch(() => undefined);
    if (!opened || (opened.kind === 'closed' && opened.outcome.kind === 'failed')) unread++;
    if (opened?.kind === 'closed' && opened.outcome.kind === 'skipped') untraced++;
    if (opened?.kind !== 'open') continue;
    const { recording, state, route } = opened;
    alreadyThere += state.delivered;
    const { pending } = await countPending(recording, state, {
      abandonedMs: run.options.abandonedMs,
      isSkipped: async (turn) => (await routeOfTurn(run, turn, route)).kind === 'skip',
    });
    turns += pending;
    if (pending > 0) withTurns++;
  }
  if (json) {
    io.stdout.write(
      `${JSON.stringify({ dryRun: true, turns, threads: withTurns, alreadyThere, untraced, unread }, null, 2)}\n`,
    );
  } else {
    const aside = untraced > 0 ? `; ${plural(untraced, 'thread')} in folders that are not traced` : '';
    const failed = unread > 0 ? `; ${plural(unread, 'thread')} could not be read` : '';
    io.stdout.write(
      `sync --dry-run: ${turns} to send, of ${plural(withTurns, 'thread')}; ${alreadyThere} already there${aside}${failed}\n`,
    );
  }
  return unread > 0 ? 1 : 0;
}
