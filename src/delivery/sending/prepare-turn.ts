import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import { sha256 } from '../../platform/sha256.js';
import { buildSpans } from '../../spans/build-spans.js';
import type { ContentPolicy } from '../../spans/content.js';
import type { TurnIdentity } from '../../spans/ids.js';
import type { TraceOptions } from '../../spans/span-context.js';
import type { SpanSpec } from '../../spans/span-spec.js';
import type { Turn } from '../../turn/turn.js';
import { placeTurn } from './place-turn.js';

/** A turn ready to be sent. */
export interface PreparedTurn {
  readonly turn: Turn;
  readonly specs: readonly SpanSpec[];
  /** The user's turn that the trace is of. */
  readonly root: TurnIdentity;
  /** Codex's version, for the resource. */
  readonly serviceVersion?: string;
}

/** From a turn to its spans: finds its place, and builds its specs. @param meta its recording's first line */
export async function prepareTurn(
  turn: Turn,
  meta: SessionMeta | undefined,
  codexHome: string,
  options: TraceOptions,
  policy: ContentPolicy,
): Promise<PreparedTurn> {
  const placement = await placeTurn(turn, meta, codexHome);
  const specs = buildSpans(turn, meta, placement, options, policy, sha256);
  const version = meta?.cliVersion;
  return { turn, specs, root: placement.root, ...(version === undefined ? {} : { serviceVersion: version }) };
}
