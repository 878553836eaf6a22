import { isParentless } from '../codex/own-helpers.js';
import type { PassedTurn } from '../codex/read-turns.js';
import type { DeliveryRun, Route } from './delivery-run.js';

/**
 * Where one turn of a thread goes. A thread can be resumed elsewhere: what was said in a folder that is
 * not traced is sent nowhere, also where the next turn is traced again. Subagents go where their root
 * goes, wherever they work.
 * @param threadRoute the thread's own
 * @returns undefined where the turn is to be left out; a route of kind `none` is a problem to be mended
 */
export async function routeOfTurn(
  run: DeliveryRun,
  { segment, meta }: PassedTurn,
  threadRoute: Route,
): Promise<Route | undefined> {
  // What another agent had said before Codex was there is no turn of Codex's.
  if (segment.imported) return undefined;
  // Nor is the upkeep of Codex's memory and the like, which belongs to no thread of the user's.
  if (isParentless(meta)) return undefined;
  if (meta?.parentThreadId !== undefined || meta?.subagent !== undefined) return threadRoute;
  const context = segment.events.findLast((event) => event.kind === 'turn_context');
  const cwd = context?.kind === 'turn_context' ? context.cwd : undefined;
  const route = cwd === undefined ? threadRoute : await run.route(cwd);
  return route.kind === 'none' && route.outcome !== 'problem' ? undefined : route;
}
