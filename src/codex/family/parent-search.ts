import { uuidTimeMs } from '../../platform/uuid-time.js';
import type { ReviewMode, RolloutEvent, ToolCallItem } from '../lines/rollout-event.js';
import { type JudgeableCall, pickJudgedCall } from './judged-call.js';

/** A subagent's turn, as far as its parent must be found for it. */
export interface ChildTurn {
  readonly threadId: string;
  readonly turnId?: string;
  /** 0.169 tells it in the child's own file. */
  readonly parentTurnId?: string;
  readonly startMs: number;
  /** The child's path, such as `/root/alpha`, where it has one. */
  readonly agentPath?: string;
  /** Set for a thread of Codex's own (see `isOwnHelper`): what it was asked to judge or to do. */
  readonly request?: string;
}

/** The turn of the parent's that was looked for; it begins with the line seen last. */
export interface FoundTurn {
  readonly turnId?: string | undefined;
  readonly callId?: string | undefined;
}

/** One way of looking for a child's parent, line by line from the end of a recording backwards. */
export interface ParentSearch {
  /** @returns `not here`: the lines are older than the parent's turn can be */
  see(event: RolloutEvent): FoundTurn | 'not here' | undefined;
}

/** Up to 0.128 a call's line can be written after the turn that it starts has begun (2 ms, measured). */
const LATE_CALL_MS = 100;
/** Ids of turns are made in the order of the turns, but for clocks that are set back. */
const CLOCK_MS = 60_000;
const TELLS_AGENT = /spawn|send|follow|resume|assign/;

/** Looks for the call that spawned an agent, or gave it the task that this turn is about. */
export class CallSearch implements ParentSearch {
  readonly #told = new Set<string>();
  #callId: string | undefined;

  constructor(readonly child: ChildTurn) {}

  see(event: RolloutEvent): FoundTurn | 'not here' | undefined {
    const { child } = this;
    const tells = callTelling(event, child);
    if (tells !== undefined) this.#told.add(tells);
    if (event.kind === 'tool_call' && this.#told.has(event.callId) && canHaveStarted(event, child))
      this.#callId ??= event.callId;
    if (event.kind !== 'task_started') return undefined;
    // A review leaves its own start line in the parent's file.
    if (event.turnId !== undefined && event.turnId === child.turnId) return undefined;
    if (child.parentTurnId === undefined) {
      return this.#callId === undefined ? undefined : { turnId: event.turnId, callId: this.#callId };
    }
    if (event.turnId === child.parentTurnId) return { turnId: event.turnId, callId: this.#callId };
    if (isOlder(event.turnId, child.parentTurnId)) return 'not here';
    // What a later turn told the agent has not started this one.
    this.#callId = undefined;
    this.#told.clear();
    return undefined;
  }
}

/** Looks for the turn that entered the review which a reviewer's turn is. */
export class ReviewSearch implements ParentSearch {
  #inReview = false;
  #turnId: string | undefined;

  constructor(readonly child: ChildTurn) {}

  see(event: RolloutEvent): FoundTurn | undefined {
    const { child } = this;
    // A review's parent has no start line: its turn is the one whose end comes after the child's lines.
    if (event.kind === 'task_complete' || event.kind === 'turn_aborted') {
      if (event.turnId !== child.turnId) this.#turnId = event.turnId;
    }
    if (event.kind === 'task_started' && event.turnId !== undefined && event.turnId === child.turnId)
      this.#inReview = true;
    return event.kind === 'review_mode' ? this.#seeReview(event) : undefined;
  }

  #seeReview(event: ReviewMode): FoundTurn | undefined {
    const isEntered = event.phase === 'entered';
    if (isEntered && this.#inReview) return { turnId: event.turnId ?? this.#turnId };
    this.#inReview ||= !isEntered;
    this.#turnId = event.turnId ?? this.#turnId;
    const isNamed = event.turnId !== undefined && event.turnId === this.child.parentTurnId;
    return isEntered && isNamed ? { turnId: event.turnId } : undefined;
  }
}

/** Looks for the turn during which Codex started a thread of its own, and for the call that this judged. */
export class HelperSearch implements ParentSearch {
  readonly #outputs = new Map<string, number>();
  readonly #calls: JudgeableCall[] = [];

  constructor(readonly child: ChildTurn) {}

  see(event: RolloutEvent): FoundTurn | 'not here' | undefined {
    const { child } = this;
    if (event.kind === 'tool_output') this.#outputs.set(event.callId, event.timeMs);
    if (event.kind === 'tool_call' && event.form !== 'hosted')
      this.#calls.push({ call: event, outputMs: this.#outputs.get(event.callId) });
    if (event.kind !== 'task_started') return undefined;
    const isParent =
      child.parentTurnId === undefined ? event.timeMs <= child.startMs : event.turnId === child.parentTurnId;
    if (isParent) return { turnId: event.turnId, callId: pickJudgedCall(this.#calls, child) };
    if (isOlder(event.turnId, child.parentTurnId)) return 'not here';
    this.#calls.length = 0;
    return undefined;
  }
}

function isOlder(turnId: string | undefined, than: string | undefined): boolean {
  return (uuidTimeMs(turnId) ?? Number.POSITIVE_INFINITY) < (uuidTimeMs(than) ?? 0) - CLOCK_MS;
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
