import { statSync } from 'node:fs';
import path from 'node:path';
import { compact } from '../../platform/json.js';
import { uuidTimeMs } from '../../platform/uuid-time.js';
import type { SessionMeta } from '../lines/rollout-event.js';
import { readFirstLine } from '../reading/read-turns.js';
import { foldersOfThread, namesIn } from '../recordings/recording-folders.js';
import { parseRecordingName } from '../recordings/recording-name.js';

/** A thread whose recording names another one as its parent. */
export interface ChildThread {
  readonly threadId: string;
  /** What it is: `guardian`, `compact`, `thread_spawn`, …, as recorded. */
  readonly kind?: string;
}

/** File times have less than a millisecond or a whole second of sharpness, and clocks are set back. */
const SLACK_MS = 60_000;

/**
 * The threads that name a thread as their parent, in the order they were begun. It is the only way to
 * those that Codex starts for itself: it announces none of them, and their parent's recording does not
 * tell of them (Codex 0.140 to 0.171). Looks at the times of the files that may be younger than the
 * parent, and into the first line of those that were written since.
 * @param sinceMs recordings that were last written before it are passed over: the start of the turn
 *   whose children are looked for, in ms since the epoch; 0 for all
 * @param untilMs threads that were begun after it are passed over, so that an old turn's children cost no
 *   look at all that came later
 */
export async function findChildThreads(
  codexHome: string,
  parentThreadId: string,
  sinceMs: number,
  untilMs = Date.now(),
): Promise<ChildThread[]> {
  const found = new Map<string, ChildThread>();
  for (const folder of foldersOfThread(codexHome, parentThreadId, untilMs)) {
    for (const name of namesIn(folder).sort()) {
      const threadId = parseRecordingName(name)?.threadId;
      if (threadId === undefined || found.has(threadId)) continue;
      if (!mayBeChild(threadId, parentThreadId, untilMs)) continue;
      const meta = await readYoung(path.join(folder, name), sinceMs);
      if (meta?.parentThreadId === parentThreadId)
        found.set(threadId, compact({ threadId, kind: meta.subagent }));
    }
  }
  return [...found.values()].sort((a, b) => (a.threadId < b.threadId ? -1 : 1));
}

/** A child is younger than its parent: ids hold the time they were made. */
function mayBeChild(threadId: string, parentThreadId: string, untilMs: number): boolean {
  if (threadId === parentThreadId) return false;
  const begunMs = uuidTimeMs(threadId);
  if (begunMs === undefined) return true;
  return begunMs >= (uuidTimeMs(parentThreadId) ?? 0) - SLACK_MS && begunMs <= untilMs + SLACK_MS;
}

/** What a first line says of the thread's origin. */
type Origin = Pick<SessionMeta, 'parentThreadId' | 'subagent'>;

/** First lines never change: a process that asks for the children of many turns reads each of them once. */
const origins = new Map<string, Origin>();

/** The first line of a recording, if that was written to since a time; a file that cannot be read is none. */
async function readYoung(file: string, sinceMs: number): Promise<Origin | undefined> {
  try {
    const { mtimeMs } = statSync(file);
    if (mtimeMs < sinceMs - SLACK_MS) return undefined;
    const known = origins.get(file);
    if (known !== undefined) return known;
    const meta = await readFirstLine(file);
    if (meta === undefined) return undefined;
    const { parentThreadId, subagent } = meta;
    origins.set(file, compact({ parentThreadId, subagent }));
    return origins.get(file);
  } catch {
    return undefined;
  }
}
