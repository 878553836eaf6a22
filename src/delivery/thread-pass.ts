import { type PassedTurn, readTurns } from '../codex/read-turns.js';
import { isAbandoned } from '../codex/recording-life.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import type { SubAgentLink } from '../turn/turn.js';
import type { DeliveryRun, Route } from './delivery-run.js';
import { MAX_REFUSALS, sendTurn } from './send-turn.js';
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

  /** Turns before the cursor that no server has taken yet. */
  async sendOwed(route: Route & { kind: 'route' }): Promise<void> {
    for (const owed of [...this.#state.owed].sort((a, b) => a.start - b.start)) {
      const turn = await this.#turnAt(owed.start);
      if (!turn) {
        // The recording was rewritten or is gone: there is nothing left to send.
        this.#settle(owed.start, { status: 0, message: 'the turn is no longer in the recording' });
        continue;
      }
      if (turn.isLast && !(await this.#isOver(turn))) {
        this.#live = true;
        continue;
      }
      if (!(await this.#send(route, turn, owed))) return;
    }
  }

  /** Turns from the cursor on that are over. */
  async sendNew(route: Route & { kind: 'route' }): Promise<void> {
    if (this.#owed !== undefined) return;
    const from = { offset: this.#state.cursor, total: this.#state.total };
    for await (const turn of readTurns(this.path, from)) {
      if (turn.isLast && !(await this.#isOver(turn))) {
        this.#live = true;
        return;
      }
      if (!(await this.#send(route, turn))) return;
    }
  }

  async #turnAt(start: number): Promise<PassedTurn | undefined> {
    for await (const turn of readTurns(this.path, { offset: start })) {
      return turn.segment.startOffset === start ? turn : undefined;
    }
    return undefined;
  }

  /** A turn without an end line is over when it was announced (Codex up to 0.80), or when its writer is gone. */
  async #isOver({ segment }: PassedTurn): Promise<boolean> {
    if (segment.ended) return true;
    const announced = this.#state.announced.some((turn) => turn.start === segment.startOffset);
    if (announced && !segment.started) return true;
    return isAbandoned(this.path, Date.now());
  }

  /** @returns whether to go on with the next turn */
  async #send(route: Route & { kind: 'route' }, turn: PassedTurn, owed?: OwedTurn): Promise<boolean> {
    const { run } = this;
    const startedMs = Date.now();
    const obstacle = run.obstacle(route.destination);
    if (obstacle) return this.wait(obstacle);
    if (run.requestMs() === 0) return this.wait({ reason: 'out of time', blocked: false });
    const { segment } = turn;
    const announced = this.#state.announced.find((entry) => entry.start === segment.startOffset);
    const client = owed?.client ?? announced?.client;
    const outcome = await sendTurn(turn, run.options.codexHome, route.settings, route.sender, {
      refusals: owed?.refusals ?? 0,
      remainingMs: () => run.requestMs(),
      ...(client === undefined ? {} : { client }),
    });
    const { result } = outcome;
    const report = (kind: 'sent' | 'owed' | 'refused', detail?: string) =>
      run.options.onTurn?.({
        threadId: this.#state.threadId,
        outcome: kind,
        ms: Date.now() - startedMs,
        ...(segment.turnId === undefined ? {} : { turnId: segment.turnId }),
        ...(detail === undefined ? {} : { detail }),
      });
    if (result.kind === 'owed') {
      run.markDown(route.destination, result);
      if (outcome.refusals > (owed?.refusals ?? 0)) this.#countRefusals(turn, outcome.refusals);
      report('owed', result.reason);
      return this.wait(result);
    }
    if (result.kind === 'sent') {
      this.#sent++;
      this.#state = { ...this.#state, sent: this.#state.sent + 1 };
      this.#agents.push(...assembleTurn(segment, turn.meta).subAgents);
      if (owed) this.#settle(owed.start);
      else this.#advance(turn);
      report('sent', outcome.form);
    } else {
      this.#refused++;
      const words = { status: result.status, message: result.message };
      if (owed) this.#settle(owed.start, words);
      else this.#advance(turn, words);
      report('refused', String(result.status));
    }
    return true;
  }

  /** Remembers why the rest stays owed. */
  wait(why: { reason: string; blocked: boolean }): false {
    this.#owed = why.reason;
    const since = this.#state.waiting?.since ?? new Date().toISOString();
    this.#state = { ...this.#state, waiting: { since, reason: why.reason, blocked: why.blocked } };
    this.save();
    return false;
  }

  /** A turn refused in some forms before the server went away: what is left of its tries is kept. */
  #countRefusals({ segment }: PassedTurn, refusals: number): void {
    const { startOffset } = segment;
    if (!this.#state.owed.some((turn) => turn.start === startOffset)) return;
    this.#state = {
      ...this.#state,
      owed: this.#state.owed.map((turn) =>
        turn.start === startOffset ? { ...turn, refusals: Math.min(refusals, MAX_REFUSALS - 1) } : turn,
      ),
    };
  }

  #advance({ segment, totalAfter }: PassedTurn, refused?: { status: number; message: string }): void {
    const { waiting: _, ...state } = this.#state;
    this.#state = {
      ...state,
      cursor: segment.endOffset,
      ...(totalAfter === undefined ? {} : { total: totalAfter }),
      announced: state.announced.filter((turn) => turn.start >= segment.endOffset),
      setAside: refused
        ? [...state.setAside, this.#aside(segment.startOffset, segment.turnId, refused)]
        : state.setAside,
    };
    this.save();
  }

  #settle(start: number, refused?: { status: number; message: string }): void {
    const { waiting: _, ...state } = this.#state;
    const turn = state.owed.find((entry) => entry.start === start);
    this.#state = {
      ...state,
      owed: state.owed.filter((entry) => entry.start !== start),
      early: start < state.origin && !refused ? [...state.early, start] : state.early,
      setAside: refused ? [...state.setAside, this.#aside(start, turn?.turnId, refused)] : state.setAside,
    };
    this.save();
  }

  #aside(start: number, turnId: string | undefined, words: { status: number; message: string }) {
    return { start, at: new Date().toISOString(), ...words, ...(turnId === undefined ? {} : { turnId }) };
  }
}
