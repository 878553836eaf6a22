import { open } from 'node:fs/promises';
import { uuidTimeMs } from '../turn/uuid-time.js';
import { findRollout } from './find-rollout.js';
import { readSessionMeta } from './read-turns.js';
import type { RolloutEvent, SessionMeta } from './rollout-event.js';
import { readEventsBackwards } from './rollout-lines.js';

/** The turn of a parent thread that a subagent's turn belongs to, and the call that set it going. */
export interface ParentTurn {
  readonly meta: SessionMeta;
  readonly turnId?: string;
  readonly startMs: number;
  /** The call that spawned the agent or gave it this task; undefined for a review, which no call starts. */
  readonly callId?: string;
  readonly rootTurnId?: string;
}

/** A subagent's turn, as far as its parent must be found for it. */
export interface ChildTurn {
  readonly threadId: string;
  readonly turnId?: string;
  /** 0.169 tells it in the child's own file. */
  readonly parentTurnId?: string;
  readonly startMs: number;
}

/** A spawn's lines in the parent can be written a little after the child's first. */
const SLACK_MS = 2000;
const TELLS_AGENT = /spawn|send|follow|resume|assign/;

/**
 * Looks in the parent's recording, from its end backwards, for the call that started a subagent's
 * turn, and no further than the turn it lies in.
 */
export async function findParent(
  codexHome: string,
  parentThreadId: string,
  child: ChildTurn,
): Promise<ParentTurn | undefined> {
  const path = await findRollout(codexHome, parentThreadId);
  if (!path || path.endsWith('.zst')) return undefined;
  const file = await open(path, 'r');
  try {
    const meta = await readSessionMeta(file);
    if (!meta) return undefined;
    let callId: string | undefined;
    let inReview = false;
    let reviewTurnId: string | undefined;
    for await (const { event } of readEventsBackwards(file)) {
      callId ??= callOf(event, child);
      // A review's parent has no start line: its turn is the one whose end comes after the child's lines.
      if (event.kind === 'task_complete' || event.kind === 'turn_aborted') {
        if (event.turnId !== child.turnId) reviewTurnId = event.turnId;
      }
      if (event.kind === 'review_mode') {
        if (event.phase === 'entered' && inReview) {
          return parent(meta, event, event.turnId ?? reviewTurnId);
        }
        inReview = event.phase === 'exited' || inReview;
        if (event.turnId !== undefined) reviewTurnId = event.turnId;
        if (event.phase === 'entered' && event.turnId !== undefined && event.turnId === child.parentTurnId) {
          return parent(meta, event, event.turnId);
        }
      }
      if (event.kind !== 'task_started') continue;
      if (event.turnId !== undefined && event.turnId === child.turnId) {
        inReview = true;
        continue;
      }
      if (child.parentTurnId !== undefined) {
        if (event.turnId === child.parentTurnId) return parent(meta, event, event.turnId, callId);
        if ((uuidTimeMs(event.turnId) ?? 0) < (uuidTimeMs(child.parentTurnId) ?? 0) - 60_000)
          return undefined;
        callId = undefined;
      } else if (callId !== undefined) {
        return parent(meta, event, event.turnId, callId);
      }
    }
    return undefined;
  } finally {
    await file.close();
  }
}

function parent(
  meta: SessionMeta,
  start: RolloutEvent,
  turnId: string | undefined,
  callId?: string,
): ParentTurn {
  return {
    meta,
    startMs: start.timeMs,
    ...(turnId === undefined ? {} : { turnId }),
    ...(callId === undefined ? {} : { callId }),
    ...(start.kind === 'task_started' && start.rootTurnId !== undefined
      ? { rootTurnId: start.rootTurnId }
      : {}),
  };
}

/** The call id in an event that shows the child being started or spoken to before its turn began. */
function callOf(event: RolloutEvent, child: ChildTurn): string | undefined {
  if (event.timeMs > child.startMs + SLACK_MS) return undefined;
  switch (event.kind) {
    case 'sub_agent':
      return event.agentThreadId === child.threadId && event.activity !== 'completed'
        ? event.callId
        : undefined;
    case 'tool_output':
      return event.content.some(
        (part) => part.type === 'text' && part.text.startsWith(`{"agent_id":"${child.threadId}"`),
      )
        ? event.callId
        : undefined;
    case 'tool_call':
      return TELLS_AGENT.test(event.name) && JSON.stringify(event.input ?? '').includes(child.threadId)
        ? event.callId
        : undefined;
    default:
      return undefined;
  }
}
