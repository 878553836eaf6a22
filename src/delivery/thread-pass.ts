import { type PassedTurn, readTurns } from '../codex/read-turns.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import type { SubAgentLink } from '../turn/turn.js';
import type { DeliveryRun, Route, TurnReport } from './delivery-run.js';
import { MAX_REFUSALS, sendTurn, type TurnOutcome } from './send-turn.js';
import { saveThreadState } from './store/state-file.js';
import { markLeftOut, markPostponed, markSent, markSetAside } from './store/state-moves.js';
import type { OwedTurn, ThreadState } from './store/thread-state.js';
import { isOfTheTurn, isStuck, MAX_STUMBLES } from './stumbles.js';
import { isTurnOver } from './turn-end.js';
import { routeOfTurn } from './turn-route.js';

/** What a pass over a thread came to. */
export interface ThreadResult {
  /**
   * `busy`: another process has the thread in hand; it takes our part over. `failed`: something is
   * wrong with its recording, and `owed` says what.
   */
  readonly kind: 'done' | 'busy' | 'unknown' | 'no recording' | 'not saved' | 'failed';
  readonly sent: number;
  readonly refused: number;
  /** Turns were left owed, and why. */
  readonly owed?: string;
  /** The last turn is still going on. */
  readonly live?: boolean;
  /** Subagents that the sent turns started. */
  readonly agents: readonly SubAgentLink[];
  readonly route?: Route;
  readonly state?: ThreadState;
}

type OpenRoute = Route & { kind: 'route' };

/** One pass over a thread's recording, its state saved after every answer. */
export class ThreadPass {
  #state: ThreadState;
  /** The state as it is stored. */
  #stored: string | undefined;
  /** This pass has written the state: the folder takes files. */
  #isWritable = false;
  #sent = 0;
  #refused = 0;
  #owed: { readonly reason: string; readonly blocked: boolean } | undefined;
  #live = false;
  #stumbles = 0;
  readonly #agents: SubAgentLink[] = [];

  constructor(
    readonly run: DeliveryRun,
    readonly path: string,
    state: ThreadState,
    stored: ThreadState | undefined,
  ) {
    this.#state = state;
    this.#stored = stored && JSON.stringify(stored);
  }

