import type { RolloutEvent } from '../../codex/lines/rollout-event.js';
import { compact } from '../../platform/json.js';
import { textOf } from '../chat-message.js';
import type { ToolCall } from '../turn.js';
import { inside, type TurnTimes } from '../turn-times.js';
import { callsLeftRunning } from './running-commands.js';
import { inputOf, outputOf } from './tool-content.js';
import { collectDrafts, type ToolDraft } from './tool-drafts.js';
import { failureOf } from './tool-failure.js';
import { toolName } from './tool-name.js';
import { readTextOutcome } from './tool-outcome.js';

/** What calls need of their turn: its times, and when the model had made a call whose line came later (0.60). */
interface CallContext extends TurnTimes {
  readonly callTimes: ReadonlyMap<string, number>;
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
  const leftRunning = callsLeftRunning(events);
  return [...collectDrafts(events)].map(([id, draft]) => {
    const call = buildCall(id, draft, { ...turn, callTimes });
    return leftRunning.has(id) ? { ...call, running: true, output: { ...call.output, running: true } } : call;
  });
}

function buildCall(id: string, draft: ToolDraft, turn: CallContext): ToolCall {
  const { call, output, item } = draft;
  const children = draft.children
    .map((child) => buildCall(child.id, { item: child, children: [] }, turn))
    .sort((a, b) => a.startMs - b.startMs);
  const seen = output ? readTextOutcome(textOf(output.content), call?.name) : undefined;
  const exitCode = item?.exitCode ?? seen?.exitCode;
  const namespace = call?.namespace ?? item?.namespace;
  return {
    id,
    name: toolName(nameOf(draft) ?? 'unknown', namespace),
    form: call?.form ?? 'function',
    ...timesOf(id, draft, children, turn),
    ...compact({
      namespace,
      input: inputOf(draft),
      output: outputOf(draft, seen?.text, exitCode),
      exitCode,
      failure: failureOf(draft, exitCode, seen?.failure),
    }),
    children,
  };
}

function nameOf({ call, item }: ToolDraft): string | undefined {
  return call?.name ?? item?.name;
}

/** A call lasts as its item says, else from its line to its output's. */
function timesOf(id: string, draft: ToolDraft, children: readonly ToolCall[], turn: CallContext): TurnTimes {
  const { call, output, item } = draft;
  const lines = [
    turn.callTimes.get(id),
    call?.timeMs,
    item?.startMs,
    item?.timeMs,
    output?.timeMs,
    turn.endMs,
  ];
  const begunMs = item?.startMs ?? lines.find((timeMs) => timeMs !== undefined) ?? turn.endMs;
  const startMs = inside(Math.min(begunMs, ...children.map((child) => child.startMs)), turn);
  const hostedMs = call?.form === 'hosted' ? call.timeMs : undefined;
  const ownEndMs = item?.endMs ?? draft.ended?.ms ?? output?.timeMs ?? item?.timeMs ?? hostedMs ?? turn.endMs;
  // Only a command goes on in the background, after its turn and after the script that started it.
  const endMs = COMMANDS.has(nameOf(draft) ?? '') ? ownEndMs : inside(ownEndMs, turn);
  const childEnds = children.map((child) => (COMMANDS.has(child.name) ? startMs : child.endMs));
  return { startMs, endMs: Math.max(startMs, endMs, ...childEnds) };
}
