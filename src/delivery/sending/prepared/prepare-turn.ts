import type { SessionMeta } from '../../../codex/lines/rollout-event.js';
import { compact } from '../../../platform/json.js';
import { sha256 } from '../../../platform/sha256.js';
import { spansOf } from '../../../spans/build-spans.js';
import type { ContentPolicy } from '../../../spans/content.js';
import { type TurnIdentity, traceIdOf } from '../../../spans/ids.js';
import type { TraceOptions } from '../../../spans/span-context.js';
import type { SpanSpec } from '../../../spans/span-spec.js';
import type { Turn } from '../../../turn/turn.js';
import { placeTurn } from './place-turn.js';

/** A turn that has its place in a trace. */
export interface PlacedTurn {
  readonly turn: Turn;
  /** The user's turn that the trace is of. */
  readonly root: TurnIdentity;
  readonly traceId: string;
  /** Codex's version, for the resource. */
  readonly serviceVersion?: string;
  /** Makes its spans one by one, the AGENT last: see `spansOf`. */
  spans(): Iterable<SpanSpec>;
}

/** A turn ready to be sent: the AGENT first. */
export interface PreparedTurn extends Omit<PlacedTurn, 'spans'> {
  readonly specs: readonly SpanSpec[];
}

/** Finds a turn's place in its trace. @param meta its recording's first line */
export async function placedTurn(
  turn: Turn,
  meta: SessionMeta | undefined,
  codexHome: string,
  options: TraceOptions,
  policy: ContentPolicy,
): Promise<PlacedTurn> {
  const placement = await placeTurn(turn, meta, codexHome);
  const { root } = placement;
  const spans = () => spansOf(turn, meta, placement, options, policy, sha256);
  return {
    turn,
    root,
    traceId: traceIdOf(root, sha256),
    spans,
    ...compact({ serviceVersion: meta?.cliVersion }),
  };
}

/** Makes all of a placed turn's spans at once. */
export function withSpecs({ spans, ...placed }: PlacedTurn): PreparedTurn {
  const specs = [...spans()];
  const agent = specs.pop();
  return { ...placed, specs: agent ? [agent, ...specs] : [] };
}

/** From a turn to its spans: finds its place, and builds its specs. As `placedTurn`. */
export async function prepareTurn(...turn: Parameters<typeof placedTurn>): Promise<PreparedTurn> {
  return withSpecs(await placedTurn(...turn));
}
