import { existsSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import type { Recording } from '../../codex/recordings/find-rollout.js';
import { writeWhole } from '../../platform/files/write-whole.js';
import { asArray, asNumber, asObject, asText, compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import { type RunContext, storedRunContext } from '../../settings/run-context.js';

/**
 * An announced turn that no pass has taken up yet. It is written before anything else is tried, so
 * that a hook that is killed, or that finds the thread in another hook's hands, loses nothing.
 */
export interface Announcement {
  readonly threadId: string;
  readonly turnId?: string;
  readonly cwd?: string;
  readonly client?: string;
  /** What the environment of its Codex said of it. */
  readonly run?: RunContext;
  /** What that environment said of where turns go: see `placeInEnvironment`. */
  readonly place?: string;
  /** When it came, in ms since the epoch. */
  readonly atMs: number;
  /** The turn was had where nothing is traced (any more): it is to be passed by. */
  readonly leaveOut?: boolean;
  /** No turn, but that the thread's session has ended: what it has pending is to be looked for. */
  readonly isSessionEnd?: true;
  /** The file the turn is recorded in, where the announcement says (a Stop hook's does). */
  readonly recording?: string;
  /** SHA-256 of the prompt and the answer, to find the turn by where ids do not tell (Codex up to 0.80). */
  readonly promptDigest?: string;
  readonly answerDigest?: string;
}

/** An announcement and the file it lies in. */
export interface Mail {
  readonly file: string;
  readonly announcement: Announcement;
}

/** An entry without a turn says that a thread has work begun and not done. */
const PENDING = '.pending.json';
/** Where entries without a turn lay up to state version 1. */
const OLD_MARKS = 'pending';

function inboxDir(stateDir: string): string {
  return path.join(stateDir, 'inbox');
}

/** The file of an announcement; the same turn announced twice is one. */
export function announcementFile(stateDir: string, announcement: Announcement): string {
  const { threadId, turnId, promptDigest, answerDigest, atMs, isSessionEnd } = announcement;
  const own = isSessionEnd
    ? 'session-end'
    : turnId && turnId !== '0'
      ? turnId
      : `${promptDigest}${answerDigest}${atMs}`;
  return path.join(inboxDir(stateDir), `${threadId}.${sha256(own).slice(0, 16)}.json`);
}

/** Whether an announcement asks for a turn to be sent. */
export function announcesTurn({ leaveOut, isSessionEnd }: Announcement): boolean {
  return !leaveOut && !isSessionEnd;
}

/** Writes an announcement down. Throws where it cannot. @returns the file */
export function putAnnouncement(stateDir: string, announcement: Announcement): string {
  const file = announcementFile(stateDir, announcement);
  writeWhole(file, JSON.stringify(announcement));
  return file;
}

/**
 * A thread's announcements, oldest first. One that is damaged (a disk that was full, a machine that
 * lost its power) says nothing more than that it was: it is removed, and the recording has the turn.
 */
export function readAnnouncements(stateDir: string, threadId: string): Mail[] {
  return names(stateDir)
    .filter((name) => name.startsWith(`${threadId}.`) && !name.endsWith(PENDING))
    .flatMap((name) => {
      const file = path.join(inboxDir(stateDir), name);
      const announcement = parse(file);
      if (announcement === 'damaged') dropAnnouncement(file);
      return typeof announcement === 'object' ? [{ file, announcement }] : [];
    })
    .sort((a, b) => a.announcement.atMs - b.announcement.atMs);
}

/** The threads with announcements that no pass has taken up. */
export function threadsWithAnnouncements(stateDir: string): string[] {
  const announced = names(stateDir).filter((name) => !name.endsWith(PENDING));
  return [...new Set(announced.map((name) => name.slice(0, name.indexOf('.'))))];
}

/** Takes an entry out of the inbox. */
export function dropAnnouncement(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Gone already.
  }
}

/**
 * Notes that a thread has work begun: set before a pass, taken away after one that leaves nothing
 * pending. So a thread whose hook was killed, or whose server is down, is found by every hook without a
 * look into all the others, however many there are.
 * @param elsewhere the files of its recording that lie where nobody looks for them (`sync FILE`)
 */
export function markPending(stateDir: string, threadId: string, elsewhere: readonly Recording[] = []): void {
  const mark = { threadId, atMs: Date.now(), ...(elsewhere.length > 0 && { recordings: elsewhere }) };
  try {
    writeWhole(pendingFile(stateDir, threadId), JSON.stringify(mark));
  } catch {
    // A folder that takes no files is found out by the state, which is saved next.
  }
}

export function clearPending(stateDir: string, threadId: string): void {
  dropAnnouncement(pendingFile(stateDir, threadId));
}

/** The files of a thread's recording that its mark names, as far as they are there. */
export function markedRecordings(stateDir: string, threadId: string): Recording[] {
  try {
    const mark = asObject(JSON.parse(readFileSync(pendingFile(stateDir, threadId), 'utf8')));
    return asArray(mark?.['recordings']).flatMap((entry) => {
      const key = asText(asObject(entry)?.['key']);
      const file = asText(asObject(entry)?.['path']);
      return key && file && existsSync(file) ? [{ key, path: file }] : [];
    });
  } catch {
    // Nothing is marked, or nothing that can be read.
    return [];
  }
}

/** The threads with work begun and not done. */
export function pendingThreads(stateDir: string): string[] {
  takeOldMarks(stateDir);
  return names(stateDir).flatMap((name) => (name.endsWith(PENDING) ? [name.slice(0, -PENDING.length)] : []));
}

function takeOldMarks(stateDir: string): void {
  const folder = path.join(stateDir, OLD_MARKS);
  try {
    for (const threadId of readdirSync(folder)) {
      markPending(stateDir, threadId);
      unlinkSync(path.join(folder, threadId));
    }
    rmdirSync(folder);
  } catch {
    // There are none.
  }
}

function pendingFile(stateDir: string, threadId: string): string {
  return path.join(inboxDir(stateDir), `${threadId}${PENDING}`);
}

function names(stateDir: string): string[] {
  try {
    return readdirSync(inboxDir(stateDir)).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function parse(file: string): Announcement | 'damaged' | 'gone' {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Taken up meanwhile, or not ours to read.
    return 'gone';
  }
  try {
    const object = asObject(JSON.parse(text));
    const threadId = asText(object?.['threadId']);
    if (!object || !threadId) return 'damaged';
    return compact({
      threadId,
      turnId: asText(object['turnId']),
      cwd: asText(object['cwd']),
      client: asText(object['client']),
      run: storedRunContext(object['run']),
      place: asText(object['place']),
      atMs: asNumber(object['atMs']) ?? 0,
      leaveOut: object['leaveOut'] === true ? true : undefined,
      isSessionEnd: object['isSessionEnd'] === true ? (true as const) : undefined,
      recording: asText(object['recording']),
      promptDigest: asText(object['promptDigest']),
      answerDigest: asText(object['answerDigest']),
    });
  } catch {
    return 'damaged';
  }
}
