import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import type { LateItem } from '../../codex/segments/turn-segment.js';
import type { Turn } from '../../turn/turn.js';
import type { Announcement } from '../store/inbox.js';
import type { ReadTurn } from '../store/settle-turn.js';
import type { FileCursor, Position, ThreadState } from '../store/thread-state.js';

/** A turn met in a thread's recording. */
export interface ThreadTurn extends ReadTurn {
  readonly meta: SessionMeta | undefined;
  /** The folder Codex was working in, where the turn says. */
  readonly cwd?: string;
  /** Whether the recording shows that it is over: its end line, or that the thread has gone on after it. */
  readonly isOver: boolean;
  /** It has a start line of its own: one without, up to 0.80, has no end line either. */
  readonly started: boolean;
  /** Another agent had it, before Codex imported its session. */
  readonly isImported?: true;
  /** Whether whoever wrote it is gone. @param abandonedMs how long that must have been silent at least */
  isAbandoned(abandonedMs: number): Promise<boolean>;
  /** @param late what was written of its tools later, to be in it as well */
  assemble(late?: readonly LateItem[]): Turn;
}

/** A line that tells of a tool after the tool's turn was over, and where it stands. */
export interface LocatedItem extends Position {
  readonly end: number;
  readonly turnId: string;
  /** The item's id. */
  readonly item: string;
}

/** Where an announced turn begins, and the thread's running total of tokens before it. */
export interface LocatedTurn extends Position {
  readonly total?: number;
}

/** What delivery needs of a thread's recording, wherever it comes from. */
export interface ThreadRecording {
  readonly threadId: string;
  /** The keys of its files, oldest first; never none. */
  readonly files: readonly string[];
  firstLine(): Promise<SessionMeta | undefined>;
  /**
   * The turns from each file's cursor on, oldest first, one in memory at a time; of a file without a cursor none.
   * @param onLate told of late items on the way, each before the turn is given that it stands in or before
   */
  turns(
    cursorIn: (file: string) => FileCursor | undefined,
    onLate?: (item: LocatedItem) => void,
  ): AsyncIterable<ThreadTurn>;
  /** The turn of an id, or undefined where no file has it. */
  turnById(turnId: string): Promise<ThreadTurn | undefined>;
  /** The late item whose line begins at a place, or undefined where none does (any more). */
  lateItemAt(at: Position): Promise<LateItem | undefined>;
  /** The turn that begins at a place, or undefined where none does (any more). */
  turnAt(at: LocatedTurn): Promise<ThreadTurn | undefined>;
  /** Finds an announced turn, waiting a little for its lines; undefined where no file has it. */
  locate(announcement: Announcement, state: ThreadState | undefined): Promise<LocatedTurn | undefined>;
  /** Whether the cursors of a state can have been set in these files. */
  fits(state: ThreadState): Promise<boolean>;
}
