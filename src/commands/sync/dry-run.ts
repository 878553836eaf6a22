import { countOwed } from '../../delivery/count-turns.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { openThread } from '../../delivery/open-thread.js';
import { routeOfTurn } from '../../delivery/turn-route.js';
import type { CommandIo } from '../../terminal/io.js';
import type { ChosenThread } from './choose-threads.js';
import { plural } from './sync-counts.js';

/** Says what `sync` would send, and neither sends nor writes anything. */
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
  for (const thread of threads) {
    if (run.options.signal?.aborted) return 130;
    const opened = await openThread(run, thread.threadId, thread).catch(() => undefined);
    if (opened?.kind === 'closed') untraced++;
    if (opened?.kind !== 'open') continue;
    const { path, state, route } = opened;
    alreadyThere += state.sent;
    const { owed } = await countOwed(path, state, {
      abandonedMs: run.options.abandonedMs,
      isLeftOut: async (turn) => (await routeOfTurn(run, turn, route)) === undefined,
    });
    turns += owed;
    if (owed > 0) withTurns++;
  }
  if (json) {
    io.stdout.write(
      `${JSON.stringify({ dryRun: true, turns, threads: withTurns, alreadyThere, untraced }, null, 2)}\n`,
    );
  } else {
    const aside = untraced > 0 ? `; ${plural(untraced, 'thread')} in folders that are not traced` : '';
    io.stdout.write(
      `sync --dry-run: ${turns} to send, of ${plural(withTurns, 'thread')}; ${alreadyThere} already there${aside}\n`,
    );
  }
  return 0;
}
