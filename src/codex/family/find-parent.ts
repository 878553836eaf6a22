import { closeSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { compact } from '../../platform/json.js';
import type { RolloutEvent, SessionMeta } from '../lines/rollout-event.js';
import { readSessionMeta } from '../reading/read-turns.js';
import { findRecordings, findRollout } from '../recordings/find-rollout.js';
import { isCompressed } from '../recordings/recording-stream.js';
import { readEventsBackwards } from '../recordings/rollout-lines.js';
import { CallSearch, type ChildTurn, HelperSearch, ReviewSearch } from './parent-search.js';

/** The turn of a parent thread that a subagent's turn belongs to, and the call that set it going. */
export interface ParentTurn {
  readonly meta: SessionMeta;
  readonly turnId?: string;
  readonly startMs: number;
  /**
   * The call that spawned the agent, gave it this task, or was judged by it; undefined for a review,
   * which no call starts.
   */
  readonly callId?: string;
  readonly rootTurnId?: string;
}

/**
 * Looks in the parent's recording, from its end backwards, for the call that started a subagent's
 * turn or that it judged, and no further than the turn it lies in. A parent that was rewound has
 * several files; the turn is in one of them.
 */
export async function findParent(
  codexHome: string,
  parentThreadId: string,
  child: ChildTurn,
): Promise<ParentTurn | undefined> {
  const recordings = findRecordings(codexHome, parentThreadId);
  for (const { path: rollout } of recordings.reverse()) {
    const found = isCompressed(rollout) ? undefined : await findParentIn(rollout, child);
    if (found) return found;
  }
  return undefined;
}

async function findParentIn(rollout: string, child: ChildTurn): Promise<ParentTurn | undefined> {
  const file = openSync(rollout, 'r');
  try {
    const meta = await readSessionMeta(file);
    if (!meta) return undefined;
    const isOwnHelper = child.request !== undefined;
    const searches = isOwnHelper
      ? [new HelperSearch(child)]
      : [new ReviewSearch(child), new CallSearch(child)];
    for await (const { event } of readEventsBackwards(file)) {
      for (const search of searches) {
        const found = search.see(event);
        if (found === 'not here') return undefined;
        if (found) return parent(meta, event, found.turnId, found.callId);
      }
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** A reviewer's thread is made a few ms after its parent says that it enters the review. */
const REVIEW_MS = 2000;
/** Recordings of one day that are looked into. */
const MAX_NEIGHBOURS = 50;

/**
 * The parent of a review of Codex up to 0.80, whose recording names none: the thread of the same day
 * and folder that entered a review just before the reviewer's thread was made.
 */
export async function findReviewParent(
  codexHome: string,
  child: SessionMeta,
): Promise<ParentTurn | undefined> {
  const own = findRollout(codexHome, child.threadId);
  if (!own || child.startedMs === undefined) return undefined;
  const folder = path.dirname(own);
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl') && name !== path.basename(own));
  // Names begin with the time: those that began before the reviewer did, the latest first.
  const before = names
    .filter((name) => name <= path.basename(own))
    .sort()
    .reverse()
    .slice(0, MAX_NEIGHBOURS);
  for (const name of before) {
    const found = await reviewEnteredIn(path.join(folder, name), { ...child, startedMs: child.startedMs });
    if (found) return found;
  }
  return undefined;
}

async function reviewEnteredIn(
  file: string,
  child: { readonly cwd?: string; readonly startedMs: number },
): Promise<ParentTurn | undefined> {
  const handle = openSync(file, 'r');
  try {
    const meta = await readSessionMeta(handle);
    if (!meta || meta.cwd !== child.cwd || meta.subagent !== undefined) return undefined;
    let turnId: string | undefined;
    for await (const { event } of readEventsBackwards(handle)) {
      if (event.timeMs < child.startedMs - REVIEW_MS) return undefined;
      // Its start line is the reviewer's: only the end names the review's own turn (0.101 to 0.128).
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') turnId = event.turnId;
      const entered = event.kind === 'review_mode' && event.phase === 'entered';
      if (entered && event.timeMs <= child.startedMs + REVIEW_MS)
        return parent(meta, event, event.turnId ?? turnId);
    }
    return undefined;
  } finally {
    closeSync(handle);
  }
}

function parent(
  meta: SessionMeta,
  start: RolloutEvent,
  turnId: string | undefined,
  callId?: string,
): ParentTurn {
  const rootTurnId = start.kind === 'task_started' ? start.rootTurnId : undefined;
  return { meta, startMs: start.timeMs, ...compact({ turnId, callId, rootTurnId }) };
}
