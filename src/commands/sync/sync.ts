import { DeliveryRun } from '../../delivery/delivery-run.js';
import { appendTurn } from '../../delivery/store/journal.js';
import { currentUser } from '../../platform/current-user.js';
import { codexHome, stateDir } from '../../platform/folders.js';
import { UsageError } from '../../platform/usage-error.js';
import type { CommandIo } from '../../terminal/io.js';
import { parseOptions } from '../../terminal/options.js';
import { chooseThreads } from './choose-threads.js';
import { countThreads } from './dry-run.js';
import { openProgress } from './progress.js';
import { parseSince } from './since.js';
import { addCounts, type SyncCounts, summaryLine, ZERO_COUNTS } from './sync-counts.js';
import { SYNC_OPTIONS } from './sync-options.js';
import { syncThread } from './sync-thread.js';

/** For one request: nobody's turn waits for this one. */
const REQUEST_MS = 30_000;
/** Whoever calls it has ended the sessions that are to be sent: a short silence is enough. */
const ABANDONED_MS = 5000;

/**
 * Sends everything owed and waits for it; with threads, files, `--since` or `--all` past sessions as
 * well, whole. What a server has once accepted is not sent again, so it is safe to repeat.
 * @returns 0; 1 where anything is still owed, or was refused in this run; 130 after Ctrl-C
 */
export async function runSync(argv: string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions(argv, SYNC_OPTIONS, { allowPositionals: true });
  if (values.all && values.since !== undefined) throw new UsageError('--all and --since exclude each other');
  const home = codexHome(io.env, io.homeDir);
  const state = stateDir(home);
  const stop = new AbortController();
  let reduced = 0;
  const run = new DeliveryRun({
    env: io.env,
    homeDir: io.homeDir,
    userName: currentUser(io.env),
    codexHome: home,
    stateDir: state,
    deadlineMs: Number.POSITIVE_INFINITY,
    requestTimeoutMs: REQUEST_MS,
    abandonedMs: ABANDONED_MS,
    signal: stop.signal,
    onTurn: (report) => {
      if (report.isReduced) reduced++;
      appendTurn(state, report, 'sync');
    },
  });
  const interrupt = () => {
    stop.abort();
    io.stderr.write('\nstopping after the turn that is under way (Ctrl-C again: at once)\n');
  };
  process.once('SIGINT', interrupt);
  const progress = openProgress(io, values.json);
  try {
    const threads = await chooseThreads(run, {
      named: positionals,
      cwd: io.cwd,
      all: values.all,
      ...(values.since === undefined ? {} : { sinceMs: parseSince(values.since, Date.now()) }),
    });
    if (values['dry-run']) return await countThreads(run, threads, io, values.json);
    let counts: SyncCounts = ZERO_COUNTS;
    const outcomes = [];
    const chosen = new Set(threads.map(({ threadId }) => threadId));
    for (const thread of threads) {
      if (stop.signal.aborted) break;
      const outcome = await syncThread(run, thread);
      counts = addCounts(counts, outcome.counts);
      for (const agent of outcome.agents) {
        if (chosen.has(agent.threadId)) continue;
        chosen.add(agent.threadId);
        threads.push(agent);
      }
      outcomes.push({
        thread: thread.threadId,
        ...outcome.counts,
        ...(outcome.why === undefined ? {} : { why: outcome.why }),
      });
      progress.step(outcomes.length, threads.length, counts);
    }
    progress.end();
    counts = { ...counts, reduced };
    if (values.json) io.stdout.write(`${JSON.stringify({ ...counts, threads: outcomes }, null, 2)}\n`);
    else io.stdout.write(`${summaryLine(counts, outcomes)}\n`);
    if (stop.signal.aborted) return 130;
    return counts.owed + counts.refused > 0 ? 1 : 0;
  } finally {
    progress.end();
    process.removeListener('SIGINT', interrupt);
    run.close();
  }
}
