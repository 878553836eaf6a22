import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import type { RunContext } from '../../settings/run-context.js';
import { parseTraceparent } from '../../spans/caller.js';
import { isSampled } from '../../spans/is-sampled.js';
import type { Turn } from '../../turn/turn.js';
import { contentPolicy } from './content-policy.js';
import { gatherTrace } from './gather-trace.js';
import { prepareLateItems } from './prepare-late-items.js';
import { prepareTurn } from './prepare-turn.js';
import { MAX_REFUSALS } from './retry-policy.js';
import type { DeliverRoute } from './route.js';
import { acceptedAs, policyOfForm, TURN_FORMS, type TurnForm, unsearchedIn } from './turn-forms.js';

/** What became of a turn. */
export interface TurnOutcome {
  readonly result: ExportOutcome;
  /** How many of the forms were rejected, earlier tries included. */
  readonly refusals: number;
  /** The form the server took, in words, where it was not the first. */
  readonly note?: string;
  /** That form is without some of the turn's content. */
  readonly isReduced?: true;
}

/** What to send, and for whom. */
export interface OutgoingTurn {
  readonly turn: Turn;
  readonly meta: SessionMeta | undefined;
  /** Of the turn only what became of these tools, by their items' ids: the rest is with the server already. */
  readonly onlyItems?: readonly string[];
  readonly client?: string | undefined;
  /** What the environment of its Codex said of it. */
  readonly run?: RunContext | undefined;
  /** How often it has been rejected before. */
  readonly refusals: number;
  /** A server that does not answer is not asked a second time. */
  readonly once?: boolean;
}

/** What a turn is sent from. */
export interface SendContext {
  readonly codexHome: string;
  /** As in `isTurnOver`. */
  readonly abandonedMs: number;
  /** Time for one request, asked before each; 0 where there is not enough for any. */
  readonly timeLeftMs: () => number;
}

/**
 * Sends one turn; where the server refuses it (400, 413, 422), again in smaller forms. Stops at the
 * first answer that is not a refusal.
 * @returns undefined where its trace is not of the share that the settings send
 */
export async function sendTurn(
  outgoing: OutgoingTurn,
  route: DeliverRoute,
  context: SendContext,
): Promise<TurnOutcome | undefined> {
  let { refusals } = outgoing;
  let rejected: (ExportOutcome & { kind: 'rejected' }) | undefined;
  let wasPlain = false;
  for (const form of TURN_FORMS) {
    const isTheSame = form.name === 'uncompressed' && wasPlain;
    if (isTheSame || (rejected && refusals >= MAX_REFUSALS)) continue;
    const sent = await sendForm(form, outgoing, route, context);
    if (!sent) return undefined;
    const { result } = sent;
    if (result.kind !== 'rejected')
      return {
        result,
        refusals,
        ...(result.kind === 'sent' ? { ...sent.left, ...acceptedAs(form, rejected) } : {}),
      };
    refusals++;
    wasPlain = sent.isPlain;
    rejected = result;
  }
  if (!rejected) throw new Error('no form was tried');
  return { result: rejected, refusals };
}

/** @returns undefined where the trace is not to be sent at all */
async function sendForm(
  form: TurnForm,
  { turn, meta, onlyItems, client, run, once }: OutgoingTurn,
  { settings, sender }: DeliverRoute,
  { codexHome, abandonedMs, timeLeftMs }: SendContext,
): Promise<
  { result: ExportOutcome; isPlain: boolean; left?: Pick<TurnOutcome, 'note' | 'isReduced'> } | undefined
> {
  const trace = compact({
    userId: settings.userId,
    tags: { ...settings.tags, ...run?.tags },
    client,
    caller: parseTraceparent(run?.traceparent),
  });
  const base = contentPolicy(settings);
  const policy = policyOfForm(form, base);
  const prepared = onlyItems
    ? await prepareLateItems(turn, meta, onlyItems, codexHome, trace, policy)
    : await prepareTurn(turn, meta, codexHome, trace, policy);
  const { specs, serviceVersion } = prepared;
  const isPlain = !sender.compresses(specs);
  // Nothing of these tools is shown: there is nothing to be sent.
  if (specs.length === 0) return { result: { kind: 'sent' }, isPlain };
  if (!isSampled(specs[0]?.traceId ?? '', settings.owner.sampleRatio)) return undefined;
  const timeoutMs = timeLeftMs();
  if (timeoutMs <= 0) return { result: { kind: 'pending', reason: 'out of time', blocked: false }, isPlain };
  const result = await sender.send(specs, serviceVersion, {
    ...compact({ timeoutMs, plain: form.plain, once }),
    wholeTrace: (threads) => gatherTrace(prepared, threads, { codexHome, trace, policy, abandonedMs }),
  });
  return { result, isPlain, left: unsearchedIn(specs, base.slowPattern()) };
}
