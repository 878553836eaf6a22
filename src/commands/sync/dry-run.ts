import type { CommandIo } from '../../cli/io.js';
import { findRollout } from '../../codex/find-rollout.js';
import { readFirstLine, readTurns } from '../../codex/read-turns.js';
import { countOwed } from '../../delivery/count-turns.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { loadThreadState, type ThreadState } from '../../delivery/thread-state.js';
import type { ChosenThread } from './choose-threads.js';
import { plural } from './sync-counts.js';

/** Says what `sync` would send, and sends nothing. */
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
    const path = thread.path ?? (await findRollout(run.options.codexHome, thread.threadId));
    if (!path) continue;
    const loaded = loadThreadState(run.options.stateDir, thread.threadId);
    const state = loaded.kind === 'state' ? loaded.state : undefined;
    const route = await run.route(state?.cwd ?? (await readFirstLine(path))?.cwd ?? run.options.codexHome);
    if (route.kind === 'none' && route.outcome !== 'problem') {
      untraced++;
      continue;
    }
    alreadyThere += state?.sent ?? 0;
    const { owed } = await countOwed(path, state);
    const past = thread.whole && state ? await countPast(path, state) : 0;
    turns += owed + past;
    if (owed + past > 0) withTurns++;
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

/** Turns from before we knew the thread. */
async function countPast(path: string, state: ThreadState): Promise<number> {
  if (state.origin === 0) return 0;
  let count = 0;
  for await (const { segment } of readTurns(path)) {
    if (segment.startOffset >= state.origin) break;
    const known =
      state.early.includes(segment.startOffset) ||
      state.owed.some((turn) => turn.start === segment.startOffset);
    if (!known) count++;
  }
  return count;
}
