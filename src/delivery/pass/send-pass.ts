import type { LateItem } from '../../codex/segments/turn-segment.js';
import type { LocatedItem, ThreadRecording, ThreadTurn } from '../recording/recording-port.js';
import { isTurnOver } from '../recording/turn-end.js';
import type { Delivery } from '../run/delivery-port.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import type { PassState } from '../run/pass-state.js';
import type { OutgoingPart } from '../run/turn-report.js';
import { givesWay } from '../sending/retry-policy.js';
import type { DeliverRoute } from '../sending/route.js';
import { enqueueLateItem, forgetTurn } from '../store/settle-turn.js';
import {
  cursorOf,
  findTurn,
  isPending,
  type Position,
  pendingTurns,
  statusOf,
  type TurnEntry,
} from '../store/thread-state.js';
import { TurnDelivery } from './turn-delivery.js';

/** One pass over a thread's recording: which turns are sent, and in which order. */
export class SendPass {
  readonly #delivery: Delivery;

  constructor(
    readonly run: DeliveryRun,
    readonly recording: ThreadRecording,
    readonly state: PassState,
  ) {
    this.#delivery = run.options.deliveryOf?.(run, state) ?? new TurnDelivery(run, state);
  }

  /** Turns before the cursors, then those from them on, and last those a server has failed over again and again. */
  async send(route: DeliverRoute): Promise<void> {
    const pending = pendingTurns(this.state.thread);
    const ready = pending.filter((turn) => !givesWay(turn));
    const goOn = (await this.#sendPending(route, ready)) && (await this.#sendNew(route));
    if (goOn) await this.#sendPending(route, pending.filter(givesWay));
    this.state.finish();
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
    return this.#delivery.flush();
  }

  async #sendAgain(route: DeliverRoute, entry: TurnEntry): Promise<boolean> {
    const turn = await this.recording.turnAt(entry);
    if (turn && (await this.#isOver(turn))) return this.#delivery.deliver(route, turn);
    if (turn) this.state.isLive = true;
    else this.state.lose(entry);
    return true;
  }

  /** What became of a tool after its turn was over: sent once the turn is there. */
  async #sendLate(route: DeliverRoute, entry: TurnEntry): Promise<boolean> {
    if (!(await this.#delivery.flush())) return false;
    const late = await this.recording.lateItemAt(entry);
    const owner = late && (await this.recording.turnById(late.turnId));
    const status = owner && statusOf(this.state.thread, owner);
    if (late && owner && status === 'delivered')
      return this.#delivery.deliver(route, lateTurn(owner, entry, late));
    const isToCome = status === 'enqueued' || status === 'retry' || status === 'ahead';
    if (!isToCome) this.state.thread = forgetTurn(this.state.thread, entry);
    return true;
  }

  async #sendNew(route: DeliverRoute): Promise<boolean> {
    const late: LocatedItem[] = [];
    let reached: 'end' | 'running turn' | 'obstacle' = 'obstacle';
    try {
      reached = await this.#readOn(route, late);
    } finally {
      // Also where a line cannot be read: what comes before it is sent.
      if (!(await this.#delivery.flush())) reached = 'obstacle';
    }
    if (reached !== 'end') return reached === 'running turn';
    this.#takeLate(late, () => true);
    return this.#sendPending(
      route,
      pendingTurns(this.state.thread).filter(
        ({ item, status }) => item !== undefined && status === 'enqueued',
      ),
    );
  }

  /** Sends the turns from the cursors on. @param late gains what stands between them of the tools of earlier ones */
  async #readOn(route: DeliverRoute, late: LocatedItem[]): Promise<'end' | 'running turn' | 'obstacle'> {
    const cursorIn = (file: string) => cursorOf(this.state.thread, file);
    for await (const turn of this.recording.turns(cursorIn, (item) => late.push(item))) {
      if (late.length > 0 && !(await this.#delivery.flush())) return 'obstacle';
      this.#takeLate(late, (item) => item.file !== turn.file || item.start < turn.start);
      if (!(await this.#isOver(turn))) {
        this.state.isLive = true;
        return 'running turn';
      }
      const goOn = await this.#passTurn(route, turn);
      this.#takeLate(late, (item) => item.start < (cursorIn(turn.file)?.cursor ?? 0));
      if (!goOn) return 'obstacle';
    }
    return 'end';
  }

  async #passTurn(route: DeliverRoute, turn: ThreadTurn): Promise<boolean> {
    const entry = findTurn(this.state.thread, turn);
    if (!entry || isPending(entry)) return this.#delivery.deliver(route, turn);
    // The cursor moves behind it, and so behind all that is held back.
    const goOn = await this.#delivery.flush();
    if (goOn) this.state.settle(turn, entry);
    return goOn;
  }

  #takeLate(late: LocatedItem[], isDue: (item: LocatedItem) => boolean): void {
    for (const item of late.filter(isDue)) {
      this.state.thread = enqueueLateItem(this.state.thread, item);
      late.splice(late.indexOf(item), 1);
    }
  }

  #isOver(turn: ThreadTurn): Promise<boolean> {
    return isTurnOver(turn, this.state.thread, this.run.options.abandonedMs);
  }
}

/** A late item in the place of its turn: it stands where its line does, and is sent alone. */
function lateTurn(owner: ThreadTurn, { file, start }: Position, late: LateItem): OutgoingPart {
  const { total: _, totalAfter: __, ...turn } = owner;
  const assemble = () => owner.assemble([late]);
  return { ...turn, file, start, end: late.end, assemble, onlyItems: [late.item.id] };
}
