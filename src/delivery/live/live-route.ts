import { compact } from '../../platform/json.js';
import { sha256 } from '../../platform/sha256.js';
import type { Settings } from '../../settings/merge-settings.js';
import { traceIdOf } from '../../spans/ids.js';
import { isSampled } from '../../spans/is-sampled.js';
import type { TurnPlacement } from '../../spans/span-context.js';
import type { Turn } from '../../turn/turn.js';
import type { DeliveryRun } from '../run/delivery-run.js';
import { routeOfTurn } from '../run/turn-route.js';
import { placeTurn } from '../sending/prepared/place-turn.js';
import type { DeliverRoute } from '../sending/route.js';
import { loadThreadState } from '../store/state-file.js';
import type { LiveServers } from './live-server.js';
import type { LiveTurn } from './live-turn.js';

/** Where a running turn's spans go, and how. */
export interface LiveRoute extends DeliverRoute {
  readonly kind: 'deliver';
  readonly placement: TurnPlacement;
  /** The folder whose settings these are. */
  readonly cwd: string;
  readonly countsOnce: boolean;
}

/** Or why nothing of it is shown. */
export type LiveRouteResult = LiveRoute | { readonly kind: 'none'; readonly reason: string };

/** What a route is looked for with. */
export interface RouteContext {
  readonly run: DeliveryRun;
  readonly servers: LiveServers;
  /** The turns that are followed. */
  readonly turns: readonly LiveTurn[];
  /** Whether settings want turns to be shown live. */
  readonly isWanted: (settings: Settings) => boolean;
}

const ELSEWHERE = 'it is of a shell whose MLFLOW_… variables are other than the watcher’s';
const WAITS_FOR_ROOT = 'the turn that it belongs to is not shown';

/** Where a turn goes: nowhere that the whole turn would not go. A sub-agent's goes where its user's turn does. */
export async function liveRoute(live: LiveTurn, turn: Turn, context: RouteContext): Promise<LiveRouteResult> {
  const { run, turns } = context;
  const { meta } = live.running;
  const isAgents = meta?.parentThreadId !== undefined || meta?.subagent !== undefined;
  const placement = live.placement ?? (await placeTurn(turn, meta, run.options.codexHome));
  if (!isAgents || placement.parentSpanId !== undefined) live.placement = placement;
  else return { kind: 'none', reason: WAITS_FOR_ROOT };
  const { root } = placement;
  const top = isAgents
    ? turns.find(({ threadId, turnId }) => threadId === root.threadId && turnId === root.turnKey)
    : live;
  const topTurn = top === live ? turn : top?.assemble()?.turn;
  if (!topTurn || (top !== live && !top?.isRouted)) return { kind: 'none', reason: WAITS_FOR_ROOT };
  const cwd = topTurn.cwd ?? run.options.codexHome;
  return routeIn(cwd, live, placement, context);
}

async function routeIn(
  cwd: string,
  { running: { meta, segment } }: LiveTurn,
  placement: TurnPlacement,
  { run, servers, isWanted }: RouteContext,
): Promise<LiveRouteResult> {
  if (await isOfOtherPlace(run, placement.root.threadId, cwd)) return { kind: 'none', reason: ELSEWHERE };
  const told = { cwd, meta, ...compact({ isImported: segment?.imported || undefined }) };
  const route = await routeOfTurn(run, told, await run.route(cwd));
  if (route.kind !== 'deliver') return { kind: 'none', reason: route.detail };
  const { settings, destination } = route;
  if (!isWanted(settings)) return { kind: 'none', reason: 'live is switched off' };
  if (!isSampled(traceIdOf(placement.root, sha256), settings.owner.sampleRatio))
    return { kind: 'none', reason: 'not of the share of traces that is sent (sampleRatio)' };
  const server = await servers.of(destination);
  if (server.kind === 'none') return server;
  return { ...route, placement, cwd, countsOnce: server.countsOnce };
}

/** What a hook has told of the thread; of one that no hook knows yet, the watcher's environment decides. */
async function isOfOtherPlace(run: DeliveryRun, threadId: string, cwd: string): Promise<boolean> {
  const known = loadThreadState(run.options.stateDir, threadId);
  return known.kind === 'state' && !(await run.isPlaceOf(known.state.place, cwd));
}
