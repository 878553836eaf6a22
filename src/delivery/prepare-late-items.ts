import { ATTR_GEN_AI_TOOL_CALL_ID } from '@opentelemetry/semantic-conventions/incubating';
import type { RecordedTurn } from '../codex/read-turns.js';
import { type LateItem, withLateItems } from '../codex/segments/split-turns.js';
import type { ContentPolicy } from '../spans/content.js';
import { assembleTurn } from '../turn/assemble-turn.js';
import { type PreparedTurn, prepareTurn } from './prepare-turn.js';

/**
 * Items that were written after their turn was sent, as spans of its trace: below the call that
 * started them, under the ids they would have had. Of a classic call the call's own span comes again,
 * now with its end; MLflow replaces it.
 * @param recorded the turn that they belong to
 * @returns the turn whole, and the spans of the items alone
 */
export async function prepareLateItems(
  recorded: RecordedTurn,
  items: readonly LateItem[],
  codexHome: string,
  options: Parameters<typeof prepareTurn>[3],
  policy: ContentPolicy,
): Promise<PreparedTurn> {
  const segment = withLateItems(recorded.segment, items);
  const turn = assembleTurn(segment, recorded.meta);
  const prepared = await prepareTurn(turn, recorded.meta, codexHome, options, policy);
  const ids = new Set<unknown>(items.map(({ item }) => item.id));
  const specs = prepared.specs.filter(({ attributes }) => ids.has(attributes[ATTR_GEN_AI_TOOL_CALL_ID]));
  return { ...prepared, specs };
}
