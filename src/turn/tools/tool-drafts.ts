import type { RolloutEvent, ToolCallItem, ToolItem, ToolOutput } from '../../codex/lines/rollout-event.js';
import { textOf } from '../chat-message.js';
import { isYieldedScript, scriptTimeMs } from './tool-outcome.js';
import { userShellRuns } from './user-shell.js';

/** What the lines tell of one call. */
export interface ToolDraft {
  call?: ToolCallItem;
  output?: ToolOutput;
  /** What really ran. */
  item?: ToolItem;
  /** Of a script of code mode that has ended: about when, and when at the latest. */
  ended?: { readonly ms: number; readonly byMs: number };
  /** What a script of code mode ran. */
  readonly children: ToolItem[];
}

/** The calls of a turn by their ids, each line once. */
export function collectDrafts(events: readonly RolloutEvent[]): ReadonlyMap<string, ToolDraft> {
  const drafts = new Map<string, ToolDraft>();
  for (const event of events) {
    if (event.kind === 'tool_call' && !drafts.has(event.callId))
      drafts.set(event.callId, { call: event, children: [] });
  }
  for (const event of events) if (event.kind === 'tool_output') addOutput(event, drafts);
  const loose = addItems(events, drafts);
  const scripts = [...drafts.values()].filter(({ call }) => call?.form === 'custom' && call.name === 'exec');
  dateScripts(scripts);
  for (const item of loose.length > 0 ? loose : userShellRuns(events)) {
    const script = findScript(scripts, item);
    if (script) script.children.push(item);
    else drafts.set(item.id, { item, children: [] });
  }
  return drafts;
}

function addOutput(output: ToolOutput, drafts: Map<string, ToolDraft>): void {
  const draft = drafts.get(output.callId);
  if (draft) draft.output ??= output;
  else drafts.set(output.callId, { output, children: [] });
}

/** @returns the items that no call names */
function addItems(events: readonly RolloutEvent[], drafts: ReadonlyMap<string, ToolDraft>): ToolItem[] {
  const loose = new Map<string, ToolItem>();
  for (const event of events) {
    if (event.kind !== 'tool_item') continue;
    const draft = drafts.get(event.id);
    if (draft) draft.item ??= event;
    else if (!loose.has(event.id)) loose.set(event.id, event);
  }
  return [...loose.values()];
}

/**
 * How much later than its line and its own time say a script may have ended: 134 ms at the most (104 scripts of
 * 0.160 to 0.171).
 */
const SLACK_MS = 150;
/** Codex tells a script's time in tenths of a second. */
const ROUNDED_MS = 50;

/**
 * Tells of scripts when they ended. The line of an output is no more than the latest that it can be: a script runs
 * while its response goes on, and the outputs are written when that is over (0.171). Scripts run one after the
 * other.
 */
function dateScripts(scripts: readonly ToolDraft[]): void {
  let freeMs = Number.NEGATIVE_INFINITY;
  for (const script of scripts) {
    const { call, output } = script;
    if (!call || !output) return;
    const begunMs = Math.max(call.timeMs, freeMs);
    const toldMs = begunMs + (scriptTimeMs(textOf(output.content)) ?? Number.POSITIVE_INFINITY);
    const isTold = toldMs + SLACK_MS < output.timeMs;
    freeMs = isTold ? toldMs + SLACK_MS : output.timeMs;
    script.ended = { ms: isTold ? toldMs + ROUNDED_MS : output.timeMs, byMs: freeMs };
  }
}

/**
 * The `exec` an inner tool ran in. Scripts run one after the other, so it is the earliest one still
 * open when the tool STARTED: a command sent to the background may end during a later one.
 */
function findScript(scripts: readonly ToolDraft[], item: ToolItem): ToolDraft | undefined {
  const startMs = item.startMs ?? item.timeMs;
  const earliest = scripts.find((script) => (script.ended?.byMs ?? Number.POSITIVE_INFINITY) >= startMs);
  if (earliest && (earliest.call?.timeMs ?? 0) <= startMs) return earliest;
  // Between two scripts: one that was left running (`Script running with cell ID …`), else the one just over.
  const over = scripts.filter((script) => (script.call?.timeMs ?? 0) <= startMs);
  const yielded = over.filter((script) => isYieldedScript(textOf(script.output?.content ?? [])));
  return yielded.at(-1) ?? over.at(-1) ?? earliest;
}
