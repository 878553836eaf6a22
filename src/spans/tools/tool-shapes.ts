import { asArray, asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import type { ToolCall } from '../../turn/turn.js';
import { patchText, recordedChanges } from './file-changes.js';
import { readHeader } from './output-header.js';

/** A call's inputs and outputs as a TOOL span shows them. */
export interface ToolShape {
  readonly inputs?: JsonObject;
  readonly outputs?: JsonObject;
}

/** The tools that run a command, by version: all have one shape. */
const COMMAND_TOOLS = new Set(['exec_command', 'shell_command', 'shell', 'local_shell', 'container.exec']);

/**
 * One shape a kind of tool, whichever way Codex recorded the call: what the model wrote (classic), or
 * only what ran (code mode).
 * @param cwd the turn's folder: a command that ran there does not name it again
 */
export function shapeOf(call: ToolCall, cwd: string | undefined): ToolShape {
  const outputs = outputsOf(call);
  if (COMMAND_TOOLS.has(call.name)) return compact({ inputs: commandInputs(call.input, cwd), outputs });
  if (call.name === 'web_search') return compact({ inputs: searchInputs(call.input), outputs });
  const { changes, ...rest } = call.input ?? {};
  if (call.name !== 'apply_patch' || changes === undefined) return compact({ inputs: call.input, outputs });
  // A script of code mode leaves the changes and not the patch.
  const input = patchText(recordedChanges(changes), cwd);
  return { inputs: { input, ...rest }, outputs: { ...outputs, changes } };
}

/** `{cmd, workdir?, …}`, of a command as text or as the words of a process. */
function commandInputs(input: JsonObject | undefined, cwd: string | undefined): JsonObject | undefined {
  if (!input || input['cmd'] !== undefined || input['command'] === undefined) return input;
  const { command, cwd: ranIn, working_directory, ...rest } = input;
  const folder = asText(ranIn) ?? asText(working_directory);
  const workdir = folder === cwd ? undefined : folder;
  return compact({ cmd: commandText(command), workdir, ...rest });
}

/** `["/bin/bash", "-lc", "ls"]` is `ls`. */
function commandText(command: unknown): unknown {
  if (!Array.isArray(command)) return command;
  const words = command.map(String);
  const isShell = /(?:^|[\\/])(?:(?:ba|z|da|k|fi)?sh|pwsh|powershell|cmd)(?:\.exe)?$/i.test(String(words[0]));
  if (isShell && /^[-/]/.test(String(words.at(-2)))) return words.at(-1);
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

/** The action's own keys; the query stands in them, or beside them. */
function searchInputs(input: JsonObject | undefined): JsonObject | undefined {
  const action = asObject(input?.['action']);
  if (!action) return input;
  return compact({ ...action, query: action['query'] ?? asText(input?.['query']) });
}

function outputsOf(call: ToolCall): JsonObject | undefined {
  const shown = call.output?.['output'];
  if (typeof shown !== 'string') return call.output;
  const isMcp = call.name.startsWith('mcp__');
  const { text, facts } = readHeader(shown, !isMcp);
  const told =
    isMcp && call.output?.['structured_content'] === undefined ? mcpResult(text) : { output: text };
  const { output: _, ...rest } = call.output ?? {};
  const outputs = compact({
    ...told,
    output: told.output === '' ? undefined : told.output,
    ...facts,
    ...rest,
  });
  return Object.keys(outputs).length > 0 ? outputs : undefined;
}

/**
 * An MCP result as Codex up to 0.130 showed it to the model: its structured content as JSON where it has
 * any, else its parts.
 */
function mcpResult(text: string): { output: string; structured_content?: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { output: text };
  }
  if (asObject(json)) return { output: text, structured_content: json };
  const parts = asArray(json).map((part) => asText(asObject(part)?.['text']));
  return parts.length > 0 && parts.every((part) => part !== undefined)
    ? { output: parts.join('\n') }
    : { output: text };
}
