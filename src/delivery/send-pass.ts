import type { LateItem } from '../codex/segments/turn-segment.js';
import { compact } from '../platform/json.js';
import type { SubAgentLink, Turn } from '../turn/turn.js';
import type { DeliveryRun } from './delivery-run.js';
import type { LocatedItem, ThreadRecording, ThreadTurn } from './recording/recording-port.js';
import { isTurnOver } from './recording/turn-end.js';
import { judgeAnswer, whyNot } from './sending/judge-answer.js';
import type { OutgoingTurn } from './sending/outgoing-turn.js';
import { givesWay } from './sending/retry-policy.js';
import type { DeliverRoute, Route } from './sending/route.js';
import { sendTurn, type TurnOutcome } from './sending/send-turn.js';
import { noteWholeTurn } from './store/live-records.js';
import { enqueueLateItem, forgetTurn, settleTurn } from './store/settle-turn.js';
import {
  cursorOf,
  findTurn,
  isPending,
  type Position,
  pendingTurns,
  type SentPart,
  statusOf,
  type ThreadState,
  type TurnEntry,
} from './store/thread-state.js';
import type { ThreadStore } from './store/thread-store.js';
import type { Drained } from './thread-outcome.js';
import { type OutgoingPart, reportOf } from './turn-report.js';
import { routeOfTurn } from './turn-route.js';

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
      sentPart: entry?.sentPart,
      once: givesWay(entry ?? {}),
    };
    const { codexHome, abandonedMs } = run.options;
    const timeLeftMs = () => run.requestMs();
    const onPart = (sentPart: SentPart) => this.#noteSentPart(turn, sentPart);
    const outcome = await sendTurn(outgoing, route, { codexHome, abandonedMs, timeLeftMs, onPart });
    if (!outcome) {
      this.#state = settleTurn(this.#state, turn, { status: 'skipped', message: NOT_SAMPLED });
      return true;
    }
    const goOn = this.#settle(turn, assembled, outcome, route, timeMs);
    const isSaved = this.#save();
    this.#noteWhole(turn, outgoing, outcome);
    run.options.onTurn?.(reportOf(this.#state.threadId, turn, outcome, Date.now() - startedMs));
    return isSaved ? goOn : this.wait(UNWRITABLE);
  }

  /** Remembers what a server has of a turn that goes in several requests. @returns whether to go on with it */
  #noteSentPart(turn: OutgoingPart, sentPart: SentPart): boolean {
    const { refusals, failures } = findTurn(this.#state, turn) ?? {};
    this.#state = settleTurn(this.#state, turn, compact({ status: 'retry', refusals, failures, sentPart }));
    return this.#save() && this.store.isOurs();
  }

  /** Notes down what follows from an answer. @returns whether to go on with the next turn */
  #settle(
    turn: OutgoingPart,
    assembled: Turn,
    outcome: TurnOutcome,
    route: DeliverRoute,
    timeMs: number,
  ): boolean {
    const { result } = outcome;
    const verdict = judgeAnswer(outcome, {
      before: findTurn(this.#state, turn),
      givenWay: this.#givenWay,
      timeMs,
      wholeMs: this.run.options.requestTimeoutMs,
      now: new Date().toISOString(),
    });
    if (result.kind === 'sent' && !turn.onlyItems) this.#countSent(assembled);
    if (result.kind === 'rejected') this.#counts.rejected++;
    if (verdict.gaveWay) this.#givenWay++;
    if (verdict.settlement) this.#state = settleTurn(this.#state, turn, verdict.settlement);
    if (result.kind !== 'pending') return verdict.goOn;
    this.#note({ ...result, reason: whyNot(result) });
    if (verdict.isServerDown) this.run.openCircuit(route.destination, result);
    return verdict.goOn;
  }

  /** Live spans of the turn, where there were any, are replaced now. */
  #noteWhole(turn: OutgoingPart, { client, run }: OutgoingTurn, { result }: TurnOutcome): void {
    if (turn.onlyItems || result.kind !== 'sent') return;
    const { threadId } = this.#state;
    noteWholeTurn(
      this.run.options.stateDir,
      { ...turn, threadId },
      compact({ atMs: Date.now(), client, run }),
    );
  }

  #countSent({ subAgents, startMs }: Turn): void {
    this.#counts.sent++;
    this.#agents.push(...subAgents);
    this.#sinceMs = Math.min(this.#sinceMs, startMs);
  }

  /** The recording was rewritten, or is gone: there is nothing left to send. */
  #lose(entry: TurnEntry): void {
    this.#counts.lost++;
    this.#state = settleTurn(
      this.#state,
      { ...entry, end: entry.start },
      {
        status: 'lost',
        message: GONE,
        at: new Date().toISOString(),
      },
    );
  }

  #note({ reason, blocked }: Obstacle): void {
    this.#obstacle = { reason, blocked };
    const since = this.#state.waiting?.since ?? new Date().toISOString();
    this.#state = { ...this.#state, waiting: { since, reason, blocked } };
  }
}

/** A late item in the place of its turn: it stands where its line does, and is sent alone. */
function lateTurn(owner: ThreadTurn, { file, start }: Position, late: LateItem): OutgoingPart {
  const { total: _, totalAfter: __, ...turn } = owner;
  const assemble = () => owner.assemble([late]);
  return { ...turn, file, start, end: late.end, assemble, onlyItems: [late.item.id] };
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
