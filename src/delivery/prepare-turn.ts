import type { RecordedTurn } from '../codex/read-turns.js';
import { sha256 } from '../platform/sha256.js';
import type { Settings } from '../settings/merge-settings.js';
import { buildSpans } from '../spans/build-spans.js';
import type { ContentPolicy } from '../spans/content.js';
import type { TurnIdentity } from '../spans/ids.js';
import { buildRedactor } from '../spans/redact.js';
import type { TraceOptions } from '../spans/span-context.js';
import type { SpanSpec } from '../spans/span-spec.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import type { Turn } from '../turn/turn.js';
import { placeTurn } from './place-turn.js';

/** A turn ready to be sent. */
export interface PreparedTurn {
  readonly turn: Turn;
  readonly specs: readonly SpanSpec[];
  /** The turn of the user's whose trace they are part of. */
  readonly root: TurnIdentity;
  /** Codex's version, for the resource. */
  readonly serviceVersion?: string;
}

/** What settings say about content, as the spans need it. */
export function contentPolicy(
  settings: Pick<Settings, 'content' | 'redact' | 'redactPatterns' | 'maxContentBytes'>,
): ContentPolicy {
  return {
    mode: settings.content,
    redact: settings.redact ? buildRedactor(settings.redactPatterns) : (text) => text,
    maxContentBytes: settings.maxContentBytes,
  };
}

/** From lines to spans: assembles the turn, finds its place, and builds its specs. */
export async function prepareTurn(
  recorded: RecordedTurn,
  codexHome: string,
  options: TraceOptions,
  policy: ContentPolicy,
): Promise<PreparedTurn> {
  const turn = assembleTurn(recorded.segment, recorded.meta);
  const placement = await placeTurn(turn, recorded.meta, codexHome);
  const specs = buildSpans(turn, recorded.meta, placement, options, policy, sha256);
  const version = recorded.meta?.cliVersion;
  return { turn, specs, root: placement.root, ...(version === undefined ? {} : { serviceVersion: version }) };
}
