import { findChildThreads } from '../../../codex/family/find-children.js';
import type { SessionMeta } from '../../../codex/lines/rollout-event.js';
import { hasTurnEnded } from '../../../codex/reading/read-turns.js';
import { findRecordings } from '../../../codex/recordings/find-rollout.js';
import { isCompressed } from '../../../codex/recordings/recording-stream.js';
import type { WholeTrace } from '../../../otlp/sender.js';
import { identityOf } from '../../../spans/build-spans.js';
import type { ContentPolicy } from '../../../spans/content.js';
import type { TurnIdentity } from '../../../spans/ids.js';
import type { TraceOptions } from '../../../spans/span-context.js';
import type { SpanSpec } from '../../../spans/span-spec.js';
import type { Turn } from '../../../turn/turn.js';
import { CodexRecording } from '../../recording/codex-recording.js';
import { isTurnOver } from '../../recording/turn-end.js';
import { type PreparedTurn, prepareTurn } from './prepare-turn.js';

/** How a trace's other turns are made into spans: as the turn that is being sent. */
export interface GatherOptions {
  readonly codexHome: string;
  readonly trace: TraceOptions;
  readonly policy: ContentPolicy;
  /** As in `isTurnOver`. */
  readonly abandonedMs: number;
}

/**
 * The whole trace that a turn belongs to, from the recordings: its root, and every turn below it that is
 * over, however deep. Undefined where the root is not over, or not to be found.
 * @param threads where turns of the trace are known to be, besides those that are found
 */
export async function gatherTrace(
  prepared: PreparedTurn,
  threads: readonly string[],
  options: GatherOptions,
): Promise<WholeTrace | undefined> {
  const { root } = prepared;
  const isRoot = prepared.specs[0]?.parentSpanId === undefined;
  const top = isRoot ? prepared : await rootTurn(root, options);
  const traceId = top?.specs[0]?.traceId;
  if (!top || traceId === undefined) return undefined;
  const specs: SpanSpec[] = [...top.specs];
  const seen = new Set([root.threadId]);
  const open = [...(await childrenOf(top.turn, options)), ...threads];
  for (let threadId = open.shift(); threadId !== undefined; threadId = open.shift()) {
    if (seen.has(threadId)) continue;
    seen.add(threadId);
    for await (const { turn, meta } of turnsOver(threadId, options)) {
      const part = await prepareTurn(turn, meta, options.codexHome, options.trace, options.policy);
      // An agent that is spoken to again has turns in other traces as well.
      if (part.specs[0]?.traceId !== traceId) continue;
      specs.push(...part.specs);
      open.push(...(await childrenOf(turn, options)));
    }
  }
  return { specs };
}

/** The agents that a turn started, and the threads that Codex started for itself beside it. */
async function childrenOf(turn: Turn, { codexHome }: GatherOptions): Promise<string[]> {
  const others = await findChildThreads(codexHome, turn.threadId, turn.startMs, turn.endMs);
  return [...turn.subAgents.map((link) => link.agentThreadId), ...others.map((child) => child.threadId)];
}

/** A thread is read from its end where its turns have ids and ends; whole up to Codex 0.80, or after a kill. */
async function rootTurn(root: TurnIdentity, options: GatherOptions): Promise<PreparedTurn | undefined> {
  const { codexHome, trace, policy } = options;
  const { recording } = CodexRecording.find(codexHome, root.threadId);
  if (recording && (await hasEnded(root, codexHome))) {
    const found = await recording.turnById(root.turnKey);
    const late = await recording.lateItems();
    if (found) return prepareTurn(found.assemble(late), found.meta, codexHome, trace, policy);
  }
  for await (const { turn, meta } of turnsOver(root.threadId, options))
    if (identityOf(turn).turnKey === root.turnKey) return prepareTurn(turn, meta, codexHome, trace, policy);
  return undefined;
}

async function hasEnded({ threadId, turnKey }: TurnIdentity, codexHome: string): Promise<boolean> {
  if (/^\d*$/.test(turnKey)) return false;
  for (const { path } of findRecordings(codexHome, threadId))
    if (!isCompressed(path) && (await hasTurnEnded(path, turnKey))) return true;
  return false;
}

async function* turnsOver(
  threadId: string,
  { codexHome, abandonedMs }: GatherOptions,
): AsyncGenerator<{ turn: Turn; meta: SessionMeta | undefined }> {
  const { recording } = CodexRecording.find(codexHome, threadId);
  if (!recording) return;
  const late = await recording.lateItems();
  for await (const turn of recording.turns(() => ({ cursor: 0 })))
    if (await isTurnOver(turn, undefined, abandonedMs)) yield { turn: turn.assemble(late), meta: turn.meta };
}
