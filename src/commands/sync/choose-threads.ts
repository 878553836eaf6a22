import { namedRecording } from '../../codex/named-recording.js';
import { listRollouts, type Recording } from '../../codex/recordings/find-rollout.js';
import { findUnknownThreads, type UnknownThread, YOUNG_MS } from '../../delivery/overview/unknown-threads.js';
import type { DeliveryRun } from '../../delivery/run/delivery-run.js';
import { threadsWithAnnouncements } from '../../delivery/store/inbox.js';
import { knownThreads, loadThreadState } from '../../delivery/store/state-file.js';
import { compact } from '../../platform/json.js';

/** A thread that `sync` is to look at. */
export interface ChosenThread {
  readonly threadId: string;
  /** All its turns, not only those since we know it. */
  readonly whole: boolean;
  /** Files of it that may lie anywhere. */
  readonly recordings?: readonly Recording[];
  /** The folder whose config counts, where nothing else says. */
  readonly cwd?: string;
}

export interface Choice {
  /** Thread ids, beginnings of them, or paths. */
  readonly named: readonly string[];
  readonly cwd: string;
  readonly all: boolean;
  /** Recordings written to since then. */
  readonly sinceMs?: number;
}

/**
 * The threads a call of `sync` is about, oldest first, so that traces appear in their order. Without
 * anything asked for, these are the known ones, and young ones that no hook was ever told of.
 */
export async function chooseThreads(run: DeliveryRun, choice: Choice): Promise<ChosenThread[]> {
  const { codexHome, stateDir } = run.options;
  if (choice.named.length > 0) {
    const threads = await Promise.all(
      choice.named.map((name) => namedRecording(name, codexHome, choice.cwd)),
    );
    return threads.map(({ threadId, recordings }) => ({ threadId, recordings, whole: true }));
  }
  if (!choice.all && choice.sinceMs === undefined) {
    const known = new Set([...threadsWithAnnouncements(stateDir), ...knownThreads(stateDir)]);
    const unknown = await findUnknownThreads(codexHome, stateDir, Date.now() - YOUNG_MS);
    return [
      ...[...known].map((threadId) => ({ threadId, whole: false })),
      ...unknown.flatMap((thread) => wholeThread(thread, stateDir)),
    ].sort((a, b) => (a.threadId < b.threadId ? -1 : 1));
  }
  const threads = new Set<string>();
  for await (const { threadId, modifiedMs } of listRollouts(codexHome))
    if (modifiedMs >= (choice.sinceMs ?? 0)) threads.add(threadId);
  return [...threads].reverse().map((threadId) => ({ threadId, whole: true }));
}

/** A child of a thread that is known goes where that one goes; of any other, it comes with its parent. */
function wholeThread({ threadId, parentThreadId }: UnknownThread, stateDir: string): ChosenThread[] {
  if (parentThreadId === undefined) return [{ threadId, whole: true }];
  const parent = loadThreadState(stateDir, parentThreadId);
  return parent.kind === 'state' ? [compact({ threadId, whole: true, cwd: parent.state.cwd })] : [];
}
