import { compact } from '../../platform/json.js';
import type { RunContext } from '../../settings/run-context.js';
import {
  cursorOf,
  findTurn,
  isAhead,
  isBefore,
  isPending,
  type Position,
  statusOf,
  type ThreadState,
  type TurnEntry,
} from './thread-state.js';

/** Skipped turns that are remembered: a later announcement of one of them is not called sent. */
const MAX_SKIPPED = 200;

/** A turn that was read, as far as the state needs it. */
export interface ReadTurn extends Position {
  readonly end: number;
  readonly turnId?: string | undefined;
  /** The thread's running total of tokens before and after it. */
  readonly total?: number | undefined;
  readonly totalAfter?: number | undefined;
}

/** What became of a turn, and what is to be remembered with it. */
export type Settlement = Pick<TurnEntry, 'status'> &
  Partial<Pick<TurnEntry, 'refusals' | 'failures' | 'sentPart' | 'at' | 'httpStatus' | 'message'>>;

/**
 * Makes a turn one to be sent by itself, or to be passed by. One that is dealt with already stays as it
 * is. Who announced it is noted down whoever came first.
 */
export function enqueueTurn(
  state: ThreadState,
  turn: Position & {
    turnId?: string | undefined;
    client?: string | undefined;
    run?: RunContext | undefined;
    total?: number | undefined;
  },
  status: 'enqueued' | 'skipped' = 'enqueued',
): ThreadState {
  const { file, start, turnId, client, run, total } = turn;
  const known = findTurn(state, turn);
  if (known && !isPending(known)) return state;
  if (!known && !['past', 'ahead'].includes(statusOf(state, turn))) return state;
  // A turn of the past that nothing asks for needs no word either.
  if (!known && status === 'skipped' && !isAhead(state, turn)) return state;
  const entry = compact({
    ...known,
    file,
    start,
    status: status === 'skipped' ? status : (known?.status ?? status),
    turnId: known?.turnId ?? turnId,
    client: known?.client ?? client,
    run: known?.run ?? run,
    total: known?.total ?? total,
  });
  return { ...state, turns: [...without(state.turns, turn), entry] };
}

/**
 * Notes down what became of a turn: the one place where an entry changes and a cursor moves. A file's
 * cursor moves behind a turn that lies at or after it, also behind one that will be tried again.
 */
export function settleTurn(state: ThreadState, turn: ReadTurn, settlement: Settlement): ThreadState {
  const known = findTurn(state, turn);
  const { waiting: _, ...rest } = state;
  const moved = isAhead(state, turn) ? moveCursor(rest, turn) : rest;
  const isNew = settlement.status === 'delivered' && known?.status !== 'delivered' && !known?.item;
  // Behind the cursor, "delivered" is what no entry means.
  const isImplied = settlement.status === 'delivered' && !isBefore(state.threadId, turn, state.origin);
  const entry = compact({
    file: turn.file,
    start: turn.start,
    turnId: turn.turnId ?? known?.turnId,
    item: known?.item,
    client: known?.client,
    run: known?.run,
    total: turn.total ?? known?.total,
    ...settlement,
  });
  const turns = without(moved.turns, turn);
  return {
    ...moved,
    delivered: state.delivered + (isNew ? 1 : 0),
    turns: isImplied ? turns : bounded([...turns, entry]),
  };
}

/**
 * Notes down what a recording tells of a tool after the tool's turn was over, as something to be sent by
 * itself. Nothing but such lines may stand between the cursor and this one, if the cursor is before it.
 */
export function enqueueLateItem(
  state: ThreadState,
  item: Position & { readonly end: number; readonly turnId: string; readonly item: string },
): ThreadState {
  if (findTurn(state, item) || isBefore(state.threadId, item, state.origin)) return state;
  const { end, ...entry } = item;
  const moved = isAhead(state, item) ? moveCursor(state, { ...item, end }) : state;
  return { ...moved, turns: [...moved.turns, { ...entry, status: 'enqueued' }] };
}

/** Takes an entry off the list, as if there had been nothing to be done. */
export function forgetTurn(state: ThreadState, at: Position): ThreadState {
  return { ...state, turns: without(state.turns, at) };
}

function moveCursor(state: ThreadState, { file, end, totalAfter }: ReadTurn): ThreadState {
  const before = cursorOf(state, file);
  const total = totalAfter ?? before?.total;
  const files = { ...state.files, [file]: compact({ cursor: end, total }) };
  // An announcement of what turned out to be no turn of its own (steering) was met with this one.
  const turns = state.turns.filter(
    (turn) => turn.file !== file || turn.status !== 'enqueued' || turn.start >= end || !isAhead(state, turn),
  );
  return { ...state, files, turns };
}

function without(turns: readonly TurnEntry[], at: Position): TurnEntry[] {
  return turns.filter((turn) => turn.file !== at.file || turn.start !== at.start);
}

function bounded(turns: readonly TurnEntry[]): TurnEntry[] {
  const skipped = turns.filter(({ status }) => status === 'skipped');
  const surplus = new Set(skipped.slice(0, Math.max(0, skipped.length - MAX_SKIPPED)));
  return turns.filter((turn) => !surplus.has(turn));
}
