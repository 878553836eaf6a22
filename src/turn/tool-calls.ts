import type { RolloutEvent, ToolCallItem, ToolItem, ToolOutput } from '../codex/lines/rollout-event.js';
import { asObject, asText } from '../platform/json.js';
import { textOf } from './chat-message.js';
import { failureTold } from './codex-texts.js';
import { callsLeftRunning } from './running-commands.js';
import { toolName } from './tool-name.js';
import { exitFailure, isYieldedScript, readTextOutcome } from './tool-outcome.js';
import type { ToolCall, ToolFailure } from './turn.js';
import { inside, type TurnTimes } from './turn-times.js';
import { userShellRuns } from './user-shell.js';

interface Draft {
  call?: ToolCallItem;
  output?: ToolOutput;
  item?: ToolItem;
  readonly children: ToolItem[];
}

const COMMANDS = new Set(['exec_command', 'exec', 'shell', 'shell_command', 'local_shell']);

/**
 * The tool calls of a turn: each call with its output and with what really ran. An item that no
 * call names is a tool run by a script of code mode and stands below the `exec` call it ran in.
 * @param callTimes when the model had made a call, where the line was written later (0.60)
 * @param turn its times: the end is that of calls whose output never came; nothing begins before it
 */
export function collectToolCalls(
  events: readonly RolloutEvent[],
  callTimes: ReadonlyMap<string, number>,
  turn: TurnTimes,
): ToolCall[] {
  const drafts = new Map<string, Draft>();
  const loose: ToolItem[] = [];
  for (const event of events) {
    if (event.kind === 'tool_call' && !drafts.has(event.callId))
      drafts.set(event.callId, { call: event, children: [] });
  }
  for (const event of events) {
    if (event.kind === 'tool_output') {
      const draft = drafts.get(event.callId);
      if (!draft) drafts.set(event.callId, { output: event, children: [] });
      else draft.output ??= event;
    } else if (event.kind === 'tool_item') {
      const draft = drafts.get(event.id);
      if (draft) draft.item ??= event;
      else if (!loose.some((item) => item.id === event.id)) loose.push(event);
    }
  }
  if (loose.length === 0) loose.push(...userShellRuns(events));
  const scripts = [...drafts.values()].filter((d) => d.call?.form === 'custom' && d.call.name === 'exec');
  for (const item of loose) {
    const script = findScript(scripts, item);
    if (script) script.children.push(item);
    else drafts.set(item.id, { item, children: [] });
  }
  const leftRunning = callsLeftRunning(events);
  return [...drafts.entries()].map(([id, draft]) => {
    const call = buildCall(id, draft, callTimes, turn);
    return leftRunning.has(id) ? { ...call, running: true, output: { ...call.output, running: true } } : call;
  });
}

/**
 * The `exec` an inner tool ran in. Scripts run one after the other, so it is the earliest one still
 * open when the tool STARTED: a command sent to the background may end during a later one.
 */
function findScript(scripts: readonly Draft[], item: ToolItem): Draft | undefined {
  const startMs = item.startMs ?? item.timeMs;
  const open = scripts.filter((script) => (script.output?.timeMs ?? Number.POSITIVE_INFINITY) >= startMs);
  const earliest = open[0];
  if (earliest && (earliest.call?.timeMs ?? 0) <= startMs) return earliest;
  // Between two scripts: one that was left running (`Script running with cell ID …`), else the one just over.
  const over = scripts.filter((script) => (script.call?.timeMs ?? 0) <= startMs);
  const yielded = over.filter((script) => isYieldedScript(textOf(script.output?.content ?? [])));
  return yielded.at(-1) ?? over.at(-1) ?? earliest;
}

