import { listRollouts } from '../../codex/find-rollout.js';
import { namedRecording } from '../../codex/named-recording.js';
import type { DeliveryRun } from '../../delivery/delivery-run.js';
import { threadsWithAnnouncements } from '../../delivery/store/inbox.js';
import { knownThreads } from '../../delivery/store/state-file.js';

/** A thread that `sync` is to look at. */
export interface ChosenThread {
  readonly threadId: string;
  /** All its turns, not only those since we know it. */
  readonly whole: boolean;
  readonly path?: string;
  /** The folder whose config counts, where nothing else says. */
  readonly cwd?: string;
}

export interface Choice {
  /** Thread ids or paths. */
  readonly named: readonly string[];
  readonly cwd: string;
  readonly all: boolean;
  /** Recordings written to since then. */
  readonly sinceMs?: number;
}

/** The threads a call of `sync` is about, oldest first, so that traces appear in their order. */
export async function chooseThreads(run: DeliveryRun, choice: Choice): Promise<ChosenThread[]> {
  const { codexHome, stateDir } = run.options;
  if (choice.named.length > 0) {
    const recordings = await Promise.all(
      choice.named.map((name) => namedRecording(name, codexHome, choice.cwd)),
    );
    return recordings.map((recording) => ({ ...recording, whole: true }));
  }
  if (!choice.all && choice.sinceMs === undefined) {
    const known = new Set([...threadsWithAnnouncements(stateDir), ...knownThreads(stateDir)]);
    return [...known].sort().map((threadId) => ({ threadId, whole: false }));
  }
  const threads: ChosenThread[] = [];
  for await (const file of listRollouts(codexHome)) {
    if (file.modifiedMs >= (choice.sinceMs ?? 0))
      threads.push({ threadId: file.threadId, whole: true, path: file.path });
  }
  return threads.reverse();
}
