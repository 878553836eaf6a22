import { isParentless } from '../../codex/family/own-helpers.js';
import type { ThreadTurn } from '../recording/recording-port.js';
import type { Route } from '../sending/route.js';
import type { DeliveryRun } from './delivery-run.js';

/**
 * Where one turn of a thread goes. A thread can be resumed elsewhere: what was said in a folder that is
 * not traced is sent nowhere, also where the next turn is traced again. Subagents go where their root
 * goes, wherever they work.
 * @param threadRoute the thread's own
 */
export async function routeOfTurn(
  run: DeliveryRun,
  { cwd, meta, isImported }: Pick<ThreadTurn, 'cwd' | 'meta' | 'isImported'>,
  threadRoute: Route,
): Promise<Route> {
  // What another agent had said before Codex was there is no turn of Codex's.
  if (isImported) return { kind: 'skip', outcome: 'untraced', detail: 'imported from another agent' };
  // Nor is the upkeep of Codex's memory and the like, which belongs to no thread of the user's.
  if (isParentless(meta))
    return { kind: 'skip', outcome: 'untraced', detail: 'a helper of Codex, of no thread' };
  if (meta?.parentThreadId !== undefined || meta?.subagent !== undefined) return threadRoute;
  return cwd === undefined ? threadRoute : run.route(cwd);
}
