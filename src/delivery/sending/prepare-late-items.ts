import { ATTR_GEN_AI_TOOL_CALL_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { SessionMeta } from '../../codex/lines/rollout-event.js';
import type { ContentPolicy } from '../../spans/content.js';
import type { TraceOptions } from '../../spans/span-context.js';
import type { Turn } from '../../turn/turn.js';
import { type PreparedTurn, prepareTurn } from './prepare-turn.js';

/**
 * Items that were written after their turn was sent, as spans of its trace: below the call that
 * started them, under the ids they would have had. Of a classic call the call's own span comes again,
 * now with its end; MLflow replaces it.
 * @param turn the turn that they belong to, with them in it
 * @param itemIds theirs
 * @returns the turn whole, and the spans of the items alone
 */
export async function prepareLateItems(
  turn: Turn,
  meta: SessionMeta | undefined,
  itemIds: readonly string[],
  codexHome: string,
  options: TraceOptions,
  policy: ContentPolicy,
): Promise<PreparedTurn> {
  const prepared = await prepareTurn(turn, meta, codexHome, options, policy);
  const ids = new Set<unknown>(itemIds);
  const specs = prepared.specs.filter(({ attributes }) => ids.has(attributes[ATTR_GEN_AI_TOOL_CALL_ID]));
  return { ...prepared, specs };
}