  /** Writes the state where it is not what is stored. @returns whether it is now */
  saveChanges(): boolean {
    return JSON.stringify(this.#state) === this.#stored || this.#save();
  }

  #save(): boolean {
    try {
      saveThreadState(this.run.options.stateDir, this.#state);
      this.#stored = JSON.stringify(this.#state);
      this.#isWritable = true;
      return true;
    } catch {
      return false;
    }
  }

  result(route: Route): ThreadResult {
    return {
      kind: 'done',
      sent: this.#sent,
      refused: this.#refused,
      agents: this.#agents,
      route,
      state: this.#state,
      ...(this.#owed === undefined ? {} : { owed: this.#owed.reason }),
      ...(this.#live ? { live: true } : {}),
    };
  }

  /** Whether nothing of the thread is left to be done by anybody. */
  isSettled(): boolean {
    const { owed, announced } = this.#state;
    return this.#owed === undefined && owed.length === 0 && announced.length === 0;
  }

  /** Turns before the cursor, then those from it on, and last those a server has failed over again and again. */
  async send(route: OpenRoute): Promise<void> {
    const stuck = this.#state.owed.filter(isStuck);
    const ready = this.#state.owed.filter((turn) => !isStuck(turn));
    const goOn = (await this.#sendOwed(route, ready)) && (await this.#sendNew(route));
    if (goOn) await this.#sendOwed(route, stuck);
    // What was sent after a turn that was not has taken the note away; and what was owed may be gone.
    if (this.#owed) this.#note(this.#owed);
    else this.#state = withoutWaiting(this.#state);
    this.saveChanges();
  }

  async #sendOwed(route: OpenRoute, turns: readonly OwedTurn[]): Promise<boolean> {
    for (const owed of [...turns].sort((a, b) => a.start - b.start)) {
      const turn = await this.#turnAt(owed);
      if (!turn) {
        // The recording was rewritten or is gone: there is nothing left to send.
        const { start, turnId } = owed;
        const segment = {
          startOffset: start,
          endOffset: start,
          ...(turnId === undefined ? {} : { turnId }),
        };
        const why = { status: 0, message: 'the turn is no longer in the recording' };
        this.#state = markSetAside(this.#state, { segment }, why, new Date().toISOString());
      } else if (!(await this.#isOver(turn))) {
        this.#live = true;
      } else if (!(await this.#sendOne(route, turn, owed))) {
        return false;
      }
    }
    return true;
  }

  async #sendNew(route: OpenRoute): Promise<boolean> {
    const from = { offset: this.#state.cursor, total: this.#state.total };
    for await (const turn of readTurns(this.path, from)) {
      if (!(await this.#isOver(turn))) {
        this.#live = true;
        return true;
      }
      if (!(await this.#sendOne(route, turn))) return false;
    }
    return true;
  }

  async #turnAt({ start, total }: OwedTurn): Promise<PassedTurn | undefined> {
    for await (const turn of readTurns(this.path, { offset: start, total })) {
      return turn.segment.startOffset === start ? turn : undefined;
    }
    return undefined;
  }

  #isOver(turn: PassedTurn): Promise<boolean> {
    return isTurnOver(this.path, turn, this.#state, this.run.options.abandonedMs);
  }

  /** @returns whether to go on with the next turn */
  async #sendOne(threadRoute: OpenRoute, turn: PassedTurn, owed?: OwedTurn): Promise<boolean> {
    const { run } = this;
    const { startOffset, turnId } = turn.segment;
    const announced = this.#state.announced.find((entry) => entry.start === startOffset);
    const route = announced?.leaveOut ? undefined : await routeOfTurn(run, turn, threadRoute);
    if (!route) {
      this.#state = markLeftOut(this.#state, turn);
      return true;
    }
    const client = owed?.client ?? announced?.client;
    const tries = {
      refusals: owed?.refusals ?? 0,
      failures: owed?.failures ?? 0,
      ...(client === undefined ? {} : { client }),
    };
    if (route.kind === 'none') {
      // Its own folder's settings are broken: that is not the next turn's affair.
      this.#state = markPostponed(this.#state, turn, tries);
      this.#note({ reason: route.detail, blocked: true });
      return true;
    }
    const obstacle = run.obstacle(route.destination);
    if (obstacle) return this.wait(obstacle);
    const timeMs = run.requestMs();
    if (timeMs === 0) return this.wait({ reason: 'out of time', blocked: false });
    // What cannot be remembered would be sent again.
    if (!this.#isWritable && !this.#save()) return this.wait(UNWRITABLE);
    const startedMs = Date.now();
    const outcome = await sendTurn(turn, run.options.codexHome, route.settings, route.sender, {
      ...tries,
      once: isStuck(tries),
      abandonedMs: run.options.abandonedMs,
      remainingMs: () => run.requestMs(),
    });
    const goOn = this.#settle(turn, outcome, route, { ...tries, timeMs });
    const isSaved = this.#save();
    this.#report(turnId, outcome, Date.now() - startedMs);
    return isSaved ? goOn : this.wait(UNWRITABLE);
  }

  /** Draws the conclusion from an answer. @returns whether to go on with the next turn */
  #settle(
    turn: PassedTurn,
    { result, refusals }: TurnOutcome,
    { destination }: OpenRoute,
    tries: { failures: number; client?: string; timeMs: number },
  ): boolean {
    switch (result.kind) {
      case 'sent':
        this.#sent++;
        this.#agents.push(...assembleTurn(turn.segment, turn.meta).subAgents);
        this.#state = markSent(this.#state, turn);
        return true;
      case 'refused': {
        this.#refused++;
        const why = { status: result.status, message: result.message };
        this.#state = markSetAside(this.#state, turn, why, new Date().toISOString());
        return true;
      }
      case 'owed': {
        const { client, timeMs } = tries;
        const isDoubtful = isOfTheTurn(result.reason, timeMs, this.run.options.requestTimeoutMs);
        const failures = tries.failures + (isDoubtful ? 1 : 0);
        if (failures > 0 || refusals > 0 || result.isTurns) {
          const counts = { refusals: Math.min(refusals, MAX_REFUSALS - 1), failures };
          const who = client === undefined ? {} : { client };
          this.#state = markPostponed(this.#state, turn, { ...counts, ...who });
        }
        this.#note({ ...result, reason: reasonOf(result) });
        if (result.isTurns) return true;
        // One bad turn steps aside; several in a row are the server.
        const goOn = isStuck({ failures }) && ++this.#stumbles < MAX_STUMBLES;
        // What was stuck before says nothing new of the server: other threads may have better turns.
        const isOldNews = isDoubtful && isStuck(tries) && result.retryAfterMs === undefined;
        if (!goOn && !isOldNews) this.run.markDown(destination, result);
        return goOn;
      }
    }
  }

  /** Remembers why the rest stays owed. */
  wait(why: { reason: string; blocked: boolean }): false {
    this.#note(why);
    this.saveChanges();
    return false;
  }

  #note({ reason, blocked }: { reason: string; blocked: boolean }): void {
    this.#owed = { reason, blocked };
    const since = this.#state.waiting?.since ?? new Date().toISOString();
    this.#state = { ...this.#state, waiting: { since, reason, blocked } };
  }

  #report(turnId: string | undefined, { result, note, isReduced }: TurnOutcome, ms: number): void {
    const detail =
      result.kind === 'sent' ? note : result.kind === 'refused' ? String(result.status) : reasonOf(result);
    const report: TurnReport = {
      threadId: this.#state.threadId,
      outcome: result.kind,
      ms,
      ...(turnId === undefined ? {} : { turnId }),
      ...(detail === undefined ? {} : { detail }),
      ...(isReduced ? { isReduced } : {}),
    };
    this.run.options.onTurn?.(report);
  }
}

/** Why a turn was not taken, with the step where there are several. */
function reasonOf({ reason, step }: { reason: string; step?: string }): string {
  return step === undefined ? reason : `${reason} while ${step}`;
}

function withoutWaiting({ waiting: _, ...rest }: ThreadState): ThreadState {
  return rest;
}

const UNWRITABLE = { reason: 'the state folder cannot be written', blocked: true };
