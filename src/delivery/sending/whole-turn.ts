import type { SpanSpec } from '../../spans/span-spec.js';
import type { OutgoingTurn } from './prepared/outgoing-turn.js';
import type { DeliverRoute } from './route.js';
import { type FormOutcome, placedIn } from './send-form.js';
import { TURN_FORMS, unsearchedIn } from './turn-forms.js';
import { partsOf } from './turn-parts.js';

/** A turn as it goes with others in one request. */
export interface WholeTurn extends Pick<FormOutcome, 'left'> {
  /** The AGENT first. */
  readonly specs: readonly SpanSpec[];
}

/** A turn in its full form. @returns undefined where it takes more than one request */
export async function wholeTurn(
  outgoing: OutgoingTurn,
  { settings }: DeliverRoute,
  codexHome: string,
): Promise<WholeTurn | undefined> {
  const [full] = TURN_FORMS;
  const { placed, slowPattern } = await placedIn(full, outgoing, settings, codexHome);
  for await (const { specs, isLast } of partsOf(placed.spans()))
    return isLast ? { specs, left: unsearchedIn(specs, slowPattern()) } : undefined;
  return undefined;
}
