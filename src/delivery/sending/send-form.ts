import type { ExportOutcome } from '../../otlp/export-outcome.js';
import { compact } from '../../platform/json.js';
import { callerOf } from '../../settings/run-context.js';
import { parseTraceparent } from '../../spans/caller.js';
import { isSampled } from '../../spans/is-sampled.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import type { SentPart } from '../store/thread-state.js';
import { contentPolicy } from './prepared/content-policy.js';
import { gatherTrace } from './prepared/gather-trace.js';
import type { OutgoingTurn, SendContext } from './prepared/outgoing-turn.js';
import { prepareLateItems } from './prepared/prepare-late-items.js';
import { type PlacedTurn, type PreparedTurn, placedTurn, withSpecs } from './prepared/prepare-turn.js';
import type { DeliverRoute } from './route.js';
import { policyOfForm, type TurnForm, unsearchedIn } from './turn-forms.js';
import { partsOf, SentSpans, type TurnPart } from './turn-parts.js';

/** What became of a turn in one form. */
export interface FormOutcome {
  readonly result: ExportOutcome;
  /** Nothing went compressed, or would have. */
  readonly isPlain: boolean;
  /** What of the turn was left out without having been refused. */
  readonly left?: { readonly note?: string; readonly isReduced?: true };
  /** What of the turn the server has, where it has some of it and not all. */
  readonly sentPart?: SentPart;
}

const OUT_OF_TIME: ExportOutcome = { kind: 'pending', reason: 'out of time', blocked: false };

/** What is to be sent, in order, and what the server had before. */
interface Parcel {
  readonly parts: AsyncIterable<TurnPart> | Iterable<TurnPart>;
  readonly has: SentSpans;
  /** Of the whole turn, for a destination that takes no parts of a trace. */
  readonly prepared?: PreparedTurn;
}

/**
 * Sends a turn in one form, in as many requests as it takes, up to the first that is not taken.
 * @param sentPart what of it the server has already
 * @returns undefined where the trace is not of the share that the settings send
 */
export async function sendForm(
  form: TurnForm,
  outgoing: OutgoingTurn,
  { settings, sender }: DeliverRoute,
  context: SendContext,
  sentPart: SentPart | undefined,
): Promise<FormOutcome | undefined> {
  const { codexHome, abandonedMs } = context;
  const { placed, trace, policy, slowPattern } = await placedIn(form, outgoing, settings, codexHome);
  if (!isSampled(placed.traceId, settings.owner.sampleRatio)) return undefined;
  const { parts, has, prepared } = parcelOf(placed, outgoing.onlyItems, sender.takesParts, sentPart);
  let isPlain = true;
  let last: readonly SpanSpec[] = [];
  for await (const { specs, isLast } of parts) {
    isPlain &&= !sender.compresses(specs);
    const timeoutMs = context.timeLeftMs();
    const request = {
      ...compact({ timeoutMs, plain: form.plain, once: outgoing.once }),
      ...(prepared && {
        wholeTrace: (threads: readonly string[]) =>
          gatherTrace(prepared, threads, { codexHome, trace, policy, abandonedMs }),
      }),
    };
    const result = timeoutMs > 0 ? await sender.send(specs, placed.serviceVersion, request) : OUT_OF_TIME;
    if (result.kind !== 'sent') return { result, isPlain, ...compact({ sentPart: has.part }) };
    has.add(specs);
    last = specs;
    const part = isLast ? undefined : has.part;
    if (part && context.onPart?.(part) === false) return { result: OUT_OF_TIME, isPlain, sentPart: part };
  }
  return { result: { kind: 'sent' }, isPlain, left: unsearchedIn(last, slowPattern()) };
}

/** A turn in one form, with its place in its trace: its spans are made when they are asked for. */
export async function placedIn(
  form: TurnForm,
  outgoing: Pick<OutgoingTurn, 'turn' | 'meta' | 'client' | 'run'>,
  settings: DeliverRoute['settings'],
  codexHome: string,
) {
  const trace = compact({
    userId: settings.userId,
    tags: { ...settings.tags, ...outgoing.run?.tags },
    client: outgoing.client,
    caller: parseTraceparent(callerOf(outgoing.run, outgoing.client)),
  });
  const { slowPattern, ...base } = contentPolicy(settings);
  const policy = policyOfForm(form, base);
  const placed = await placedTurn(outgoing.turn, outgoing.meta, codexHome, trace, policy);
  return { placed, trace, policy, slowPattern };
}

function parcelOf(
  placed: PlacedTurn,
  onlyItems: readonly string[] | undefined,
  takesParts: boolean,
  sentPart: SentPart | undefined,
): Parcel {
  if (!onlyItems && takesParts) {
    const { rest, has } = SentSpans.after(sentPart, placed.spans);
    return { parts: partsOf(rest), has };
  }
  const prepared = onlyItems ? prepareLateItems(placed, onlyItems) : withSpecs(placed);
  const { specs } = prepared;
  // Where nothing of the tools is shown there is nothing to be sent.
  return { parts: specs.length > 0 ? [{ specs, isLast: true }] : [], has: new SentSpans(), prepared };
}
