import type { TurnSegment } from '../../codex/segments/split-turns.js';
import type { OwedTurn, SetAsideTurn, ThreadState } from './thread-state.js';

/** Why a turn is given up, for the user. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** A turn that was read, as far as the state needs it. */
export interface ReadTurn {
  readonly segment: Pick<TurnSegment, 'startOffset' | 'endOffset' | 'turnId' | 'previousTotal'>;
  readonly totalAfter?: number;
}

/** A turn that is owed by itself, apart from the cursor. */
export function owedTurn({ startOffset, turnId, previousTotal }: ReadTurn['segment']): OwedTurn {
  return {
    start: startOffset,
    refusals: 0,
    failures: 0,
    ...(turnId === undefined ? {} : { turnId }),
    ...(previousTotal === undefined ? {} : { total: previousTotal }),
  };
}

/** An announced turn: kept with its client from the cursor on, owed by itself where it lies before all we know. */
export function noteAnnounced(
  state: ThreadState,
  turn: { start: number; turnId?: string; client?: string; total?: number; leaveOut?: boolean },
): ThreadState {
  const { start, turnId, client, total, leaveOut } = turn;
  const who = client === undefined ? {} : { client };
  if (start >= state.cursor) {
    if (state.announced.some((known) => known.start === start)) return state;
    return {
      ...state,
      announced: [...state.announced, { start, ...who, ...(leaveOut ? { leaveOut } : {}) }],
    };
  }
  if (leaveOut) return { ...state, owed: state.owed.filter((known) => known.start !== start) };
  // From the origin on everything is sent or owed already; before it, only what was announced is.
  const settled =
    start >= state.origin ||
    state.early.includes(start) ||
    [...state.owed, ...state.setAside].some((known) => known.start === start);
  if (settled) return state;
  const owed: OwedTurn = {
    start,
    refusals: 0,
    failures: 0,
    ...(turnId === undefined ? {} : { turnId }),
    ...(total === undefined ? {} : { total }),
    ...who,
  };
  return { ...state, owed: [...state.owed, owed] };
}

/** A server has the turn. */
export function markSent(state: ThreadState, turn: ReadTurn): ThreadState {
  const { startOffset } = turn.segment;
  const settled = settle({ ...state, sent: state.sent + 1 }, turn);
  return startOffset < state.origin ? { ...settled, early: [...settled.early, startOffset] } : settled;
}

/** No server will have the turn, or it is gone from the recording. */
export function markSetAside(state: ThreadState, turn: ReadTurn, why: Refusal, at: string): ThreadState {
  const { startOffset, turnId } = turn.segment;
  const aside: SetAsideTurn = { start: startOffset, at, ...why, ...(turnId === undefined ? {} : { turnId }) };
  return { ...settle(state, turn), setAside: [...state.setAside, aside] };
}

/** The turn was had where nothing is traced: it is passed by. */
export function markLeftOut(state: ThreadState, turn: ReadTurn): ThreadState {
  return settle(state, turn);
}

/** The server was there and did not take the turn: it is owed by itself from now on, so that it can step back for others. */
export function markPostponed(
  state: ThreadState,
  turn: ReadTurn,
  counts: { refusals: number; failures: number; client?: string },
): ThreadState {
  const { client, refusals, failures } = counts;
  const owed: OwedTurn = {
    ...owedTurn(turn.segment),
    refusals,
    failures,
    ...(client === undefined ? {} : { client }),
  };
  const rest = settle(state, turn);
  return { ...rest, owed: [...rest.owed, owed] };
}

/** Takes a turn off what is to be done: off the owed ones, or by moving the cursor behind it. */
function settle(state: ThreadState, { segment, totalAfter }: ReadTurn): ThreadState {
  const { waiting: _, ...rest } = state;
  if (segment.startOffset < state.cursor) {
    return { ...rest, owed: state.owed.filter((turn) => turn.start !== segment.startOffset) };
  }
  return {
    ...rest,
    cursor: segment.endOffset,
    ...(totalAfter === undefined ? {} : { total: totalAfter }),
    announced: state.announced.filter((turn) => turn.start >= segment.endOffset),
  };
}
