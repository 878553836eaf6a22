import { compact } from '../../platform/json.js';
import { textLength } from '../../spans/span-spec.js';
import type { Delivery } from '../run/delivery-port.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { type PassState, UNWRITABLE } from '../run/pass-state.js';
import type { OutgoingPart } from '../run/turn-report.js';
import { routeOfTurn } from '../run/turn-route.js';
import type { OutgoingTurn } from '../sending/prepared/outgoing-turn.js';
import type { DeliverRoute, Route } from '../sending/route.js';
import { type WholeTurn, wholeTurn } from '../sending/whole-turn.js';
import { findTurn } from '../store/thread-state.js';
import { TurnDelivery } from './turn-delivery.js';

/** Turns of one request: a process that is killed after the answer sends so many again, with the same ids. */
const MAX_TURNS = 20;
/** Of one recorded turn: of a larger one the request itself is the least part of the cost. */
const MAX_TURN_BYTES = 64 * 1024;
/** Of all that were recorded. */
const MAX_BYTES = 256 * 1024;
/** Characters of one request: nginx refuses bodies of more than 1 MiB where nothing else is set. */
const MAX_LENGTH = 512 * 1024;

/** A turn that waits for the next ones. */
interface HeldTurn {
  readonly route: DeliverRoute;
  readonly turn: OutgoingPart;
}

type ReadyTurn = WholeTurn & { readonly turn: OutgoingPart; readonly outgoing: OutgoingTurn };

/**
 * Sends small turns of a pass together in one request: MLflow 3.17.2 on SQLite takes 50 ms for a request with one turn
 * of eight spans, and 110 to 300 ms for one with ten of them. A request that is taken is the 2xx of all its turns; any other
 * answer is none about a turn, and each is then sent by itself, as if nothing had been tried.
 */
export class JoinedDelivery implements Delivery {
  readonly #single: TurnDelivery;
  #held: HeldTurn[] = [];
  #bytes = 0;

  constructor(
    readonly run: DeliveryRun,
    readonly state: PassState,
  ) {
    this.#single = new TurnDelivery(run, state);
  }

  async deliver(threadRoute: Route, turn: OutgoingPart): Promise<boolean> {
    const route = await routeOfTurn(this.run, turn, threadRoute);
    if (route.kind !== 'deliver' || !this.#mayJoin(route, turn))
      return (await this.flush()) && this.#single.deliver(threadRoute, turn);
    if (!this.#hasRoomFor(route, turn) && !(await this.flush())) return false;
    this.#held.push({ route, turn });
    this.#bytes += bytesOf(turn);
    return true;
  }

  async flush(): Promise<boolean> {
    const held = this.#held;
    this.#held = [];
    this.#bytes = 0;
    const goOn = held.length > 1 ? await this.#sendTogether(held) : undefined;
    if (goOn !== undefined) return goOn;
    for (const { route, turn } of held) if (!(await this.#single.deliver(route, turn))) return false;
    return true;
  }

  /** A turn that nothing has happened to yet. */
  #mayJoin({ sender, settings }: DeliverRoute, turn: OutgoingPart): boolean {
    const isNew = (findTurn(this.state.thread, turn)?.status ?? 'enqueued') === 'enqueued';
    const isSampled = settings.owner.sampleRatio === 1;
    return isNew && isSampled && sender.takesParts && !turn.onlyItems && bytesOf(turn) <= MAX_TURN_BYTES;
  }

  #hasRoomFor(route: DeliverRoute, turn: OutgoingPart): boolean {
    const [first] = this.#held;
    if (!first) return true;
    const isAlike = first.route === route && first.turn.meta?.cliVersion === turn.meta?.cliVersion;
    return isAlike && this.#held.length < MAX_TURNS && this.#bytes + bytesOf(turn) <= MAX_BYTES;
  }

  /** @returns whether to go on; undefined where nothing has become of any of them */
  async #sendTogether(held: readonly HeldTurn[]): Promise<boolean | undefined> {
    const { run, state } = this;
    const [first] = held;
    if (!first || !this.#maySend(first.route)) return undefined;
    const startedMs = Date.now();
    const ready = await this.#makeReady(held);
    const specs = ready?.flatMap((turn) => turn.specs) ?? [];
    const length = specs.reduce((sum, spec) => sum + textLength(spec), 0);
    const timeoutMs = run.requestMs();
    if (!ready || length > MAX_LENGTH || timeoutMs === 0) return undefined;
    const { route, turn } = first;
    const result = await route.sender.send(specs, turn.meta?.cliVersion, { timeoutMs });
    if (result.kind !== 'sent') return undefined;
    for (const { turn, outgoing } of ready) {
      state.settle(turn, { status: 'delivered' });
      state.countSent(outgoing.turn);
    }
    const isSaved = state.save();
    const ms = Math.round((Date.now() - startedMs) / ready.length);
    for (const { turn, outgoing, left } of ready)
      this.#single.tell(turn, outgoing, compact({ result, refusals: 0, ...left }), ms);
    return isSaved || state.wait(UNWRITABLE);
  }

  /** Why not is said when the first of them is sent by itself. */
  #maySend({ destination }: DeliverRoute): boolean {
    return !this.run.obstacle(destination) && this.state.canSave() && this.state.store.isOurs();
  }

  /** @returns undefined where one of them takes more than a request for itself */
  async #makeReady(held: readonly HeldTurn[]): Promise<ReadyTurn[] | undefined> {
    const ready: ReadyTurn[] = [];
    for (const { route, turn } of held) {
      const outgoing = this.#single.outgoing(turn);
      const whole = await wholeTurn(outgoing, route, this.run.options.codexHome);
      if (!whole) return undefined;
      ready.push({ ...whole, turn, outgoing });
    }
    return ready;
  }
}

function bytesOf({ start, end }: OutgoingPart): number {
  return end - start;
}
