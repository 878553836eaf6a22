import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { compact } from '../../platform/json.js';

/** One run of the hook, or one turn that it sent beside its own. No content, no credentials. */
export interface LogEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly thread?: string;
  readonly turn?: string;
  readonly outcome:
    | 'sent'
    /** Shown while it went on, which is no `sent`. */
    | 'live'
    | 'pending'
    | 'rejected'
    | 'lost'
    | 'ignored'
    | 'untraced'
    | 'disabled'
    | 'problem';
  /** How long it took, in ms. */
  readonly ms: number;
  /** Why, in few words. */
  readonly detail?: string;
  /** Sent, but something of its content was left out; `detail` says what. */
  readonly isReduced?: true;
}

const MAX_BYTES = 1024 * 1024;

/** A link in the log's place is not followed (Windows has no such flag, and links need rights there). */
const APPEND =
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_WRONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/**
 * Appends a line to `hook.log` in the state folder; at 1 MB the file becomes `hook.log.1` and that
 * `hook.log.2`. Never throws: a log that cannot be written must not cost a trace.
 *
 * The log is for people, and a journal as well: a thread's state that was damaged is made anew from what
 * it says was sent (`recover-state.ts`). So a line of a turn names its thread and its id.
 */
export function appendLog(stateDir: string, entry: LogEntry): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const file = path.join(stateDir, 'hook.log');
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) rotate(file);
    const descriptor = openSync(file, APPEND, 0o600);
    try {
      // One write of one short line: concurrent hooks do not mix theirs.
      writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Nothing to tell it to.
  }
}

function rotate(file: string): void {
  for (const [from, to] of [
    [`${file}.1`, `${file}.2`],
    [file, `${file}.1`],
  ] as const) {
    try {
      renameSync(from, to);
    } catch {
      // Not there, or another hook was faster.
    }
  }
}

/** What `appendTurn` notes down of a turn. */
export interface LoggedTurn {
  readonly threadId: string;
  readonly turnId?: string;
  readonly outcome: LogEntry['outcome'];
  readonly detail?: string;
  readonly isReduced?: true;
  readonly ms: number;
}

/** A line for a turn that was tried without having been announced to this process. @param by who tried it */
export function appendTurn(stateDir: string, turn: LoggedTurn, by: string): void {
  const { threadId, turnId, outcome, detail, ms, isReduced } = turn;
  appendLog(stateDir, {
    time: new Date().toISOString(),
    thread: threadId,
    ...compact({ turn: turnId }),
    outcome,
    ms,
    detail: [by, detail].filter(Boolean).join(': '),
    ...compact({ isReduced }),
  });
}

/** The log's entries, oldest first, rotated files included; lines that are none of ours are left out. */
export function readLog(stateDir: string): LogEntry[] {
  return ['hook.log.2', 'hook.log.1', 'hook.log'].flatMap((name) => {
    let text: string;
    try {
      text = readFileSync(path.join(stateDir, name), 'utf8');
    } catch {
      return [];
    }
    return text.split('\n').flatMap((line) => {
      try {
        const entry = JSON.parse(line) as LogEntry;
        return typeof entry.time === 'string' && typeof entry.outcome === 'string' ? [entry] : [];
      } catch {
        return [];
      }
    });
  });
}
