import type { LateItem } from '../codex/segments/split-turns.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import { compact } from '../platform/json.js';
import type { SubAgentLink, Turn } from '../turn/turn.js';
import type { DeliverRoute, DeliveryRun, Route, TurnReport } from './delivery-run.js';
import type { LocatedItem, ThreadRecording, ThreadTurn } from './recording-port.js';
import { givesWay, isOfTheTurn, MAX_GIVING_WAY, MAX_REFUSALS } from './retry-policy.js';
import { sendTurn, type TurnOutcome } from './send-turn.js';
import { enqueueLateItem, forgetTurn, type Settlement, settleTurn } from './store/settle-turn.js';
import {
  cursorOf,
  findTurn,
  isPending,
  type Position,
  pendingTurns,
  statusOf,
  type ThreadState,
  type TurnEntry,
} from './store/thread-state.js';
import type { ThreadStore } from './store/thread-store.js';
import type { Drained } from './thread-outcome.js';
import { isTurnOver } from './turn-end.js';
import { routeOfTurn } from './turn-route.js';

/** A turn, or what became of some of its tools after it was over. */
type OutgoingPart = ThreadTurn & { readonly onlyItems?: readonly string[] };

/** Why turns wait. */
interface Obstacle {
  readonly reason: string;
  /** Waiting alone will not help. */
  readonly blocked: boolean;
}

const UNWRITABLE: Obstacle = { reason: 'the state folder cannot be written', blocked: true };
const OUT_OF_TIME: Obstacle = { reason: 'out of time', blocked: false };
const LOST: Obstacle = { reason: 'another process has the thread in hand', blocked: false };
const NOT_SAMPLED = 'not of the share of traces that is sent (sampleRatio)';
const GONE = 'the turn is no longer in the recording';

/** One pass over a thread's recording, its state saved after every answer. */
export class SendPass {
  #state: ThreadState;
  /** The state as it is stored. */
  #stored: string | undefined;
  /** This pass has written the state: the folder takes files. */
  #isWritable = false;
  readonly #counts = { sent: 0, rejected: 0, lost: 0, imported: 0 };
  #obstacle: Obstacle | undefined;
  #isLive = false;
  #givenWay = 0;
  readonly #agents: SubAgentLink[] = [];
  /** When the oldest turn sent began. */
  #sinceMs = Number.POSITIVE_INFINITY;

