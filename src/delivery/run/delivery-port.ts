import type { Route } from '../sending/route.js';
import type { OutgoingPart } from './turn-report.js';

/** Sends the turns of a pass: one by one (`TurnDelivery`), or several in one request (`JoinedDelivery`). */
export interface Delivery {
  /** Sends a turn, or holds it back to be sent with the next ones. @returns whether to go on with the next turn */
  deliver(threadRoute: Route, turn: OutgoingPart): Promise<boolean>;
  /** Sends what was held back. @returns whether to go on */
  flush(): Promise<boolean>;
}
