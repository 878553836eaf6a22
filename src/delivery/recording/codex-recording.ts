import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import { readLateItems } from '../../codex/reading/late-items.js';
import {
  isBetweenTurns,
  type LastTurn,
  type PassedTurn,
  readFirstLine,
  readTurn,
  readTurns,
} from '../../codex/reading/read-turns.js';
import { findRecordings, lookForRecordings, type Recording } from '../../codex/recordings/find-rollout.js';
import type { UnreadableFolder } from '../../codex/recordings/recording-folders.js';
import { isAbandoned } from '../../codex/recordings/recording-life.js';
import { compareKeys, parseRecordingName } from '../../codex/recordings/recording-name.js';
import { isCompressed } from '../../codex/recordings/recording-stream.js';
import { type LateItem, withLateItems } from '../../codex/segments/turn-segment.js';
import { compact } from '../../platform/json.js';
import { uuidTimeMs } from '../../platform/uuid-time.js';
import { assembleTurn } from '../../turn/assemble-turn.js';
import type { Announcement } from '../store/inbox.js';
import { cursorOf, type FileCursor, type Position, type ThreadState } from '../store/thread-state.js';
import { locateAnnounced } from './locate-announced.js';
import type { LocatedItem, LocatedTurn, ThreadRecording, ThreadTurn } from './recording-port.js';

/** What a search for a thread's recording comes to: nothing at all where nothing is recorded (`--ephemeral`). */
export interface FoundRecording {
  readonly recording?: CodexRecording;
  /** The folder that cannot be read, and so hides whether there is a recording. */
  readonly hidden?: UnreadableFolder;
}

/** A thread's recording as Codex writes it: see `findRecordings`. */
export class CodexRecording implements ThreadRecording {
  #recordings: readonly Recording[];
  /** The turn that was located last, its lines read already: it need not be read again to be sent. */
  #read: { readonly key: string; readonly turn: LastTurn } | undefined;

  private constructor(
    readonly threadId: string,
    readonly codexHome: string,
    recordings: readonly Recording[],
  ) {
    this.#recordings = recordings;
  }

  /** @param more files that may lie elsewhere; each stands in the place of the one with its key */
  static find(codexHome: string, threadId: string, more: readonly Recording[] = []): FoundRecording {
    const keys = new Set(more.map(({ key }) => key));
    const { recordings, hidden } = lookForRecordings(codexHome, threadId);
    const all = [...recordings.filter(({ key }) => !keys.has(key)), ...more];
    if (all.length === 0) return compact({ hidden });
    all.sort((a, b) => compareKeys(threadId, a.key, b.key));
    return { recording: new CodexRecording(threadId, codexHome, all) };
  }

  /** The given files alone, oldest first; one at least. */
  static of(codexHome: string, threadId: string, recordings: readonly Recording[]): CodexRecording {
    return new CodexRecording(threadId, codexHome, recordings);
  }

  /** The files, oldest first. */
  get recordings(): readonly Recording[] {
    return this.#recordings;
  }

  get files(): readonly string[] {
    return this.#recordings.map(({ key }) => key);
  }

  async firstLine(): Promise<SessionMeta | undefined> {
    const [first] = this.#recordings;
    return first && readFirstLine(first.path);
  }

