import { asObject } from '../../platform/json.js';
import type { ToolCall } from '../turn.js';
import type { ToolDraft } from './tool-drafts.js';

/** The arguments as an object, `{input}` where they are not one. */
export function inputOf({ call, item }: ToolDraft): ToolCall['input'] {
  const recorded = call ? call.input : item?.input;
  const isJson = call?.form !== 'custom' && typeof recorded === 'string';
  const value = isJson ? parseJson(recorded) : recorded;
  const object = asObject(value);
  if (object) return Object.keys(object).length > 0 ? object : undefined;
  return value === undefined || value === null || value === '' ? undefined : { input: value };
}

/**
 * The result as an object.
 * @param seen what the model was shown, without Codex's envelope
 */
export function outputOf(
  draft: ToolDraft,
  seen: string | undefined,
  exitCode: number | undefined,
): ToolCall['output'] {
  const { item, call } = draft;
  const own = ownOutput(item?.output);
  const result: Record<string, unknown> = { ...own };
  // An MCP tool's own result is whole; what the model was shown of it depends on the version.
  const isWhole = item?.namespace?.startsWith('mcp__') && own['output'] !== undefined;
  if (seen && !isWhole) {
    // What the model was shown; what the program wrote after that (in the background) stands beside it.
    result['output'] = seen;
    if (isLate(draft) && own['output'] !== undefined) result['output_at_end'] = own['output'];
  }
  const changes = call ? asObject(item?.input)?.['changes'] : undefined;
  if (changes !== undefined) result['changes'] = changes;
  if (item?.error !== undefined && result['output'] === undefined) result['error'] = item.error;
  if (exitCode !== undefined) result['exit_code'] = exitCode;
  return Object.keys(result).length > 0 ? result : undefined;
}

/** The tool ended after the model had been answered. */
function isLate({ item, output }: ToolDraft): boolean {
  return output !== undefined && item?.endMs !== undefined && item.endMs > output.timeMs;
}

function ownOutput(output: unknown): { readonly [key: string]: unknown } {
  return asObject(output) ?? (output === undefined || output === null ? {} : { output });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
