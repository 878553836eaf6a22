import { readTurns } from '../codex/read-turns.js';
import { locateAnnounced } from './locate-announced.js';
import type { Mail } from './store/inbox.js';
import { noteAnnounced, owedTurn } from './store/state-moves.js';
import type { OwedTurn, ThreadState } from './store/thread-state.js';

/** A thread's state at the beginning of a pass. */
export interface Beginning {
  readonly state: ThreadState;
  /** Announcements that the state now holds. */
  readonly taken: readonly Mail[];
}

/** The state with the announced turns in it, made where there was none. */
export async function beginState(
  path: string,
  threadId: string,
  known: ThreadState | undefined,
  mail: readonly Mail[],
  cwd: string,
  whole: boolean,
): Promise<Beginning | undefined> {
  const located = [];
  for (const { file, announcement } of mail) {
    const found = await locateAnnounced(path, announcement, known);
    if (found) located.push({ file, announcement, ...found });
  }
  const wanted = located.filter(({ announcement }) => !announcement.leaveOut);
  const first = wanted.length > 0 ? wanted.reduce((a, b) => (a.start <= b.start ? a : b)) : undefined;
  if (!known && !first && !whole) return undefined;
  let state: ThreadState = known ?? {
    version: 1,
    threadId,
    origin: whole ? 0 : (first?.start ?? 0),
    cursor: whole ? 0 : (first?.start ?? 0),
    ...(whole || first?.totalBefore === undefined ? {} : { total: first.totalBefore }),
    sent: 0,
    early: [],
    owed: [],
    setAside: [],
    announced: [],
  };
  state = { ...state, cwd };
  if (whole && state.origin > 0) state = await includePast(path, state);
  for (const { start, totalBefore, announcement } of located) {
    state = noteAnnounced(state, {
      start,
      ...announcement,
      ...(totalBefore === undefined ? {} : { total: totalBefore }),
    });
  }
  return { state, taken: located };
}

/** Makes the turns before the origin owed. */
async function includePast(path: string, state: ThreadState): Promise<ThreadState> {
  const owed: OwedTurn[] = [];
  for await (const { segment } of readTurns(path)) {
    if (segment.startOffset >= state.origin) break;
    const known =
      state.early.includes(segment.startOffset) ||
      [...state.owed, ...state.setAside].some((turn) => turn.start === segment.startOffset);
    if (!known) owed.push(owedTurn(segment));
  }
  return { ...state, origin: 0, early: [], owed: [...owed, ...state.owed] };
}
