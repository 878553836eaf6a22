import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { uuidTimeMs } from '../platform/uuid-time.js';
import { findRollout } from './find-rollout.js';
import type { RolloutEvent, SessionMeta, ToolCallItem } from './lines/rollout-event.js';
import { readSessionMeta } from './read-turns.js';
import { isCompressed } from './recording-stream.js';
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
  /** The child's path, such as `/root/alpha`, where it has one. */
  readonly agentPath?: string;
}

/** Up to 0.128 a call's line can be written after the turn that it starts has begun (2 ms, measured). */
const LATE_CALL_MS = 100;
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
  const rollout = await findRollout(codexHome, parentThreadId);
  if (!rollout || isCompressed(rollout)) return undefined;
  const file = await open(rollout, 'r');
  try {
    const meta = await readSessionMeta(file);
    if (!meta) return undefined;
    let callId: string | undefined;
    const told = new Set<string>();
    let inReview = false;
    let reviewTurnId: string | undefined;
    for await (const { event } of readEventsBackwards(file)) {
      const tells = callTelling(event, child);
      if (tells !== undefined) told.add(tells);
      if (event.kind === 'tool_call' && told.has(event.callId) && canHaveStarted(event, child))
        callId ??= event.callId;
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
        told.clear();
      } else if (callId !== undefined) {
        return parent(meta, event, event.turnId, callId);
      }
    }
    return undefined;
  } finally {
    await file.close();
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
  const own = await findRollout(codexHome, child.threadId);
  if (!own || child.startedMs === undefined) return undefined;
  const folder = path.dirname(own);
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.jsonl') && name !== path.basename(own),
  );
  // Names begin with the time: those that began before the reviewer did, the latest first.
  const before = names
    .filter((name) => name <= path.basename(own))
    .sort()
    .reverse()
    .slice(0, MAX_NEIGHBOURS);
  for (const name of before) {
    const file = await open(path.join(folder, name), 'r');
    try {
      const meta = await readSessionMeta(file);
      if (!meta || meta.cwd !== child.cwd || meta.subagent !== undefined) continue;
      let turnId: string | undefined;
      for await (const { event } of readEventsBackwards(file)) {
        if (event.timeMs < child.startedMs - REVIEW_MS) break;
        // Its start line is the reviewer's: only the end names the review's own turn (0.101 to 0.128).
        if (event.kind === 'task_complete' || event.kind === 'turn_aborted') turnId = event.turnId;
        const entered = event.kind === 'review_mode' && event.phase === 'entered';
        if (entered && event.timeMs <= child.startedMs + REVIEW_MS)
          return parent(meta, event, event.turnId ?? turnId);
      }
    } finally {
      await file.close();
    }
  }
  return undefined;
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

/** A thread is spawned once. What it is told later starts a turn only if it is not at work already. */
function canHaveStarted(call: ToolCallItem, child: ChildTurn): boolean {
  return call.name.includes('spawn') || call.timeMs <= child.startMs + LATE_CALL_MS;
}

/** The id of a call that an event shows to have started the child or to have given it a task. */
function callTelling(event: RolloutEvent, child: ChildTurn): string | undefined {
  switch (event.kind) {
    case 'sub_agent':
      return event.agentThreadId === child.threadId && /^(started|interacted)$/.test(event.activity)
        ? event.callId
        : undefined;
    case 'tool_output':
      return event.content.some((part) => part.type === 'text' && isSpawned(part.text, child))
        ? event.callId
        : undefined;
    case 'tool_call':
      return TELLS_AGENT.test(event.name) && namesAgent(event.input, child) ? event.callId : undefined;
    default:
      return undefined;
  }
}

/** What a spawn is answered: the agent's thread, or with the second set of agent tools its path. */
function isSpawned(output: string, { threadId, agentPath }: ChildTurn): boolean {
  return (
    output.startsWith(`{"agent_id":"${threadId}"`) ||
    (agentPath !== undefined && output.startsWith(`{"task_name":${JSON.stringify(agentPath)}`))
  );
}

/** An agent is named by its thread, by its path, or by the end of it. */
function namesAgent(input: unknown, { threadId, agentPath }: ChildTurn): boolean {
  if (typeof input !== 'string') return false;
  if (input.includes(threadId)) return true;
  const target = input.match(/"target":"([^"\\]+)"/)?.[1];
  return target !== undefined && agentPath !== undefined && `/${agentPath}`.endsWith(`/${target}`);
}
