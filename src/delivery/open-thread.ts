import { open } from 'node:fs/promises';
import { findRollout } from '../codex/find-rollout.js';
import { readFirstLine } from '../codex/read-turns.js';
import { isCompressed } from '../codex/recording-stream.js';
import { type Beginning, beginState } from './begin-state.js';
import type { DeliveryRun, Route } from './delivery-run.js';
import { type Mail, readAnnouncements } from './store/inbox.js';
import { rebuildState } from './store/recover-state.js';
import { loadThreadState } from './store/state-file.js';
import type { ThreadState } from './store/thread-state.js';

export interface ThreadOptions {
  /** The turns before the first announced one as well (`sync`, subagents). */
  readonly whole?: boolean;
  /** The folder whose config counts, where no announcement or state says; by default the recording's own. */
  readonly cwd?: string;
  /** The recording, where it does not lie in Codex's home. */
  readonly path?: string;
}

/** A thread as it is found, before anything is sent or written. */
export type OpenedThread =
  | { readonly kind: 'no recording'; readonly mail: readonly Mail[]; readonly known: ThreadState | undefined }
  /** Nobody has announced it, and it is not asked for. */
  | { readonly kind: 'unknown'; readonly mail: readonly Mail[]; readonly route?: Route }
  /** Its folder is not traced (any more). */
  | { readonly kind: 'closed'; readonly mail: readonly Mail[]; readonly route: Route & { kind: 'none' } }
  | (Beginning & {
      readonly kind: 'open';
      readonly path: string;
      readonly route: Route;
      readonly mail: readonly Mail[];
      /** The state as it is stored; undefined where there is none, or none that can be used. */
      readonly stored: ThreadState | undefined;
      /** There is a state that cannot be read. */
      readonly damaged: boolean;
    });

/** Finds a thread's recording, state and announcements, and where its turns go. Changes nothing. */
export async function openThread(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions,
): Promise<OpenedThread> {
  const { codexHome, stateDir } = run.options;
  const path = options.path ?? (await findRollout(codexHome, threadId));
  const mail = readAnnouncements(stateDir, threadId);
  const loaded = loadThreadState(stateDir, threadId);
  if (!path) return { kind: 'no recording', mail, known: loaded.kind === 'state' ? loaded.state : undefined };
  if (loaded.kind === 'none' && mail.length === 0 && !options.whole) return { kind: 'unknown', mail };
  const stored =
    loaded.kind === 'state' && (await isOf(path, loaded.state.cursor)) ? loaded.state : undefined;
  const known = stored ?? (loaded.kind === 'none' ? undefined : await rebuildState(stateDir, threadId, path));

  const announced = mail.findLast(({ announcement }) => !announcement.leaveOut)?.announcement.cwd;
  const cwd = announced ?? known?.cwd ?? options.cwd ?? (await readFirstLine(path))?.cwd ?? codexHome;
  const route = await run.route(cwd);
  if (route.kind === 'none' && route.outcome !== 'problem') return { kind: 'closed', mail, route };
  const beginning = await beginState(path, threadId, known, mail, cwd, options.whole === true);
  if (!beginning) return { kind: 'unknown', mail, route };
  return { kind: 'open', path, route, mail, stored, damaged: loaded.kind === 'unreadable', ...beginning };
}

/** Whether a recording can be the one a cursor was set in: it is long enough, and a line begins there. */
async function isOf(path: string, cursor: number): Promise<boolean> {
  if (cursor === 0 || isCompressed(path)) return true;
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, cursor - 1);
    return bytesRead === 1 && buffer[0] === 10;
  } finally {
    await file.close();
  }
}
