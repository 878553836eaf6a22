import { existsSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../../platform/files/write-whole.js';
import { asNumber, asObject, asText, compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import { type RunContext, storedRunContext } from '../../settings/run-context.js';
import type { Position } from './thread-state.js';

/**
 * A turn of which spans were sent while it went on. It is no word of the turn being sent: that is the
 * thread's state alone. It says whose trace stays IN_PROGRESS until the whole turn comes.
 */
export interface LiveRecord extends Position {
  readonly threadId: string;
  readonly turnId: string;
  /** The folder whose settings count: a sub-agent's is that of the user's turn. */
  readonly cwd: string;
  /** When somebody last looked after it, in ms since the epoch. */
  readonly seenMs: number;
  readonly requests: number;
  readonly spans: number;
  /** The server counts the tokens of a span that comes twice once (MLflow from 3.15 on). */
  readonly countsOnce: boolean;
  /** Since when a request has been without a clear answer, in ms since the epoch: it may be taken late. */
  readonly unclearMs?: number;
  /** The whole turn was sent; and what was sent with it that no recording tells. */
  readonly whole?: WholeSent;
}

/** How long a watcher's turn goes without a sign of the watcher before others look after it, in ms. */
export const UNSEEN_MS = 2 * 60 * 1000;

/** When a whole turn was sent, and for whom. */
export interface WholeSent {
  /** In ms since the epoch. */
  readonly atMs: number;
  readonly client?: string;
  readonly run?: RunContext;
}

/** The folder of the records; there is none where nothing is shown live. */
function liveDir(stateDir: string): string {
  return path.join(stateDir, 'live');
}

/** Whether there are records at all: one look, for whoever has nothing else to do with them. */
export function hasLiveRecords(stateDir: string): boolean {
  return existsSync(liveDir(stateDir));
}

/** All records; those that cannot be read are left out. */
export function liveRecords(stateDir: string): LiveRecord[] {
  let names: string[];
  try {
    names = readdirSync(liveDir(stateDir)).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => readRecord(path.join(liveDir(stateDir), name)) ?? []);
}

/** Writes a record down. Throws where it cannot: then nothing is sent either. */
export function saveLiveRecord(stateDir: string, record: LiveRecord): void {
  writeWhole(recordFile(stateDir, record), JSON.stringify(record));
}

/** The record of a turn, where it has one. */
export function liveRecordOf(
  stateDir: string,
  turn: { readonly threadId: string; readonly turnId: string },
): LiveRecord | undefined {
  return readRecord(recordFile(stateDir, turn));
}

/** Takes a record away: nothing is left to be done about its turn. */
export function dropLiveRecord(stateDir: string, record: Pick<LiveRecord, 'threadId' | 'turnId'>): void {
  try {
    unlinkSync(recordFile(stateDir, record));
    rmdirSync(liveDir(stateDir));
  } catch {
    // Gone already, or others are there.
  }
}

/**
 * Notes that a turn was sent whole. Its record goes, unless a live request may still be taken after it:
 * then the whole turn is to be sent once more, a minute later.
 */
export function noteWholeTurn(
  stateDir: string,
  turn: { readonly threadId: string; readonly turnId?: string | undefined },
  whole: WholeSent,
): void {
  const { threadId, turnId } = turn;
  if (turnId === undefined || !hasLiveRecords(stateDir)) return;
  const record = liveRecordOf(stateDir, { threadId, turnId });
  if (!record) return;
  const isDone = record.unclearMs === undefined || !record.countsOnce;
  try {
    if (isDone) dropLiveRecord(stateDir, record);
    else saveLiveRecord(stateDir, { ...record, whole: record.whole ?? whole });
  } catch {
    // A folder that takes no files any more: the turn is not sent again.
  }
}

function recordFile(stateDir: string, { threadId, turnId }: Pick<LiveRecord, 'threadId' | 'turnId'>): string {
  return path.join(liveDir(stateDir), `${threadId}.${sha256(turnId).slice(0, 16)}.json`);
}

function readRecord(file: string): LiveRecord | undefined {
  try {
    const object = asObject(JSON.parse(readFileSync(file, 'utf8')));
    const [threadId, turnId, place] = ['threadId', 'turnId', 'file'].map((key) => asText(object?.[key]));
    if (!object || !threadId || !turnId || !place) return undefined;
    return compact({
      threadId,
      turnId,
      file: place,
      start: asNumber(object['start']) ?? 0,
      cwd: asText(object['cwd']) ?? '',
      seenMs: asNumber(object['seenMs']) ?? 0,
      requests: asNumber(object['requests']) ?? 0,
      spans: asNumber(object['spans']) ?? 0,
      countsOnce: object['countsOnce'] === true,
      unclearMs: asNumber(object['unclearMs']),
      whole: wholeOf(object['whole']),
    });
  } catch {
    return undefined;
  }
}

function wholeOf(value: unknown): WholeSent | undefined {
  const object = asObject(value);
  const atMs = asNumber(object?.['atMs']);
  if (!object || atMs === undefined) return undefined;
  return compact({ atMs, client: asText(object['client']), run: storedRunContext(object['run']) });
}
