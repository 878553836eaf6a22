import type { LocatedItem, LocatedTurn, ThreadRecording } from '../recording/recording-port.js';
import type { Mail } from '../store/inbox.js';
import { enqueueLateItem, enqueueTurn } from '../store/settle-turn.js';
import { isBefore, newState, type ThreadState } from '../store/thread-state.js';

/** A thread's state at the beginning of a pass. */
export interface Beginning {
  readonly state: ThreadState;
  /** The announcements that the state now holds, by their files, and where their turns begin. */
  readonly located: ReadonlyMap<string, LocatedTurn>;
}

/**
 * The state with the announced turns in it, made where there was none: then it begins with the first of
 * them, or with the whole thread.
 * @returns undefined where nothing announced is in the recording, and nothing else asks for the thread
 */
export async function beginState(
  recording: ThreadRecording,
  known: ThreadState | undefined,
  mail: readonly Mail[],
  options: { readonly cwd: string; readonly place: string; readonly whole: boolean },
): Promise<Beginning | undefined> {
  const located = new Map<string, LocatedTurn>();
  for (const { file, announcement } of mail) {
    const found = await recording.locate(announcement, known);
    if (found) located.set(file, found);
  }
  const begun = known ?? beginning(recording, mail, located, options.whole);
  if (!begun) return undefined;
  let state: ThreadState = { ...begun, cwd: options.cwd, place: options.place };
  if (options.whole) state = await includePast(recording, state);
  for (const { file, announcement } of mail) {
    const at = located.get(file);
    const { turnId, client, run, leaveOut } = announcement;
    if (at) state = enqueueTurn(state, { ...at, turnId, client, run }, leaveOut ? 'skipped' : 'enqueued');
  }
  return { state, located };
}

function beginning(
  { threadId, files }: ThreadRecording,
  mail: readonly Mail[],
  located: ReadonlyMap<string, LocatedTurn>,
  whole: boolean,
): ThreadState | undefined {
  if (whole) return newState(threadId, { file: files[0] ?? threadId, start: 0 });
  const wanted = mail.flatMap(({ file, announcement }) =>
    announcement.leaveOut ? [] : (located.get(file) ?? []),
  );
  if (wanted.length === 0) return undefined;
  const { file, start, total } = wanted.reduce((a, b) => (isBefore(threadId, b, a) ? b : a));
  return newState(threadId, { file, start }, total);
}

/** Makes the turns before the origin wanted as well: those of its own file one by one, earlier files as they are. */
async function includePast(recording: ThreadRecording, state: ThreadState): Promise<ThreadState> {
  const first = { file: recording.files[0] ?? state.threadId, start: 0 };
  const { origin } = state;
  if (!isBefore(state.threadId, first, origin)) return state;
  let result = state;
  const late: LocatedItem[] = [];
  const cursorIn = (file: string) => (file === origin.file ? { cursor: 0 } : undefined);
  for await (const turn of recording.turns(cursorIn, (item) => late.push(item))) {
    if (turn.start >= origin.start) break;
    result = enqueueTurn(result, turn);
  }
  // From the new origin on, and before its file's cursor, "delivered" is what no entry means.
  const turns = result.turns.filter((turn) => turn.file !== origin.file || turn.status !== 'delivered');
  const whole: ThreadState = { ...result, origin: first, turns };
  return late.filter(({ start }) => start < origin.start).reduce(enqueueLateItem, whole);
}
