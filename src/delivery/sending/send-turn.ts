import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import type { SentPart } from '../store/thread-state.js';
import type { OutgoingTurn, SendContext } from './prepared/outgoing-turn.js';
import { MAX_REFUSALS } from './retry-policy.js';
import type { DeliverRoute } from './route.js';
import { sendForm } from './send-form.js';
import { acceptedAs, TURN_FORMS } from './turn-forms.js';

/** What became of a turn. */
export interface TurnOutcome {
  readonly result: ExportOutcome;
  /** How many of the forms were rejected, earlier tries included. */
  readonly refusals: number;
  /** The form the server took, in words, where it was not the first. */
  readonly note?: string;
  /** That form is without some of the turn's content. */
  readonly isReduced?: true;
  /** What of the turn the server has, where it has some of it and not all. */
  readonly sentPart?: SentPart;
}

/**
 * Sends one turn; where the server refuses it (400, 413, 422), again in smaller forms: of a turn that
 * takes several requests what it has not taken yet. Stops at the first answer that is not a refusal.
 * @returns undefined where its trace is not of the share that the settings send
 */
export async function sendTurn(
  outgoing: OutgoingTurn,
  route: DeliverRoute,
  context: SendContext,
): Promise<TurnOutcome | undefined> {
  let { refusals, sentPart } = outgoing;
  let rejected: (ExportOutcome & { kind: 'rejected' }) | undefined;
  let wasPlain = false;
  for (const form of TURN_FORMS) {
    const isTheSame = form.name === 'uncompressed' && wasPlain;
    if (isTheSame || (rejected && refusals >= MAX_REFUSALS)) continue;
    const sent = await sendForm(form, outgoing, route, context, sentPart);
    if (!sent) return undefined;
    const { result } = sent;
    sentPart = sent.sentPart;
    if (result.kind === 'sent') return { result, refusals, ...sent.left, ...acceptedAs(form, rejected) };
    if (result.kind === 'pending') return compact({ result, refusals, sentPart });
    refusals++;
    wasPlain = sent.isPlain;
    rejected = result;
  }
  if (!rejected) throw new Error('no form was tried');
  return { result: rejected, refusals };
}
