import { compareKeys } from '../../codex/recordings/recording-name.js';
import type { RunContext } from '../../settings/run-context.js';

/** Where a turn begins: in which file of its thread's recording, and at which byte of it. */
export interface Position {
  /** The file's key: see `RecordingName`. */
  readonly file: string;
  readonly start: number;
}

/**
 * What is to be done about a turn, or what became of it.
 * - `enqueued`: wanted by itself (announced, or asked for by `sync`), and not tried yet
 * - `retry`: a server was there and did not take it
 * - `delivered`: a server has it
 * - `rejected`: no server will have it, in any form
 * - `lost`: there is nothing left to send; its recording does not hold it
 * - `skipped`: it was had where nothing is traced
 */
export type TurnStatus = 'enqueued' | 'retry' | 'delivered' | 'rejected' | 'lost' | 'skipped';

/** What a server has of a turn that goes in several requests. */
export interface SentPart {
  /** How many of its spans, in the order of sending. */
  readonly spans: number;
  /** Of their ids: tells whether they are the same spans when it goes on. */
  readonly digest: string;
}

/** A turn by where it stands: never a copy of what it says. */
export interface TurnEntry extends Position {
  readonly status: TurnStatus;
  readonly turnId?: string;
  /**
   * The id of a tool's item, where it is not a turn that is meant but what became of a tool after its turn
   * was over: then the position is its line's, and `turnId` names the turn it belongs to.
   */
  readonly item?: string;
  /** Who announced it; the recording does not say. */
  readonly client?: string;
  /** What the environment of its Codex said of it. */
  readonly run?: RunContext;
  /** The thread's running total of tokens before it, where the recording tells only totals. */
  readonly total?: number;
  /** How often servers have refused it. */
  readonly refusals?: number;
  /** How often a server has failed over it, though it was there (5xx, no answer in time). */
  readonly failures?: number;
  /** What a server has of it, where it has some and not all. */
  readonly sentPart?: SentPart;
  /** When it was given up, ISO 8601. */
  readonly at?: string;
  /** The answer with which it was refused. */
  readonly httpStatus?: number;
  /** Why it was given up: the server's words, shortened, or ours. */
  readonly message?: string;
}

/** How far one file has been read and dealt with. */
export interface FileCursor {
  /** Byte offset of the end of the last turn that was dealt with. */
  readonly cursor: number;
  /** The thread's running total of tokens there, where the recording tells only totals. */
  readonly total?: number;
}

/** Why a thread's turns are not sent. */
export interface Waiting {
  /** ISO 8601. */
  readonly since: string;
  readonly reason: string;
  /** Waiting alone will not help. */
  readonly blocked: boolean;
}

/** Why turns wait whose thread's recording is in no place where Codex keeps them. */
export const RECORDING_GONE = 'the recording of this thread is gone';

/**
 * What is known of one thread. Turns before `origin` were there before we were, and are not to be sent;
 * those from a file's cursor on are as soon as they are over; those between are delivered. `turns` holds
 * what this rule does not say.
 */
export interface ThreadState {
  readonly version: 2;
  readonly threadId: string;
  /** The folder whose tracing config counts for the thread. */
  readonly cwd?: string;
  /** What its Codex's environment and its settings said of where turns go: see `placeOf`. */
  readonly place?: string;
  readonly origin: Position;
  /** By the files' keys. */
  readonly files: { readonly [key: string]: FileCursor };
  /** How many turns servers have accepted. */
  readonly delivered: number;
  readonly turns: readonly TurnEntry[];
  /** Why the last try did not get through. */
  readonly waiting?: Waiting;
}

/** A state with nothing dealt with yet. @param origin where the turns that count begin */
export function newState(threadId: string, origin: Position, total?: number): ThreadState {
  const cursor = { cursor: origin.start, ...(total === undefined ? {} : { total }) };
  return { version: 2, threadId, origin, files: { [origin.file]: cursor }, delivered: 0, turns: [] };
}

/** Whether one position comes before another in the thread. */
export function isBefore(threadId: string, a: Position, b: Position): boolean {
  const files = compareKeys(threadId, a.file, b.file);
  return files < 0 || (files === 0 && a.start < b.start);
}

/** From where a file is still to be read; undefined for one that lies wholly before the origin. */
export function cursorOf(state: ThreadState, file: string): FileCursor | undefined {
  const known = state.files[file];
  if (known) return known;
  return compareKeys(state.threadId, file, state.origin.file) < 0 ? undefined : { cursor: 0 };
}

/** The entry of a turn, where it has one. */
export function findTurn(state: ThreadState, at: Position): TurnEntry | undefined {
  return state.turns.find((turn) => turn.file === at.file && turn.start === at.start);
}

/**
 * What became of a turn. `past`: it was there before we were, and nobody has asked for it; `ahead`: it
 * has not been come to.
 */
export function statusOf(state: ThreadState, at: Position): TurnStatus | 'past' | 'ahead' {
  const entry = findTurn(state, at);
  if (entry) return entry.status;
  if (isBefore(state.threadId, at, state.origin)) return 'past';
  return at.start < (cursorOf(state, at.file)?.cursor ?? 0) ? 'delivered' : 'ahead';
}

/** Whether a turn is still to be sent. */
export function isPending({ status }: Pick<TurnEntry, 'status'>): boolean {
  return status === 'enqueued' || status === 'retry';
}

/** The turns that are to be sent by themselves: those that reading on from the cursors will not meet. */
export function pendingTurns(state: ThreadState): TurnEntry[] {
  return state.turns.filter((turn) => isPending(turn) && !isAhead(state, turn));
}

/** Whether reading on from a file's cursor will meet a position. */
export function isAhead(state: ThreadState, at: Position): boolean {
  if (isBefore(state.threadId, at, state.origin)) return false;
  return at.start >= (cursorOf(state, at.file)?.cursor ?? Number.POSITIVE_INFINITY);
}
