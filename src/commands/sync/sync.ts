import { JoinedDelivery } from '../../delivery/pass/joined-delivery.js';
import { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { runPlaces } from '../../delivery/run/run-places.js';
import type { TurnReport } from '../../delivery/run/turn-report.js';
import { appendTurn } from '../../delivery/store/journal.js';
import { hasLiveRecords } from '../../delivery/store/live-records.js';
import { compact } from '../../platform/json.js';
import { UsageError } from '../../platform/problems/usage-error.js';
import { keepHeapLean } from '../../platform/process/lean-heap.js';
import { readRunContext } from '../../settings/run-context.js';
import type { CommandIo } from '../../terminal/io.js';
import { parseOptions } from '../../terminal/options.js';
import { type ChosenThread, chooseThreads } from './choose-threads.js';
import { countThreads } from './dry-run.js';
import { openProgress, type Progress } from './progress.js';
import { parseSince } from './since.js';
import { addCounts, type SyncCounts, summaryLine, ZERO_COUNTS } from './sync-counts.js';
import { SYNC_OPTIONS } from './sync-options.js';
import { syncThread } from './sync-thread.js';
import { findObstructions, type Obstruction } from './unusable-files.js';

/** For one request: nobody's turn waits for this one. */
const REQUEST_MS = 30_000;
/** Whoever calls it has ended the sessions that are to be sent: a short silence is enough. */
const ABANDONED_MS = 5000;

/**
 * Sends everything pending and waits for it; with threads, files, `--since` or `--all` past sessions as
 * well, whole. What a server has once accepted is not sent again, so it is safe to repeat.
 * @returns 0; 1 where anything is still pending, was given up in this run, or could not be looked at;
 * 130 after Ctrl-C
 */
export async function runSync(argv: string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions(argv, SYNC_OPTIONS, { allowPositionals: true });
  keepHeapLean();
  if (values.all && values.since !== undefined) throw new UsageError('--all and --since exclude each other');
  const stop = new AbortController();
  const tally = { reduced: 0 };
  const progress = openProgress(io, values.json);
  const run = openRun(io, stop.signal, (report) => {
    if (report.isReduced) tally.reduced++;
    if (report.outcome === 'sent') progress.sent();
  });
  const { codexHome, stateDir } = run.options;
  const interrupt = () => {
    stop.abort();
    io.stderr.write('\nstopping after the turn that is under way (Ctrl-C again: at once)\n');
  };
  process.once('SIGINT', interrupt);
  try {
    const unusable = findObstructions(codexHome, stateDir);
    const choice = compact({
      named: positionals,
      cwd: io.cwd,
      all: values.all,
      sinceMs: values.since === undefined ? undefined : parseSince(values.since, Date.now()),
    });
    if (!values['dry-run']) await announceShown(stateDir);
    const threads = await chooseThreads(run, choice);
    if (values['dry-run']) {
      const code = await countThreads(run, threads, io, values.json);
      io.stderr.write(unusable.map(inWords).join(''));
      return Math.max(code, unusable.length > 0 ? 1 : 0);
    }
    const synced = await syncAll(run, threads, progress);
    if (hasLiveRecords(stateDir)) await (await afterLive()).repeatWholeTurns(run);
    progress.end();
    const counts = { ...synced.counts, reduced: tally.reduced };
    const files = [...unusable, ...synced.files];
    const stopped = stop.signal.aborted ? { notLookedAt: synced.notLookedAt } : undefined;
    if (values.json)
      io.stdout.write(
        `${JSON.stringify({ ...counts, stopped, threads: synced.threads, unusable: files }, null, 2)}\n`,
      );
    else io.stdout.write(`${summaryLine(counts, synced.threads, stopped)}\n`);
    io.stderr.write(files.map(inWords).join(''));
    if (stop.signal.aborted) return 130;
    return counts.pending + counts.givenUpNow + files.length > 0 ? 1 : 0;
  } finally {
    progress.end();
    process.removeListener('SIGINT', interrupt);
    run.close();
  }
}

/** Turns that were shown live are known to nobody else, where their hook and their watcher were killed. */
async function announceShown(stateDir: string): Promise<void> {
  if (hasLiveRecords(stateDir)) (await afterLive()).announceLiveTurns(stateDir, Date.now(), 0);
}

const afterLive = () => import('../../delivery/live/after-live.js');

function openRun(io: CommandIo, signal: AbortSignal, onTurn: (report: TurnReport) => void): DeliveryRun {
  const places = runPlaces(io.env, io.homeDir);
  return new DeliveryRun({
    ...places,
    deadlineMs: Number.POSITIVE_INFINITY,
    requestTimeoutMs: REQUEST_MS,
    abandonedMs: ABANDONED_MS,
    anyPlace: true,
    signal,
    // The caller of a sync is not that of the turns it sends.
    runContext: readRunContext({ MLFLOW_CODEX_TAGS: io.env['MLFLOW_CODEX_TAGS'] }, undefined),
    deliveryOf: (run, state) => new JoinedDelivery(run, state),
    onTurn: (report) => {
      onTurn(report);
      appendTurn(places.stateDir, report, 'sync');
    },
  });
}

/** Threads, one after the other, and those they lead to; the files that stood in the way; how many threads are left. */
async function syncAll(
  run: DeliveryRun,
  chosen: readonly ChosenThread[],
  progress: Progress,
): Promise<{ counts: SyncCounts; threads: ThreadLine[]; files: Obstruction[]; notLookedAt: number }> {
  let counts: SyncCounts = ZERO_COUNTS;
  const threads: ThreadLine[] = [];
  const files: Obstruction[] = [];
  const todo = [...chosen];
  const seen = new Set(todo.map(({ threadId }) => threadId));
  progress.step(0, todo.length);
  for (const thread of todo) {
    if (run.options.signal?.aborted) break;
    const outcome = await syncThread(run, thread);
    counts = addCounts(counts, outcome.counts);
    if (outcome.unusable) files.push(outcome.unusable);
    for (const next of outcome.next) {
      if (seen.has(next.threadId)) continue;
      seen.add(next.threadId);
      todo.push(next);
    }
    threads.push(compact({ thread: thread.threadId, ...outcome.counts, why: outcome.why }));
    progress.step(threads.length, todo.length);
  }
  return { counts, threads, files, notLookedAt: todo.length - threads.length };
}

/** One thread in `--json`. */
type ThreadLine = SyncCounts & { readonly thread: string; readonly why?: string };

function inWords({ file, reason, remedy }: Obstruction): string {
  return `${file}: ${reason}\n  ${remedy}\n`;
}
