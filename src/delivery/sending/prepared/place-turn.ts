import { findParent, findReviewParent, type ParentTurn } from '../../../codex/family/find-parent.js';
import { agentNameOf, isOwnHelper } from '../../../codex/family/own-helpers.js';
import type { SessionMeta } from '../../../codex/lines/rollout-event.js';
import { readFirstLine } from '../../../codex/reading/read-turns.js';
import { findRollout } from '../../../codex/recordings/find-rollout.js';
import { compact } from '../../../platform/json.js';
import { sha256 } from '../../../platform/sha256.js';
import { identityOf } from '../../../spans/build-spans.js';
import { agentKey, callKey, spanIdOf, type TurnIdentity, traceIdOf, turnKey } from '../../../spans/ids.js';
import type { TurnPlacement } from '../../../spans/span-context.js';
import type { Turn } from '../../../turn/turn.js';

const MAX_DEPTH = 32;

/**
 * Finds where a turn's spans stand: a turn of the user's is the root of its own trace; a subagent's
 * lies below the call that started it, a reviewer's below the call it judged, in the trace of the
 * user's turn, however deep. Where the
 * parent's recording is gone, what the child's own says is enough from 0.169 on; before that, the
 * turn becomes a trace of its own.
 */
export async function placeTurn(
  turn: Turn,
  meta: SessionMeta | undefined,
  codexHome: string,
): Promise<TurnPlacement> {
  const name = compact({ agentName: agentNameOf(meta) });
  const parent = meta && (await parentOf(turn, meta, codexHome));
  if (meta && (await isOwnAncestor(meta, parent, codexHome))) return { root: identityOf(turn), ...name };
  if (!meta || (!parent && meta.parentThreadId === undefined)) return { root: identityOf(turn), ...name };
  const root = (await rootOf(turn, meta, parent, codexHome)) ?? identityOf(turn);
  const parentIdentity = parent
    ? identity(parent)
    : turn.parentTurnId === undefined || meta.parentThreadId === undefined
      ? undefined
      : { threadId: meta.parentThreadId, turnKey: turn.parentTurnId };
  if (parentIdentity === undefined) return { root: identityOf(turn), ...name };
  const callId = parent?.callId;
  const key = callId === undefined ? agentKey(parentIdentity) : callKey(callId, parentIdentity, root);
  return { root, parentSpanId: spanIdOf(traceIdOf(root, sha256), key, sha256), ...name };
}

/**
 * Whether a thread comes out among its own parents. No Codex writes such recordings; their spans would
 * lie below each other, and the trace would never have a root.
 */
async function isOwnAncestor(
  meta: SessionMeta,
  parent: ParentTurn | undefined,
  codexHome: string,
): Promise<boolean> {
  const seen = new Set([meta.threadId]);
  let above = meta.parentThreadId ?? parent?.meta.threadId;
  let known = parent?.meta;
  while (above !== undefined) {
    if (seen.has(above)) return true;
    seen.add(above);
    const path = known ? undefined : findRollout(codexHome, above);
    above = (known ?? (path === undefined ? undefined : await readFirstLine(path)))?.parentThreadId;
    known = undefined;
  }
  return false;
}

async function parentOf(turn: Turn, meta: SessionMeta, codexHome: string): Promise<ParentTurn | undefined> {
  if (meta.parentThreadId !== undefined) {
    const request = isOwnHelper(meta) ? turn.prompts.join('\n') : undefined;
    return findParent(codexHome, meta.parentThreadId, { ...turn, ...pathOf(meta), ...compact({ request }) });
  }
  return meta.subagent === 'review' ? findReviewParent(codexHome, meta) : undefined;
}

async function rootOf(
  turn: Turn,
  meta: SessionMeta,
  parent: ParentTurn | undefined,
  codexHome: string,
): Promise<TurnIdentity | undefined> {
  if (meta.sessionId !== undefined && turn.rootTurnId !== undefined) {
    return { threadId: meta.sessionId, turnKey: turn.rootTurnId };
  }
  let current = parent;
  for (let depth = 0; current && depth < MAX_DEPTH; depth++) {
    const grandparentId = current.meta.parentThreadId;
    if (grandparentId === undefined) return identity(current);
    const above: ParentTurn | undefined = await findParent(codexHome, grandparentId, {
      threadId: current.meta.threadId,
      startMs: current.startMs,
      ...pathOf(current.meta),
      ...(current.turnId === undefined ? {} : { turnId: current.turnId }),
    });
    if (!above) return identity(current);
    current = above;
  }
  return undefined;
}

function pathOf({ agentPath }: SessionMeta): { agentPath?: string } {
  return agentPath === undefined ? {} : { agentPath };
}

function identity(parent: ParentTurn): TurnIdentity {
  return { threadId: parent.meta.threadId, turnKey: turnKey(parent.turnId, parent.startMs) };
}
