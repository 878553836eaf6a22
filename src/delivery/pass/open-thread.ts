import { type Recording, threadOfSegment } from '../../codex/recordings/find-rollout.js';
import { announcedRecording, CodexRecording } from '../recording/codex-recording.js';
import type { ThreadRecording } from '../recording/recording-port.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import type { ThreadOutcome } from '../run/thread-outcome.js';
import type { OpenRoute } from '../sending/route.js';
import { announcesTurn, type Mail, readAnnouncements } from '../store/inbox.js';
import { rebuildSent, rebuildState } from '../store/recover-state.js';
import { type LoadedState, threadFile } from '../store/state-file.js';
import { isPending, type ThreadState } from '../store/thread-state.js';
import { FileStore, type ThreadStore } from '../store/thread-store.js';
import { type Beginning, beginState } from './begin-state.js';

export interface ThreadOptions {
  /** The turns before the first announced one as well (`sync`, subagents). */
  readonly whole?: boolean;
  /** The folder whose config counts, where no announcement or state says; by default the recording's own. */
  readonly cwd?: string;
  /** Files of the recording that may lie outside of Codex's home. */
  readonly recordings?: readonly Recording[];
}

/** A thread to be drained, before anything is sent or written. */
export interface OpenThread extends Beginning {
  readonly kind: 'open';
  readonly recording: ThreadRecording;
  readonly store: ThreadStore;
  readonly route: OpenRoute;
  readonly mail: readonly Mail[];
  /** The state as it is stored; undefined where there is none, or none that can be used. */
  readonly stored: ThreadState | undefined;
  /** There is a state that is damaged. */
  readonly isDamaged: boolean;
}

/** A thread that is not to be drained, or cannot be, and its announcements. */
export interface ClosedThread {
  readonly kind: 'closed';
  readonly outcome: Exclude<ThreadOutcome, { kind: 'drained' | 'busy' }>;
  readonly mail: readonly Mail[];
}

/** What a thread is opened with where it is not Codex's recording and our folder that count. */
export interface ThreadPorts {
  readonly recording: ThreadRecording;
  readonly store: ThreadStore;
  readonly mail: readonly Mail[];
}

/**
 * Finds a thread's recording, state and announcements, and where its turns go. Changes nothing.
 * @param isOurs as of the lock that is held on the thread
 */
export async function openThread(
  run: DeliveryRun,
  threadId: string,
  options: ThreadOptions,
  isOurs?: () => boolean,
): Promise<OpenThread | ClosedThread> {
  const { codexHome, stateDir } = run.options;
  const mail = readAnnouncements(stateDir, threadId);
  const named = mail.flatMap(({ announcement }) => announcedRecording(announcement));
  const more = options.recordings?.length ? options.recordings : named;
  const { recording, hidden } = CodexRecording.find(codexHome, threadId, more);
  const store = new FileStore(stateDir, isOurs);
  if (recording) return openPorts(run, { recording, store, mail }, options);
  if (hidden) {
    const { file, code } = hidden;
    return closed({ kind: 'failed', reason: `the recording cannot be read (${code})`, file }, mail);
  }
  const thread = threadOfSegment(codexHome, threadId);
  if (thread !== undefined) return closed({ kind: 'segment', threadId: thread }, mail);
  const loaded = store.load(threadId, []);
  const stopped = stoppedBy(loaded, stateDir, threadId);
  if (stopped) return closed(stopped, mail);
  const state = loaded.kind === 'state' ? { state: loaded.state } : {};
  return closed({ kind: 'no recording', ...state }, mail);
}

/** The same, for a recording and a store of the caller's. */
export async function openPorts(
  run: DeliveryRun,
  { recording, store, mail }: ThreadPorts,
  options: ThreadOptions,
): Promise<OpenThread | ClosedThread> {
  const { codexHome, stateDir } = run.options;
  const { threadId } = recording;
  const whole = options.whole === true;
  const loaded = store.load(threadId, recording.files);
  const stopped = stoppedBy(loaded, stateDir, threadId);
  if (stopped) return closed(stopped, mail);
  if (loaded.kind === 'none' && mail.length === 0 && !whole) return closed({ kind: 'unannounced' }, mail);
  const fitting = loaded.kind === 'state' && (await recording.fits(loaded.state)) ? loaded.state : undefined;
  const rebuild = loaded.kind === 'none' ? rebuildSent : rebuildState;
  const known = fitting ?? (await rebuild(stateDir, recording));

  const announced = mail.findLast(({ announcement }) => !announcement.leaveOut)?.announcement;
  const cwd = announced?.cwd ?? known?.cwd ?? options.cwd ?? (await recording.firstLine())?.cwd ?? codexHome;
  // Before a server is asked for the id of an experiment, or for a new one.
  if (!run.options.anyPlace && !(await run.isPlaceOf(announced?.place ?? known?.place, cwd)))
    return closed({ kind: 'elsewhere', hasPending: hasPending(known, mail) }, mail);
  const route = await run.route(cwd);
  if (route.kind === 'skip') {
    const { outcome: why, detail: reason } = route;
    return closed({ kind: 'skipped', why, reason, hasPending: hasPending(known, mail) }, mail);
  }
  const place = await run.placeOf(cwd);
  const beginning = await beginState(recording, known, mail, { cwd, place, whole });
  if (!beginning) return closed({ kind: 'unannounced' }, mail);
  const stored = store.mustSave(threadId) ? undefined : fitting;
  const isDamaged = loaded.kind === 'damaged';
  return { kind: 'open', recording, store, route, mail, stored, isDamaged, ...beginning };
}

function hasPending(state: ThreadState | undefined, mail: readonly Mail[]): boolean {
  const isAnnounced = mail.some(({ announcement }) => announcesTurn(announcement));
  return isAnnounced || state?.waiting !== undefined || state?.turns.some(isPending) === true;
}

/** A state that may not be touched: nothing of its thread is sent, since nobody knows what was. */
function stoppedBy(
  loaded: LoadedState,
  stateDir: string,
  threadId: string,
): (ThreadOutcome & { kind: 'failed' }) | undefined {
  const file = threadFile(stateDir, threadId);
  if (loaded.kind === 'newer')
    return { kind: 'failed', reason: 'its state was written by a newer version of mlflow-codex', file };
  if (loaded.kind === 'unreadable')
    return { kind: 'failed', reason: `its state cannot be read (${loaded.code})`, file };
  return undefined;
}

function closed(outcome: ClosedThread['outcome'], mail: readonly Mail[]): ClosedThread {
  return { kind: 'closed', outcome, mail };
}
