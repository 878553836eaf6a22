import { drainFamily } from '../pass/drain-thread.js';
import { DeliveryRun, type RunOptions } from '../run/delivery-run.js';
import { readAnnouncements } from '../store/inbox.js';
import { appendTurn } from '../store/journal.js';
import {
  hasLiveRecords,
  type LiveRecord,
  liveRecordOf,
  liveRecords,
  saveLiveRecord,
  UNSEEN_MS,
} from '../store/live-records.js';
import { announceLiveTurn, announceLiveTurns, repeatWholeTurns } from './after-live.js';
import type { LiveTurn } from './live-turn.js';

/** For a whole turn, in ms: nobody waits for this process. */
const WHOLE_TURN_MS = 30_000;
/** The pauses between two tries to send a turn whole, in ms: each twice the one before. */
const AGAIN_MS = 15_000;
const LONGEST_AGAIN_MS = 10 * 60_000;

/** Sees to it that turns that were shown live are sent whole afterwards, and remembers who looks after them. */
export class WholeTurns {
  #lookAtMs = 0;

  /**
   * @param run without the time of a run, which is this one's affair
   * @param settleMs how long a turn that is over is left to its hook
   */
  constructor(
    readonly run: Omit<RunOptions, 'deadlineMs' | 'requestTimeoutMs'>,
    readonly settleMs: number,
  ) {}

  /**
   * Sends a turn that is over, where its hook has left that undone and it is time to try.
   * @returns whether nothing is left to be done
   */
  async complete(live: LiveTurn): Promise<boolean> {
    const { stateDir } = this.run;
    const { threadId, turnId, overMs } = live;
    if (overMs === undefined) {
      this.#keepSeen(live);
      return false;
    }
    const record = liveRecordOf(stateDir, { threadId, turnId });
    if (!record || record.whole) return true;
    const pauseMs = live.tries === 0 ? this.settleMs : Math.min(AGAIN_MS * 2 ** live.tries, LONGEST_AGAIN_MS);
    if (Date.now() < overMs + pauseMs) return false;
    live.tries++;
    live.overMs = Date.now();
    announceLiveTurn(stateDir, record, Date.now());
    await this.#send(threadId);
    return false;
  }

  /** What a hook has left to us, because it found the thread in our hands. */
  async takeOver(threadId: string): Promise<void> {
    if (readAnnouncements(this.run.stateDir, threadId).length > 0) await this.#send(threadId);
  }

  /** Turns that an earlier watcher left, and whole turns that are to be sent once more. */
  async seeToOthers(nowMs: number): Promise<void> {
    const { stateDir } = this.run;
    if (nowMs < this.#lookAtMs || !hasLiveRecords(stateDir)) return;
    this.#lookAtMs = nowMs + UNSEEN_MS / 4;
    announceLiveTurns(stateDir, nowMs, UNSEEN_MS);
    for (const { threadId, whole, seenMs } of liveRecords(stateDir))
      if (!whole && nowMs - seenMs >= UNSEEN_MS) await this.#send(threadId);
    await this.#withRun((run) => repeatWholeTurns(run));
  }

  /** Tells others that the turn is looked after. */
  #keepSeen({ threadId, turnId, requests }: LiveTurn): void {
    const { stateDir } = this.run;
    const record = requests > 0 ? liveRecordOf(stateDir, { threadId, turnId }) : undefined;
    if (record && Date.now() - record.seenMs > UNSEEN_MS / 2) touch(stateDir, record);
  }

  async #send(threadId: string): Promise<void> {
    await this.#withRun((run) => drainFamily(run, threadId));
  }

  async #withRun(work: (run: DeliveryRun) => Promise<unknown>): Promise<void> {
    const run = new DeliveryRun({
      ...this.run,
      maxRequests: 1,
      deadlineMs: Date.now() + 2 * WHOLE_TURN_MS,
      requestTimeoutMs: WHOLE_TURN_MS,
      onTurn: (report) => appendTurn(this.run.stateDir, report, 'watch'),
    });
    try {
      await work(run);
    } finally {
      run.close();
    }
  }
}

function touch(stateDir: string, record: LiveRecord): void {
  try {
    saveLiveRecord(stateDir, { ...record, seenMs: Date.now() });
  } catch {
    // Then others look after it as well, which does no harm.
  }
}
