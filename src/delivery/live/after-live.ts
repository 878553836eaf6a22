import { existsSync } from 'node:fs';
import { CodexRecording } from '../recording/codex-recording.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { routeOfTurn } from '../run/turn-route.js';
import { sendTurn, type TurnOutcome } from '../sending/send-turn.js';
import { announcementFile, putAnnouncement } from '../store/inbox.js';
import { appendTurn } from '../store/journal.js';
import { dropLiveRecord, type LiveRecord, liveRecords, noteWholeTurn } from '../store/live-records.js';
import { tryLock } from '../store/lock/lock.js';
import { loadThreadState } from '../store/state-file.js';
import { statusOf } from '../store/thread-state.js';

/** How long after the whole turn it is sent again: a server that takes a live request so late is no server. */
const REPEAT_AFTER_MS = 60 * 1000;
/** A repetition that finds no server for so long is given up: the turn itself was sent. */
const REPEAT_UNTIL_MS = 24 * 60 * 60 * 1000;

/**
 * Announces the turns that were shown live and have not been sent whole, for the next pass over their
 * threads to send: whoever was to announce them, Codex or the watcher, may be gone.
 * @param unseenMs how long nobody must have looked after a turn; 0 for all
 */
export function announceLiveTurns(stateDir: string, nowMs: number, unseenMs: number): void {
  for (const record of liveRecords(stateDir)) {
    const isSeenTo = Math.abs(nowMs - record.seenMs) < unseenMs;
    if (record.whole === undefined && !isSeenTo) announceLiveTurn(stateDir, record, nowMs);
  }
}

/** Announces one of them, unless the state of its thread knows what becomes of it. */
export function announceLiveTurn(stateDir: string, record: LiveRecord, nowMs: number): void {
  const loaded = loadThreadState(stateDir, record.threadId);
  const status = loaded.kind === 'state' ? statusOf(loaded.state, record) : 'ahead';
  const { threadId, turnId, cwd } = record;
  switch (status) {
    case 'delivered':
      noteWholeTurn(stateDir, record, { atMs: nowMs });
      return;
    case 'rejected':
    case 'lost':
    case 'skipped':
      dropLiveRecord(stateDir, record);
      return;
    case 'enqueued':
    case 'retry':
      return;
    case 'ahead':
    case 'past': {
      const announcement = { threadId, turnId, cwd, atMs: nowMs };
      // A hook's own announcement knows more: the client, and the tags of its run.
      if (!existsSync(announcementFile(stateDir, announcement))) put(stateDir, announcement);
    }
  }
}

function put(stateDir: string, announcement: Parameters<typeof putAnnouncement>[1]): void {
  try {
    putAnnouncement(stateDir, announcement);
  } catch {
    // The folder takes no files: the next one to look at it tries again.
  }
}

/**
 * Sends turns once more of which a live request had no clear answer: had the server taken it after the
 * whole turn, the trace would show a turn without its end. Only where the server counts tokens once.
 */
export async function repeatWholeTurns(run: DeliveryRun): Promise<void> {
  const { stateDir } = run.options;
  for (const record of liveRecords(stateDir)) {
    const sinceMs = record.whole && Math.abs(Date.now() - record.whole.atMs);
    if (sinceMs === undefined || sinceMs < REPEAT_AFTER_MS || run.requestMs() === 0) continue;
    const lock = await tryLock(stateDir, record.threadId);
    if (!lock) continue;
    try {
      const isDone = (await repeat(run, record)) || sinceMs > REPEAT_UNTIL_MS;
      if (isDone) dropLiveRecord(stateDir, record);
    } finally {
      await lock.release();
    }
  }
}

/** @returns whether there is nothing left to be done */
async function repeat(run: DeliveryRun, record: LiveRecord): Promise<boolean> {
  const { codexHome, stateDir, abandonedMs } = run.options;
  const { recording } = CodexRecording.find(codexHome, record.threadId);
  const turn = await recording?.turnAt(record);
  if (!recording || !turn) return true;
  const route = await routeOfTurn(run, turn, await run.route(record.cwd));
  if (route.kind !== 'deliver' || run.obstacle(route.destination)) return false;
  const startedMs = Date.now();
  const outgoing = {
    turn: turn.assemble(await recording.lateItems()),
    meta: turn.meta,
    client: record.whole?.client ?? turn.meta?.originator,
    run: record.whole?.run,
    refusals: 0,
    once: true,
  };
  const timeLeftMs = () => run.requestMs();
  const outcome = await sendTurn(outgoing, route, { codexHome, abandonedMs, timeLeftMs });
  if (outcome?.result.kind === 'pending') return false;
  const { threadId, turnId } = record;
  const told = { threadId, turnId, outcome: 'live' as const, ms: Date.now() - startedMs };
  appendTurn(stateDir, { ...told, detail: whatCame(outcome) }, 'once more');
  return true;
}

function whatCame(outcome: TurnOutcome | undefined): string {
  const why = 'a live request had no clear answer';
  return outcome?.result.kind === 'sent' ? `whole, because ${why}` : `not taken, though ${why}`;
}
