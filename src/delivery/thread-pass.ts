import { type PassedTurn, readTurns } from '../codex/read-turns.js';
import { isAbandoned } from '../codex/recording-life.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import type { SubAgentLink } from '../turn/turn.js';
import type { DeliveryRun, Route } from './delivery-run.js';
import { MAX_REFUSALS, sendTurn } from './send-turn.js';
import { markPostponed, markSent, markSetAside } from './state-moves.js';
import { type OwedTurn, saveThreadState, type ThreadState } from './thread-state.js';

/** What a pass over a thread came to. */
export interface ThreadResult {
  /** `busy`: another process has the thread in hand; it takes our part over. */
  readonly kind: 'done' | 'busy' | 'unknown' | 'no recording' | 'not saved';
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

/** One pass over a thread's recording, its state saved after every answer. */
export class ThreadPass {
  #state: ThreadState;
  #sent = 0;
  #refused = 0;
  #owed: string | undefined;
  #live = false;
  #stumbles = 0;
  readonly #agents: SubAgentLink[] = [];

  constructor(
    readonly run: DeliveryRun,
    readonly path: string,
    state: ThreadState,
  ) {
    this.#state = state;
  }

  save(): boolean {
    try {
      saveThreadState(this.run.options.stateDir, this.#state);
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
      ...(this.#owed === undefined ? {} : { owed: this.#owed }),
      ...(this.#live ? { live: true } : {}),
    };
  }

  /** Turns before the cursor, then those from it on, and last those a server has failed over again and again. */
  async send(route: Route & { kind: 'route' }): Promise<void> {
    const stuck = this.#state.owed.filter(isStuck);
    const ready = this.#state.owed.filter((turn) => !isStuck(turn));
    if (!(await this.#sendOwed(route, ready))) return;
    if (!(await this.#sendNew(route))) return;
    await this.#sendOwed(route, stuck);
  }

  async #sendOwed(route: Route & { kind: 'route' }, turns: readonly OwedTurn[]): Promise<boolean> {
    for (const owed of [...turns].sort((a, b) => a.start - b.start)) {
      const turn = await this.#turnAt(owed);
      if (!turn) {
        // The recording was rewritten or is gone: there is nothing left to send.
        const gone = { startOffset: owed.start, endOffset: owed.start };
        const why = { status: 0, message: 'the turn is no longer in the recording' };
        this.#state = markSetAside(this.#state, { segment: gone }, why, new Date().toISOString());
        continue;
      }
      if (turn.isLast && !(await this.#isOver(turn))) this.#live = true;
      else if (!(await this.#sendOne(route, turn, owed))) return false;
    }
    return true;
  }

  async #sendNew(route: Route & { kind: 'route' }): Promise<boolean> {
    const from = { offset: this.#state.cursor, total: this.#state.total };
    for await (const turn of readTurns(this.path, from)) {
      if (turn.isLast && !(await this.#isOver(turn))) {
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

  /** A turn without an end line is over when it was announced (Codex up to 0.80), or when its writer is gone. */
  async #isOver({ segment }: PassedTurn): Promise<boolean> {
    if (segment.ended) return true;
    const announced = this.#state.announced.some((turn) => turn.start === segment.startOffset);
    if (announced && !segment.started) return true;
    const times = segment.events.map((event) => event.timeMs).filter((ms) => !Number.isNaN(ms));
    return isAbandoned(
      this.path,
      times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : Number.NaN,
      Date.now(),
    );
  }

  /** @returns whether to go on with the next turn */
  async #sendOne(route: Route & { kind: 'route' }, turn: PassedTurn, owed?: OwedTurn): Promise<boolean> {
    const { run } = this;
    const { segment } = turn;
    const startedMs = Date.now();
    const obstacle = run.obstacle(route.destination);
    if (obstacle) return this.wait(obstacle);
    if (run.requestMs() === 0) return this.wait({ reason: 'out of time', blocked: false });
    const announced = this.#state.announced.find((entry) => entry.start === segment.startOffset);
    const client = owed?.client ?? announced?.client;
    const who = client === undefined ? {} : { client };
    const { result, refusals, form } = await sendTurn(
      turn,
      run.options.codexHome,
      route.settings,
      route.sender,
      {
        refusals: owed?.refusals ?? 0,
        remainingMs: () => run.requestMs(),
        ...who,
      },
    );
    let goOn = true;
    switch (result.kind) {
      case 'sent':
        this.#sent++;
        this.#agents.push(...assembleTurn(segment, turn.meta).subAgents);
        this.#state = markSent(this.#state, turn);
        break;
      case 'refused': {
        this.#refused++;
        const why = { status: result.status, message: result.message };
        this.#state = markSetAside(this.#state, turn, why, new Date().toISOString());
        break;
      }
      case 'owed': {
        const failures = (owed?.failures ?? 0) + (isOfTheTurn(result.reason) ? 1 : 0);
        if (failures > 0 || refusals > 0) {
          const counts = { refusals: Math.min(refusals, MAX_REFUSALS - 1), failures, ...who };
          this.#state = markPostponed(this.#state, turn, counts);
        }
        // One bad turn steps aside; several in a row are the server.
        goOn = isStuck({ failures }) && ++this.#stumbles < MAX_STUMBLES;
        if (!goOn) run.markDown(route.destination, result);
        this.#note(result);
      }
    }
    const isSaved = this.save();
    this.#report(segment.turnId, result.kind, Date.now() - startedMs, detailOf(result, form));
    // What cannot be remembered would be sent again.
    return isSaved ? goOn : this.wait({ reason: 'the state folder cannot be written', blocked: true });
  }

  /** Remembers why the rest stays owed. */
  wait(why: { reason: string; blocked: boolean }): false {
    this.#note(why);
    this.save();
    return false;
  }

  #note({ reason, blocked }: { reason: string; blocked: boolean }): void {
    this.#owed = reason;
    const since = this.#state.waiting?.since ?? new Date().toISOString();
    this.#state = { ...this.#state, waiting: { since, reason, blocked } };
  }

  #report(
    turnId: string | undefined,
    outcome: 'sent' | 'owed' | 'refused',
    ms: number,
    detail?: string,
  ): void {
    this.run.options.onTurn?.({
      threadId: this.#state.threadId,
      outcome,
      ms,
      ...(turnId === undefined ? {} : { turnId }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

/** After so many failures a turn no longer holds up the ones after it. */
const MAX_FAILURES = 3;
/** Of such turns in one pass. */
const MAX_STUMBLES = 3;

function isStuck({ failures }: { readonly failures: number }): boolean {
  return failures >= MAX_FAILURES;
}

/** The server was there, and this turn may be what it stumbles over. */
function isOfTheTurn(reason: string): boolean {
  return reason === 'timeout' || /^5\d\d$/.test(reason);
}

function detailOf(result: ExportOutcome, form: string | undefined): string | undefined {
  if (result.kind === 'sent') return form;
  return result.kind === 'refused' ? String(result.status) : result.reason;
}
