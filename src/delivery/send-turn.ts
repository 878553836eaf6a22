import type { RecordedTurn } from '../codex/read-turns.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import type { Sender } from '../otlp/sender.js';
import type { Settings } from '../settings/merge-settings.js';
import type { Turn } from '../turn/turn.js';
import { gatherTrace } from './gather-trace.js';
import { contentPolicy, prepareTurn } from './prepare-turn.js';

/** What became of a turn, and the turn. */
export interface TurnOutcome {
  readonly result: ExportOutcome;
  readonly turn: Turn;
  /** How many of the forms were refused. */
  readonly refusals: number;
  /** The form the server took, in words, where it was not the first. */
  readonly note?: string;
  /** That form is without some of the turn's content. */
  readonly isReduced?: true;
}

/** A turn in smaller and smaller forms, for a server that refuses it: the last has no content at all. */
const FORMS: readonly {
  readonly name: string;
  /** What of the turn this form is without, in words. */
  readonly without?: string;
  readonly plain?: true;
  readonly maxBytes?: number;
  readonly metadata?: true;
}[] = [
  { name: 'full' },
  { name: 'uncompressed', plain: true },
  { name: 'clipped', without: 'texts cut to 2 KiB each', plain: true, maxBytes: 2048 },
  { name: 'metadata', without: 'all content left out', plain: true, metadata: true },
];

/** How often a turn is tried in all after refusals. */
export const MAX_REFUSALS = 5;

/**
 * Sends one turn; where the server refuses it (400, 413, 422), again in smaller forms. Stops at the
 * first answer that is not a refusal.
 * @param options.refusals how often it has been refused before
 * @param options.once a server that does not answer is not asked a second time
 */
export async function sendTurn(
  recorded: RecordedTurn,
  codexHome: string,
  settings: Settings,
  sender: Sender,
  options: {
    client?: string;
    refusals: number;
    abandonedMs: number;
    remainingMs: () => number;
    once?: boolean;
  },
): Promise<TurnOutcome> {
  const trace = {
    userId: settings.userId,
    tags: settings.tags,
    ...(options.client === undefined ? {} : { client: options.client }),
  };
  const base = contentPolicy(settings);
  let refusals = options.refusals;
  let last: { result: ExportOutcome; turn: Turn } | undefined;
  let wasPlain = false;
  for (const form of FORMS) {
    if (last && refusals >= MAX_REFUSALS) break;
    if (form.name === 'uncompressed' && wasPlain) continue;
    const policy = {
      ...base,
      ...(form.metadata ? { mode: 'metadata' as const } : {}),
      maxContentBytes: Math.min(base.maxContentBytes, form.maxBytes ?? base.maxContentBytes),
    };
    const prepared = await prepareTurn(recorded, codexHome, trace, policy);
    const timeoutMs = options.remainingMs();
    if (timeoutMs <= 0)
      return {
        result: { kind: 'owed', reason: 'out of time', blocked: false },
        turn: prepared.turn,
        refusals,
      };
    const result = await sender.send(prepared.specs, prepared.serviceVersion, {
      timeoutMs,
      ...(form.plain ? { plain: true } : {}),
      ...(options.once ? { once: true } : {}),
      wholeTrace: (client) =>
        gatherTrace(prepared, { codexHome, trace, policy, client, abandonedMs: options.abandonedMs }),
    });
    if (result.kind !== 'refused') {
      const accepted = result.kind === 'sent' ? acceptedAs(form, last?.result) : {};
      return { result, turn: prepared.turn, refusals, ...accepted };
    }
    refusals++;
    wasPlain = !sender.compresses(prepared.specs);
    last = { result, turn: prepared.turn };
  }
  if (!last) throw new Error('no form was tried');
  return { ...last, refusals };
}

function acceptedAs(
  { name, without }: (typeof FORMS)[number],
  refusal: ExportOutcome | undefined,
): Pick<TurnOutcome, 'note' | 'isReduced'> {
  if (without === undefined) return name === 'full' ? {} : { note: name };
  const status = refusal?.kind === 'refused' ? ` (${refusal.status})` : '';
  return { note: `${without}: the server refused the whole${status}`, isReduced: true };
}
