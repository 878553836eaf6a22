import type { RecordedTurn } from '../codex/read-turns.js';
import type { ExportOutcome } from '../otlp/export-outcome.js';
import type { SpanSender } from '../otlp/span-sender.js';
import type { Settings } from '../settings/merge-settings.js';
import type { Turn } from '../turn/turn.js';
import { contentPolicy, prepareTurn } from './prepare-turn.js';

/** What became of a turn, and the turn. */
export interface TurnOutcome {
  readonly result: ExportOutcome;
  readonly turn: Turn;
  /** How many of the forms were refused. */
  readonly refusals: number;
  /** The form the server took, where it was not the first. */
  readonly form?: string;
}

/** A turn in smaller and smaller forms, for a server that refuses it: the last has no content at all. */
const FORMS: readonly {
  readonly name: string;
  readonly plain?: true;
  readonly maxBytes?: number;
  readonly metadata?: true;
}[] = [
  { name: 'full' },
  { name: 'uncompressed', plain: true },
  { name: 'clipped', plain: true, maxBytes: 2048 },
  { name: 'metadata', plain: true, metadata: true },
];

/** How often a turn is tried in all after refusals. */
export const MAX_REFUSALS = 5;

/**
 * Sends one turn; where the server refuses it (400, 413, 422), again in smaller forms. Stops at the
 * first answer that is not a refusal.
 * @param refusals how often it has been refused before
 */
export async function sendTurn(
  recorded: RecordedTurn,
  codexHome: string,
  settings: Settings,
  sender: SpanSender,
  options: { client?: string; refusals: number; remainingMs: () => number },
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
    });
    if (result.kind !== 'refused') {
      const name = result.kind === 'sent' && form.name !== 'full' ? { form: form.name } : {};
      return { result, turn: prepared.turn, refusals, ...name };
    }
    refusals++;
    wasPlain = !sender.compresses(prepared.specs);
    last = { result, turn: prepared.turn };
  }
  if (!last) throw new Error('no form was tried');
  return { ...last, refusals };
}