function buildCall(
  id: string,
  draft: Draft,
  callTimes: ReadonlyMap<string, number>,
  turn: TurnTimes,
): ToolCall {
  const { endMs } = turn;
  const { call, output, item } = draft;
  const children = draft.children
    .map((child) => buildCall(child.id, { item: child, children: [] }, callTimes, turn))
    .sort((a, b) => a.startMs - b.startMs);
  const callMs =
    callTimes.get(id) ?? call?.timeMs ?? item?.startMs ?? item?.timeMs ?? output?.timeMs ?? endMs;
  const outputMs = output?.timeMs ?? item?.timeMs ?? (call?.form === 'hosted' ? call.timeMs : undefined);
  const ownEndMs = item?.endMs ?? outputMs ?? endMs;
  // Only a command goes on in the background, after its turn and after the script that started it.
  const isCommand = COMMANDS.has(call?.name ?? item?.name ?? '');
  const endInside = (child: ToolCall) => (COMMANDS.has(child.name) ? startMs : child.endMs);
  const startMs = inside(Math.min(item?.startMs ?? callMs, ...children.map((child) => child.startMs)), turn);
  const seen = output ? readTextOutcome(textOf(output.content), call?.name) : undefined;
  const exitCode = item?.exitCode ?? seen?.exitCode;
  const failure = failureOf(draft, exitCode, seen?.failure);
  const input = inputOf(call, item);
  const result = outputOf(draft, seen?.text, exitCode);
  const namespace = call?.namespace ?? item?.namespace;
  return {
    id,
    name: toolName(call?.name ?? item?.name ?? 'unknown', namespace),
    ...(namespace === undefined ? {} : { namespace }),
    form: call?.form ?? 'function',
    startMs,
    endMs: Math.max(startMs, ...children.map(endInside), isCommand ? ownEndMs : inside(ownEndMs, turn)),
    ...(input ? { input } : {}),
    ...(result ? { output: result } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(failure ? { failure } : {}),
    children,
  };
}

function failureOf(
  draft: Draft,
  exitCode: number | undefined,
  told: ToolFailure | undefined,
): ToolFailure | undefined {
  const { item, output, call } = draft;
  // An item is `declined` whoever said no: the user, a reviewer, a rule.
  const ownText = [item?.error, textIn(item?.output, 'stderr'), textIn(item?.output, 'output')].find(Boolean);
  const own = ownText === undefined ? undefined : failureTold(ownText, undefined, false);
  if (item?.status === 'declined') return own ?? told ?? { type: 'rejected', message: 'declined' };
  if (item?.error !== undefined) {
    if (own) return own;
    const mcp = item.namespace?.startsWith('mcp__') === true;
    return {
      type: mcp ? 'mcp_error' : 'failed',
      message: mcp ? 'the MCP tool reported an error' : 'the tool failed',
    };
  }
  if (told && told.type !== 'exit_code') return told;
  if (exitCode !== undefined && exitCode !== 0) return exitFailure(exitCode);
  if (item?.status === 'failed' || output?.success === false)
    return { type: 'failed', message: 'the tool failed' };
  if (call?.status === 'incomplete') return { type: 'aborted', message: 'cut off before it ended' };
  return undefined;
}

function textIn(output: unknown, key: string): string | undefined {
  return asText(asObject(output)?.[key]);
}

/** The arguments as an object, `{input}` where they are not one. */
function inputOf(call: ToolCallItem | undefined, item: ToolItem | undefined): ToolCall['input'] {
  const recorded = call ? call.input : item?.input;
  const parsed = call?.form !== 'custom' && typeof recorded === 'string' ? parseJson(recorded) : recorded;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return Object.keys(parsed).length > 0 ? (parsed as ToolCall['input']) : undefined;
  }
  return parsed === undefined || parsed === null || parsed === '' ? undefined : { input: parsed };
}

function outputOf(draft: Draft, seen: string | undefined, exitCode: number | undefined): ToolCall['output'] {
  const { item, call, output } = draft;
  const own =
    typeof item?.output === 'object' && item.output !== null && !Array.isArray(item.output)
      ? (item.output as Record<string, unknown>)
      : item?.output === undefined || item.output === null
        ? {}
        : { output: item.output };
  const result: Record<string, unknown> = { ...own };
  // An MCP tool's own result is whole; what the model was shown of it depends on the version.
  const isWhole = item?.namespace?.startsWith('mcp__') && own['output'] !== undefined;
  if (seen !== undefined && seen !== '' && !isWhole) {
    // What the model was shown; what the program wrote after that (in the background) stands beside it.
    result['output'] = seen;
    const late = output !== undefined && item?.endMs !== undefined && item.endMs > output.timeMs;
    if (late && own['output'] !== undefined) result['output_at_end'] = own['output'];
  }
  const changes = call ? (item?.input as { changes?: unknown } | undefined)?.changes : undefined;
  if (changes !== undefined) result['changes'] = changes;
  if (item?.error !== undefined && result['output'] === undefined) result['error'] = item.error;
  if (exitCode !== undefined) result['exit_code'] = exitCode;
  return Object.keys(result).length > 0 ? result : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
