import { ATTR_GEN_AI_TOOL_CALL_ID } from '@opentelemetry/semantic-conventions/incubating';
import { type PlacedTurn, type PreparedTurn, withSpecs } from './prepare-turn.js';

/**
 * Items that were written after their turn was sent, as spans of its trace: below the call that
 * started them, under the ids they would have had. Of a classic call the call's own span comes again,
 * now with its end; MLflow replaces it.
 * @param placed the turn that they belong to, with them in it
 * @param itemIds theirs
 * @returns the turn whole, and the spans of the items alone
 */
export function prepareLateItems(placed: PlacedTurn, itemIds: readonly string[]): PreparedTurn {
  const prepared = withSpecs(placed);
  const ids = new Set<unknown>(itemIds);
  const specs = prepared.specs.filter(({ attributes }) => ids.has(attributes[ATTR_GEN_AI_TOOL_CALL_ID]));
  return { ...prepared, specs };
}
