import { listRollouts } from '../codex/find-rollout.js';
import { readFirstLine } from '../codex/read-turns.js';
import { compact } from '../platform/json.js';
import { threadsWithAnnouncements } from './store/inbox.js';
import { knownThreads } from './store/state-file.js';

/** A thread of the user's that no hook was ever told of. */
export interface UnknownThread {
  readonly threadId: string;
  /** When its recording was last written to, in ms since the epoch. */
  readonly modifiedMs: number;
  /** The folder Codex was started in. */
  readonly cwd?: string;
}

/**
 * Threads were written to so short a time ago that `sync` sends them without being asked for them by
 * name, and `status` names them: long enough for a job that ran over a weekend.
 */
export const YOUNG_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * The threads of the user's that were written to since a time and that no hook was ever told of, newest
 * first: Codex as the first process of a container kills its hook, and a hook that is not found is not
 * called. Threads that Codex started for another one (subagents, reviewers) belong to that one.
 * @param maxFiles so many recordings are looked at, by default all
 */
export async function findUnknownThreads(
  codexHome: string,
  stateDir: string,
  sinceMs: number,
  maxFiles = Number.POSITIVE_INFINITY,
): Promise<UnknownThread[]> {
  const known = new Set([...knownThreads(stateDir), ...threadsWithAnnouncements(stateDir)]);
  const found = new Map<string, UnknownThread>();
  let looked = 0;
  for await (const { key, threadId, path, modifiedMs } of listRollouts(codexHome)) {
    if (++looked > maxFiles) break;
    if (modifiedMs < sinceMs || known.has(threadId) || known.has(key)) continue;
    const before = found.get(threadId);
    if (before && before.modifiedMs >= modifiedMs) continue;
    const meta = await readFirstLine(path).catch(() => undefined);
    if (meta?.parentThreadId !== undefined || meta?.subagent !== undefined) continue;
    found.set(threadId, compact({ threadId, modifiedMs, cwd: meta?.cwd }));
  }
  return [...found.values()];
}