  async *turns(
    cursorIn: (file: string) => FileCursor | undefined,
    onLate?: (item: LocatedItem) => void,
  ): AsyncGenerator<ThreadTurn> {
    for (const recording of this.#recordings) {
      const from = cursorIn(recording.key);
      if (!from) continue;
      const tell = onLate && ((late: LateItem) => onLate(located(recording.key, late)));
      for await (const turn of this.#turnsFrom(recording, from, tell))
        if (!(await this.#isCopy(recording, turn))) yield this.#turn(recording, turn);
    }
  }

  async *#turnsFrom(
    recording: Recording,
    { cursor, total }: FileCursor,
    onLate?: (item: LateItem) => void,
  ): AsyncGenerator<PassedTurn> {
    const read = await this.#takeRead(recording, cursor);
    if (!read) {
      yield* readTurns(recording.path, { offset: cursor, total }, onLate);
      return;
    }
    for (const late of read.late) onLate?.(late);
    const totalAfter = read.totalAfter ?? total;
    yield { ...read, ...(totalAfter !== undefined && { totalAfter }) };
  }

  /** The turn that was read to be located, where it is the only one from a cursor on; once. */
  async #takeRead({ key, path }: Recording, cursor: number): Promise<LastTurn | undefined> {
    const read = this.#read;
    if (read?.key !== key) return undefined;
    this.#read = undefined;
    return (await isBetweenTurns(path, cursor, read.turn.segment.startOffset)) ? read.turn : undefined;
  }

  async turnById(turnId: string): Promise<ThreadTurn | undefined> {
    for (const recording of this.#recordings) {
      const found = await readTurn(recording.path, { turnId });
      // It is asked for because more was written after it.
      if (found) return this.#turn(recording, { ...found, isLast: false });
    }
    return undefined;
  }

  async lateItemAt({ file, start }: Position): Promise<LateItem | undefined> {
    const recording = this.#recordings.find(({ key }) => key === file);
    if (!recording) return undefined;
    for await (const late of readLateItems(recording.path, start))
      return late.start === start ? late : undefined;
    return undefined;
  }

  async turnAt({ file, start, total }: LocatedTurn): Promise<ThreadTurn | undefined> {
    const recording = this.#recordings.find(({ key }) => key === file);
    if (!recording) return undefined;
    for await (const turn of readTurns(recording.path, { offset: start, total }))
      return turn.segment.startOffset === start ? this.#turn(recording, turn) : undefined;
    return undefined;
  }

  /** All late items, in the order of the files. */
  async lateItems(): Promise<LateItem[]> {
    const items: LateItem[] = [];
    for (const { path } of this.#recordings) for await (const item of readLateItems(path)) items.push(item);
    return items;
  }

  locate(announcement: Announcement, state: ThreadState | undefined): Promise<LocatedTurn | undefined> {
    return locateAnnounced(
      async (isLate) => {
        if (isLate) await this.#lookForMore();
        return this.#recordings;
      },
      announcement,
      state,
      (key, turn) => {
        this.#read = { key, turn };
      },
    );
  }

  async fits(state: ThreadState): Promise<boolean> {
    for (const { key, path } of this.#recordings) {
      const cursor = cursorOf(state, key)?.cursor ?? 0;
      if (cursor > 0 && !isCompressed(path) && !isLineStart(path, cursor)) return false;
    }
    return true;
  }

  /** The thread may have gone on in another file meanwhile. */
  async #lookForMore(): Promise<void> {
    const known = new Set(this.files);
    const more = findRecordings(this.codexHome, this.threadId).filter(({ key }) => !known.has(key));
    if (more.length === 0) return;
    const all = [...this.#recordings, ...more];
    this.#recordings = all.sort((a, b) => compareKeys(this.threadId, a.key, b.key));
  }

  /** A turn that is older than the file it stands in was copied there, if an earlier file has it. */
  async #isCopy({ key }: Recording, { segment: { turnId } }: PassedTurn): Promise<boolean> {
    const turnMs = uuidTimeMs(turnId);
    if (turnId === undefined || turnMs === undefined || turnMs >= (uuidTimeMs(key) ?? 0)) return false;
    for (const earlier of this.#recordings) {
      if (earlier.key === key) return false;
      if (await readTurn(earlier.path, { turnId })) return true;
    }
    return false;
  }

  #turn({ key, path }: Recording, { segment, meta, isLast, totalAfter }: PassedTurn): ThreadTurn {
    const context = segment.events.findLast((event) => event.kind === 'turn_context');
    const told = compact({
      file: key,
      start: segment.startOffset,
      end: segment.endOffset,
      turnId: segment.turnId,
      total: segment.previousTotal,
      totalAfter,
      cwd: context?.kind === 'turn_context' ? context.cwd : undefined,
      isOver: segment.ended || !isLast || key !== this.files.at(-1),
      started: segment.started,
      isImported: segment.imported ? (true as const) : undefined,
      isAbandoned: (abandonedMs: number) => {
        const times = segment.events.map(({ timeMs }) => timeMs).filter((ms) => !Number.isNaN(ms));
        const lastLineMs = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : Number.NaN;
        return isAbandoned(path, { lastLineMs, nowMs: Date.now(), abandonedMs });
      },
      assemble: (late: readonly LateItem[] = []) => assembleTurn(withLateItems(segment, late), meta),
    });
    return { ...told, meta };
  }
}

/** The file that an announcement names, if it is there and is one of the thread's. */
export function announcedRecording({
  threadId,
  recording,
}: Pick<Announcement, 'threadId' | 'recording'>): Recording[] {
  const named = recording === undefined ? undefined : parseRecordingName(recording);
  if (recording === undefined || named?.threadId !== threadId || !existsSync(recording)) return [];
  return [{ key: named.key, path: recording }];
}

function located(file: string, { start, end, turnId, item }: LateItem): LocatedItem {
  return { file, start, end, turnId, item: item.id };
}

/** Whether a line begins at an offset; false where the file is shorter. */
function isLineStart(path: string, offset: number): boolean {
  const file = openSync(path, 'r');
  try {
    const before = Buffer.alloc(1);
    return readSync(file, before, 0, 1, offset - 1) === 1 && before[0] === 10;
  } finally {
    closeSync(file);
  }
}