  /** @param stored the state as the store has it; undefined where it has none, or another one */
  constructor(
    readonly run: DeliveryRun,
    readonly recording: ThreadRecording,
    readonly store: ThreadStore,
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

  result(): Omit<Drained, 'located'> {
    return compact({
      kind: 'drained',
      state: this.#state,
      ...this.#counts,
      pending: this.#obstacle?.reason,
      isLive: this.#isLive,
      agents: this.#agents,
      sinceMs: this.#sinceMs,
    });
  }

  /** Whether nothing of the thread is left to be done. */
  isSettled(): boolean {
    return this.#obstacle === undefined && !this.#state.turns.some(isPending);
  }

  /** Turns before the cursors, then those from them on, and last those a server has failed over again and again. */
  async send(route: DeliverRoute): Promise<void> {
    const pending = pendingTurns(this.#state);
    const ready = pending.filter((turn) => !givesWay(turn));
    const goOn = (await this.#sendPending(route, ready)) && (await this.#sendNew(route));
    if (goOn) await this.#sendPending(route, pending.filter(givesWay));
    // What was sent after a turn that was not has taken the note away; and what was pending may be gone.
    if (this.#obstacle) this.#note(this.#obstacle);
    else this.#state = withoutWaiting(this.#state);
    this.saveChanges();
  }

  /** Notes down why nothing can be sent. */
  wait(obstacle: Obstacle): false {
    this.#note(obstacle);
    this.saveChanges();
    return false;
  }

  #save(): boolean {
    try {
      this.store.save(this.#state);
      this.#stored = JSON.stringify(this.#state);
      this.#isWritable = true;
      return true;
    } catch {
      return false;
    }
  }

  async #sendPending(route: DeliverRoute, entries: readonly TurnEntry[]): Promise<boolean> {
    const { files } = this.recording;
    const inOrder = [...entries].sort(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.start - b.start,
    );
    for (const entry of inOrder) {
      const goOn = entry.item === undefined ? this.#sendAgain(route, entry) : this.#sendLate(route, entry);
      if (!(await goOn)) return false;
    }
    return true;
  }

  async #sendAgain(route: DeliverRoute, entry: TurnEntry): Promise<boolean> {
    const turn = await this.recording.turnAt(entry);
    if (turn && (await this.#isOver(turn))) return this.#sendOne(route, turn);
    if (turn) this.#isLive = true;
    else this.#lose(entry);
    return true;
  }

  /** What became of a tool after its turn was over: sent once the turn is there. */
  async #sendLate(route: DeliverRoute, entry: TurnEntry): Promise<boolean> {
    const late = await this.recording.lateItemAt(entry);
    const owner = late && (await this.recording.turnById(late.turnId));
    const status = owner && statusOf(this.#state, owner);
    if (late && owner && status === 'delivered') return this.#sendOne(route, lateTurn(owner, entry, late));
    const isToCome = status === 'enqueued' || status === 'retry' || status === 'ahead';
    if (!isToCome) this.#state = forgetTurn(this.#state, entry);
    return true;
  }

  async #sendNew(route: DeliverRoute): Promise<boolean> {
    const late: LocatedItem[] = [];
    const cursorIn = (file: string) => cursorOf(this.#state, file);
    for await (const turn of this.recording.turns(cursorIn, (item) => late.push(item))) {
      this.#takeLate(late, (item) => item.file !== turn.file || item.start < turn.start);
      if (!(await this.#isOver(turn))) {
        this.#isLive = true;
        return true;
      }
      const goOn = await this.#passTurn(route, turn);
      this.#takeLate(late, (item) => item.start < (cursorIn(turn.file)?.cursor ?? 0));
      if (!goOn) return false;
    }
    this.#takeLate(late, () => true);
    return this.#sendPending(
      route,
      pendingTurns(this.#state).filter(({ item, status }) => item !== undefined && status === 'enqueued'),
    );
  }

  async #passTurn(route: DeliverRoute, turn: ThreadTurn): Promise<boolean> {
    const entry = findTurn(this.#state, turn);
    if (!entry || isPending(entry)) return this.#sendOne(route, turn);
    this.#state = settleTurn(this.#state, turn, entry);
    return true;
  }

  #takeLate(late: LocatedItem[], isDue: (item: LocatedItem) => boolean): void {
    for (const item of late.filter(isDue)) {
      this.#state = enqueueLateItem(this.#state, item);
      late.splice(late.indexOf(item), 1);
    }
  }

  #isOver(turn: ThreadTurn): Promise<boolean> {
    return isTurnOver(turn, this.#state, this.run.options.abandonedMs);
  }

  /** @returns whether to go on with the next turn */
  async #sendOne(threadRoute: Route, turn: OutgoingPart): Promise<boolean> {
    const { run } = this;
    const route = await routeOfTurn(run, turn, threadRoute);
    const entry = findTurn(this.#state, turn);
    switch (route.kind) {
      case 'skip':
        if (turn.isImported) this.#counts.imported++;
        this.#state = settleTurn(this.#state, turn, { status: 'skipped' });
        return true;
      case 'problem':
        // Its own folder's settings are broken: that is not the next turn's affair.
        this.#state = settleTurn(this.#state, turn, { ...entry, status: 'enqueued' });
        this.#note({ reason: route.detail, blocked: true });
        return true;
      case 'deliver':
        break;
    }
    const timeMs = run.requestMs();
    const obstacle = run.obstacle(route.destination) ?? (timeMs === 0 ? OUT_OF_TIME : undefined);
    if (obstacle) return this.wait(obstacle);
    // What cannot be remembered would be sent again.
    if (!this.#isWritable && !this.#save()) return this.wait(UNWRITABLE);
    // A machine that slept while it held the lock may find that another one has gone on with it.
    if (!this.store.isOurs()) return this.wait(LOST);
    const startedMs = Date.now();
    const assembled = turn.assemble();
    const outgoing = {
      turn: assembled,
      meta: turn.meta,
      ...compact({ onlyItems: turn.onlyItems }),
      client: entry?.client ?? clientOf(turn),
      run: entry?.run ?? run.options.runContext,
      refusals: entry?.refusals ?? 0,
      once: givesWay(entry ?? {}),
    };
    const { codexHome, abandonedMs } = run.options;
    const timeLeftMs = () => run.requestMs();
    const outcome = await sendTurn(outgoing, route, { codexHome, abandonedMs, timeLeftMs });
    if (!outcome) {
      this.#state = settleTurn(this.#state, turn, { status: 'skipped', message: NOT_SAMPLED });
      return true;
    }
    const goOn = this.#settle(turn, assembled, outcome, route, timeMs);
    const isSaved = this.#save();
    this.#report(turn, outcome, Date.now() - startedMs);
    return isSaved ? goOn : this.wait(UNWRITABLE);
  }

  /** Draws the conclusion from an answer. @returns whether to go on with the next turn */
  #settle(
    turn: OutgoingPart,
    assembled: Turn,
    { result, refusals }: TurnOutcome,
    route: DeliverRoute,
    timeMs: number,
  ): boolean {
    switch (result.kind) {
      case 'sent':
        if (!turn.onlyItems) this.#countSent(assembled);
        this.#state = settleTurn(this.#state, turn, { status: 'delivered' });
        return true;
      case 'refused':
        this.#counts.rejected++;
        this.#state = settleTurn(this.#state, turn, {
          ...givenUp('rejected', result.message),
          httpStatus: result.status,
        });
        return true;
      case 'owed':
        return this.#retryLater(turn, result, refusals, route, timeMs);
    }
  }

  #countSent({ subAgents, startMs }: Turn): void {
    this.#counts.sent++;
    this.#agents.push(...subAgents);
    this.#sinceMs = Math.min(this.#sinceMs, startMs);
  }

  /** @returns whether the next turn may have better luck */
  #retryLater(
    turn: ThreadTurn,
    result: ExportOutcome & { kind: 'owed' },
    refusals: number,
    { destination }: DeliverRoute,
    timeMs: number,
  ): boolean {
    const before = findTurn(this.#state, turn);
    const isDoubtful = isOfTheTurn(result.reason, timeMs, this.run.options.requestTimeoutMs);
    const failures = (before?.failures ?? 0) + (isDoubtful ? 1 : 0);
    if (failures > 0 || refusals > 0 || result.isTurns) {
      const attempts = { refusals: Math.min(refusals, MAX_REFUSALS - 1), failures };
      this.#state = settleTurn(this.#state, turn, { status: 'retry', ...attempts });
    }
    this.#note({ ...result, reason: whyNot(result) });
    if (result.isTurns) return true;
    // One bad turn gives way; several in a row are the server.
    const goOn = givesWay({ failures }) && ++this.#givenWay < MAX_GIVING_WAY;
    // What gave way before says nothing new of the server: other threads may have better turns.
    const isOldNews = isDoubtful && givesWay(before ?? {}) && result.retryAfterMs === undefined;
    if (!goOn && !isOldNews) this.run.openCircuit(destination, result);
    return goOn;
  }

  /** The recording was rewritten, or is gone: there is nothing left to send. */
  #lose(entry: TurnEntry): void {
    this.#counts.lost++;
    this.#state = settleTurn(this.#state, { ...entry, end: entry.start }, givenUp('lost', GONE));
  }

