import { sha256 } from '../../src/platform/sha256.js';
import { ContentGate, type ContentPolicy } from '../../src/spans/content.js';
import type { SpanContext } from '../../src/spans/span-context.js';
import type { ModelCall, ToolCall, Turn } from '../../src/turn/turn.js';

/** The parts of a turn as plain objects, with no more in them than a test says. */
export function turnOf(some: Partial<Turn> = {}): Turn {
  return {
    threadId: 'thread',
    turnId: 'turn',
    startMs: 1000,
    endMs: 9000,
    outcome: 'completed',
    prompts: [],
    transcript: [],
    modelCalls: [],
    toolCalls: [],
    subAgents: [],
    foreignTurnIds: [],
    skippedLines: 0,
    ...some,
  };
}

/** A response that lasted from 2000 to 3000. */
export function modelCall(some: Partial<ModelCall> = {}): ModelCall {
  return {
    key: '0',
    purpose: 'response',
    outcome: 'completed',
    startMs: 2000,
    endMs: 3000,
    inputFrom: 0,
    inputTo: 0,
    ...some,
  };
}

/** A call of `look` that lasted from 3000 to 4000. */
export function toolCall(some: Partial<ToolCall> = {}): ToolCall {
  return { id: 'call', name: 'look', form: 'function', startMs: 3000, endMs: 4000, children: [], ...some };
}

export function contextOf(some: Partial<SpanContext> = {}): SpanContext {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    identity: { threadId: 'thread', turnKey: 'turn' },
    root: { threadId: 'thread', turnKey: 'turn' },
    meta: undefined,
    cwd: undefined,
    hostedCalls: new Set(),
    gate: gateOf(),
    digest: sha256,
    ...some,
  };
}

/** Lets everything through, as it is. */
export function gateOf(policy: Partial<ContentPolicy> = {}, spanCount = 1): ContentGate {
  return new ContentGate(
    { mode: 'full', redactor: undefined, maxContentBytes: 65_536, ...policy },
    spanCount,
  );
}
