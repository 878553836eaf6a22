import { findRollout } from '../codex/find-rollout.js';
import { readFirstLine } from '../codex/read-turns.js';
import { beginState } from './begin-state.js';
import type { DeliveryRun } from './delivery-run.js';
import { dropAnnouncement, readAnnouncements } from './inbox.js';
import { rebuildState } from './rebuild-state.js';
import { tryLock } from './thread-lock.js';
import { ThreadPass, type ThreadResult } from './thread-pass.js';
import { loadThreadState, type ThreadState } from './thread-state.js';

const NOTHING: Omit<ThreadResult, 'kind'> = { sent: 0, refused: 0, agents: [] };

export interface ThreadOptions {
  /** The turns before the first announced one as well (`sync`, subagents). */
  readonly whole?: boolean;
  /** The folder whose config counts, where no announcement or state says; by default the recording's own. */
  readonly cwd?: string;
  /** The recording, where it does not lie in Codex's home. */
  readonly path?: string;
}

/**
 * Sends what one thread owes, oldest first: announced turns, turns whose end nobody announced, and
 * those a server did not take before. A thread nobody knows yet begins with its announced turn.
 */
export async function workThread(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions = {},
): Promise<ThreadResult> {
  const lock = await tryLock(run.options.stateDir, threadId).catch(() => {
    // No socket is to be had here at all: a turn that might be sent twice beats one that never is.
    return { release: async () => {} };
  });
  if (!lock) return { kind: 'busy', ...NOTHING };
  try {
    return await work(run, threadId, options);
  } finally {
    await lock.release();
  }
}

async function work(run: DeliveryRun, threadId: string, options: ThreadOptions): Promise<ThreadResult> {
  const { codexHome, stateDir } = run.options;
  const path = options.path ?? (await findRollout(codexHome, threadId));
  if (!path) return { kind: 'no recording', ...NOTHING };
  const mail = readAnnouncements(stateDir, threadId);
  const loaded = loadThreadState(stateDir, threadId);
  if (loaded.kind === 'none' && mail.length === 0 && !options.whole) return { kind: 'unknown', ...NOTHING };
  let known: ThreadState | undefined;
  if (loaded.kind === 'state') known = loaded.state;
  if (loaded.kind === 'unreadable') known = await rebuildState(stateDir, threadId, path);

  const cwd =
    mail.at(-1)?.announcement.cwd ?? known?.cwd ?? options.cwd ?? (await readCwd(path)) ?? codexHome;
  const route = await run.route(cwd);
  // Not traced (any more): nothing is noted down, and what was owed stays so.
  if (route.kind === 'none' && route.outcome !== 'problem') return { kind: 'done', ...NOTHING, route };
  const start = await beginState(path, threadId, known, mail, cwd, options.whole === true);
  if (!start) return { kind: 'unknown', ...NOTHING, route };
  const pass = new ThreadPass(run, path, start.state);
  if (!pass.save()) return { kind: 'not saved', ...NOTHING, route };
  for (const { file } of start.taken) dropAnnouncement(file);
  if (route.kind === 'none') {
    pass.wait({ reason: route.detail, blocked: true });
  } else {
    await pass.send(route);
  }
  return pass.result(route);
}

/** The folder a thread began in, by its recording. */
async function readCwd(path: string): Promise<string | undefined> {
  return (await readFirstLine(path))?.cwd;
}