  #note({ reason, blocked }: Obstacle): void {
    this.#obstacle = { reason, blocked };
    const since = this.#state.waiting?.since ?? new Date().toISOString();
    this.#state = { ...this.#state, waiting: { since, reason, blocked } };
  }

  #report(turn: OutgoingPart, { result, note, isReduced }: TurnOutcome, ms: number): void {
    // The log's word of a turn is of the whole turn: a part of one has no id there.
    const part = turn.onlyItems && `a tool of turn ${turn.turnId} that outlived it`;
    const { outcome, detail } = logged(result, note);
    const report: TurnReport = compact({
      threadId: this.#state.threadId,
      turnId: part ? undefined : turn.turnId,
      at: { file: turn.file, start: turn.start },
      outcome,
      detail: [part, detail].filter(Boolean).join(': ') || undefined,
      isReduced,
      ms,
    });
    this.run.options.onTurn?.(report);
  }
}

/** An answer in the log's words: the one place where they meet. */
function logged(
  result: ExportOutcome,
  note: string | undefined,
): Pick<TurnReport, 'outcome'> & { detail: string | undefined } {
  switch (result.kind) {
    case 'sent':
      return { outcome: 'sent', detail: note };
    case 'refused':
      return { outcome: 'rejected', detail: String(result.status) };
    case 'owed':
      return { outcome: 'pending', detail: whyNot(result) };
  }
}

/** A late item in the place of its turn: it stands where its line does, and is sent alone. */
function lateTurn(owner: ThreadTurn, { file, start }: Position, late: LateItem): OutgoingPart {
  const { total: _, totalAfter: __, ...turn } = owner;
  const assemble = () => owner.assemble([late]);
  return { ...turn, file, start, end: late.end, assemble, onlyItems: [late.item.id] };
}

/** Why a turn was not taken, with the step where sending takes several. */
function whyNot({ reason, step }: ExportOutcome & { kind: 'owed' }): string {
  return step === undefined ? reason : `${reason} while ${step}`;
}

function givenUp(status: 'rejected' | 'lost', message: string): Settlement {
  return { status, message, at: new Date().toISOString() };
}

/**
 * Codex announces as `client` what the recording calls its originator (0.120 to 0.169, every client of
 * the recordings seen): so a turn that was not announced has it as well. Agents are started by no client.
 */
function clientOf({ meta }: ThreadTurn): string | undefined {
  const isAgents = meta?.parentThreadId !== undefined || meta?.subagent !== undefined;
  return isAgents ? undefined : meta?.originator;
}

function withoutWaiting({ waiting: _, ...rest }: ThreadState): ThreadState {
  return rest;
}
