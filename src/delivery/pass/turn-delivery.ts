import { compact } from '../../platform/json.js';
import type { Turn } from '../../turn/turn.js';
import type { ThreadTurn } from '../recording/recording-port.js';
import type { Delivery } from '../run/delivery-port.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { type Obstacle, type PassState, UNWRITABLE } from '../run/pass-state.js';
import { type OutgoingPart, reportOf } from '../run/turn-report.js';
import { routeOfTurn } from '../run/turn-route.js';
import { judgeAnswer, whyNot } from '../sending/judge-answer.js';
import type { OutgoingTurn } from '../sending/prepared/outgoing-turn.js';
import { givesWay } from '../sending/retry-policy.js';
import type { DeliverRoute, Route } from '../sending/route.js';
import { sendTurn, type TurnOutcome } from '../sending/send-turn.js';
import { noteWholeTurn } from '../store/live-records.js';
import { findTurn, type SentPart } from '../store/thread-state.js';

const OUT_OF_TIME: Obstacle = { reason: 'out of time', blocked: false };
const LOST: Obstacle = { reason: 'another process has the thread in hand', blocked: false };
const NOT_SAMPLED = 'not of the share of traces that is sent (sampleRatio)';

/** Sends turns of a pass, one by one; the state is saved after every answer. */
export class TurnDelivery implements Delivery {
  #givenWay = 0;

  constructor(
    readonly run: DeliveryRun,
    readonly state: PassState,
  ) {}

  /** @returns whether to go on with the next turn */
  async deliver(threadRoute: Route, turn: OutgoingPart): Promise<boolean> {
    const { run, state } = this;
    const route = await routeOfTurn(run, turn, threadRoute);
    const entry = findTurn(state.thread, turn);
    switch (route.kind) {
      case 'skip':
        if (turn.isImported) state.counts.imported++;
        state.settle(turn, { status: 'skipped' });
        return true;
      case 'problem':
        // Its own folder's settings are broken: that is not the next turn's affair.
        state.settle(turn, { ...entry, status: 'enqueued' });
        state.note({ reason: route.detail, blocked: !route.passes });
        return true;
      case 'deliver':
        break;
    }
    const timeMs = run.requestMs();
    const obstacle = run.obstacle(route.destination) ?? (timeMs === 0 ? OUT_OF_TIME : undefined);
    if (obstacle) return state.wait(obstacle);
    // What cannot be remembered would be sent again.
    if (!state.canSave()) return state.wait(UNWRITABLE);
    // A machine that slept while it held the lock may find that another one has gone on with it.
    if (!state.store.isOurs()) return state.wait(LOST);
    const startedMs = Date.now();
    const outgoing = this.outgoing(turn);
    const { codexHome, abandonedMs } = run.options;
    const timeLeftMs = () => run.requestMs();
    const onPart = (sentPart: SentPart) => this.#noteSentPart(turn, sentPart);
    const outcome = await sendTurn(outgoing, route, { codexHome, abandonedMs, timeLeftMs, onPart });
    if (!outcome) {
      state.settle(turn, { status: 'skipped', message: NOT_SAMPLED });
      return true;
    }
    const goOn = this.#settle(turn, outgoing.turn, outcome, route, timeMs);
    const isSaved = state.save();
    this.tell(turn, outgoing, outcome, Date.now() - startedMs);
    return isSaved ? goOn : state.wait(UNWRITABLE);
  }

  async flush(): Promise<boolean> {
    return true;
  }

  /** A turn with what is known of it beside its recording. */
  outgoing(turn: OutgoingPart): OutgoingTurn {
    const { run, state } = this;
    const entry = findTurn(state.thread, turn);
    return {
      turn: turn.assemble(),
      meta: turn.meta,
      ...compact({ onlyItems: turn.onlyItems }),
      client: entry?.client ?? clientOf(turn),
      run: entry?.run ?? run.options.runContext,
      refusals: entry?.refusals ?? 0,
      sentPart: entry?.sentPart,
      once: givesWay(entry ?? {}),
    };
  }

  /** Tells of a turn that was tried, once that is remembered. @param ms how long it took */
  tell(turn: OutgoingPart, outgoing: OutgoingTurn, outcome: TurnOutcome, ms: number): void {
    this.#noteWhole(turn, outgoing, outcome);
    this.run.report(reportOf(this.state.thread.threadId, turn, outcome, ms));
  }

  /** Remembers what a server has of a turn that goes in several requests. @returns whether to go on with it */
  #noteSentPart(turn: OutgoingPart, sentPart: SentPart): boolean {
    const { refusals, failures } = findTurn(this.state.thread, turn) ?? {};
    this.state.settle(turn, compact({ status: 'retry', refusals, failures, sentPart }));
    return this.state.save() && this.state.store.isOurs();
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
      before: findTurn(this.state.thread, turn),
      givenWay: this.#givenWay,
      timeMs,
      wholeMs: this.run.options.requestTimeoutMs,
      now: new Date().toISOString(),
    });
    if (result.kind === 'sent' && !turn.onlyItems) this.state.countSent(assembled);
    if (result.kind === 'rejected') this.state.counts.rejected++;
    if (verdict.gaveWay) this.#givenWay++;
    if (verdict.settlement) this.state.settle(turn, verdict.settlement);
    if (result.kind !== 'pending') return verdict.goOn;
    this.state.note({ ...result, reason: whyNot(result) });
    if (verdict.isServerDown) this.run.openCircuit(route.destination, result);
    return verdict.goOn;
  }

  /** Live spans of the turn, where there were any, are replaced now. */
  #noteWhole(turn: OutgoingPart, { client, run }: OutgoingTurn, { result }: TurnOutcome): void {
    if (turn.onlyItems || result.kind !== 'sent') return;
    const { threadId } = this.state.thread;
    noteWholeTurn(
      this.run.options.stateDir,
      { ...turn, threadId },
      compact({ atMs: Date.now(), client, run }),
    );
  }
}

/**
 * Codex announces as `client` what the recording calls its originator (0.120 to 0.169, every client of
 * the recordings seen): so a turn that was not announced has it as well. Agents are started by no client.
 */
function clientOf({ meta }: ThreadTurn): string | undefined {
  const isAgents = meta?.parentThreadId !== undefined || meta?.subagent !== undefined;
  return isAgents ? undefined : meta?.originator;
}
