import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { asNumber, asObject, asText, compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import { writeWhole } from './state-file.js';

/**
 * An announced turn that nobody has taken up yet. It is written before anything else is tried, so
 * that a hook that is killed, or that finds the thread in another hook's hands, loses nothing.
 */
export interface Announcement {
  readonly threadId: string;
  readonly turnId?: string;
  readonly cwd?: string;
  readonly client?: string;
  /** When it came, in ms since the epoch. */
  readonly atMs: number;
  /** The turn was had where nothing is traced (any more): it is to be passed by. */
  readonly leaveOut?: boolean;
  /** Digests of the prompt and the answer, to find the turn by where ids do not tell (Codex up to 0.80). */
  readonly promptDigest?: string;
  readonly answerDigest?: string;
}

function inboxDir(stateDir: string): string {
  return path.join(stateDir, 'inbox');
}

/** Writes an announcement down; the same one twice is one. Throws where it cannot. @returns the file */
export function putAnnouncement(stateDir: string, announcement: Announcement): string {
  const { threadId, turnId, promptDigest, answerDigest, atMs } = announcement;
  const own = turnId && turnId !== '0' ? turnId : `${promptDigest}${answerDigest}${atMs}`;
  const file = path.join(inboxDir(stateDir), `${threadId}.${sha256(own).slice(0, 16)}.json`);
  writeWhole(file, JSON.stringify(announcement));
  return file;
}

/** An announcement and the file it lies in. */
export interface Mail {
  readonly file: string;
  readonly announcement: Announcement;
}

/**
 * A thread's announcements, oldest first. One that is damaged (a disk that was full, a machine that
 * lost its power) says nothing more than that it was: it is removed, and the recording has the turn.
 */
export function readAnnouncements(stateDir: string, threadId: string): Mail[] {
  return names(stateDir)
    .filter((name) => name.startsWith(`${threadId}.`))
    .flatMap((name) => {
      const file = path.join(inboxDir(stateDir), name);
      const announcement = parse(file);
      if (announcement === 'damaged') dropAnnouncement(file);
      return typeof announcement === 'object' ? [{ file, announcement }] : [];
    })
    .sort((a, b) => a.announcement.atMs - b.announcement.atMs);
}

/** The threads with announcements nobody has taken up. */
export function threadsWithAnnouncements(stateDir: string): string[] {
  return [...new Set(names(stateDir).map((name) => name.slice(0, name.indexOf('.'))))];
}

export function dropAnnouncement(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Gone already.
  }
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
      atMs: asNumber(object['atMs']) ?? 0,
      leaveOut: object['leaveOut'] === true ? true : undefined,
      promptDigest: asText(object['promptDigest']),
      answerDigest: asText(object['answerDigest']),
    });
  } catch {
    return 'damaged';
  }
}
