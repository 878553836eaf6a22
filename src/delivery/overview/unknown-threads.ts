import { isParentless } from '../../codex/family/own-helpers.js';
import { readFirstLine } from '../../codex/reading/read-turns.js';
import { listRollouts } from '../../codex/recordings/find-rollout.js';
import { compact } from '../../platform/json.js';
import { threadsWithAnnouncements } from '../store/inbox.js';
import { readLog } from '../store/journal.js';
import { knownThreads } from '../store/state-file.js';

/** A thread that no hook was ever told of. */
export interface UnknownThread {
  readonly threadId: string;
  /** When its recording was last written to, in ms since the epoch. */
  readonly modifiedMs: number;
  /** The folder Codex was started in. */
  readonly cwd?: string;
  /** The thread it belongs to, where Codex started it for another one. */
  readonly parentThreadId?: string;
}

/**
 * Threads were written to so short a time ago that `sync` sends them without being asked for them by
 * name, and `status` names them: long enough for a job that ran over a weekend.
 */
export const YOUNG_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * The threads that were written to since a time and that no hook was ever told of, newest first: Codex as
 * the first process of a container kills its hook, and a hook that is not found is not called. Those that
 * Codex started for itself and for no other thread are none of the user's, and left out.
 * @param maxFiles so many recordings are looked at, by default all
 */
export async function findUnknownThreads(
  codexHome: string,
  stateDir: string,
  sinceMs: number,
  maxFiles = Number.POSITIVE_INFINITY,
): Promise<UnknownThread[]> {
  const known = new Set([
    ...knownThreads(stateDir),
    ...threadsWithAnnouncements(stateDir),
    ...leftOutThreads(stateDir),
  ]);
  const found = new Map<string, UnknownThread>();
  let looked = 0;
  for await (const { key, threadId, path, modifiedMs } of listRollouts(codexHome)) {
    if (++looked > maxFiles) break;
    if (modifiedMs < sinceMs || known.has(threadId) || known.has(key)) continue;
    const before = found.get(threadId);
    if (before && before.modifiedMs >= modifiedMs) continue;
    const meta = await readFirstLine(path).catch(() => undefined);
    if (isParentless(meta)) continue;
    const { cwd, parentThreadId } = meta ?? {};
    found.set(threadId, compact({ threadId, modifiedMs, cwd, parentThreadId }));
  }
  return [...found.values()];
}

/**
 * Threads with a turn that was had while tracing was switched off, or in a folder that `exclude` named. Of a thread
 * without a state the log alone remembers that; whoever has said so need not say it again to `sync`. A folder that was
 * not traced for want of a config is another matter: a job may name its server to `sync` alone.
 */
function leftOutThreads(stateDir: string): string[] {
  return readLog(stateDir).flatMap(({ outcome, detail, thread }) => {
    const isRefused = outcome === 'disabled' || (outcome === 'untraced' && detail === 'excluded');
    return isRefused && thread !== undefined ? [thread] : [];
  });
}
