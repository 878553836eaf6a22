import { asArray, asNumber, asObject, asText, compact, type JsonObject } from '../../platform/json.js';
import type { RolloutEvent, ToolItem } from './rollout-event.js';

type Base = Omit<ToolItem, 'id' | 'name'>;

/** What every tool's run has. */
type Run = Omit<Base, 'status' | 'startMs' | 'endMs'> & {
  readonly id: string;
  readonly status: string | undefined;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
};

/**
 * An item of `item_completed` that is a tool's run, from whatever kind of tool: an unknown one
 * becomes a tool of that name with what it has. Source: `codex-rs/protocol/src/items.rs`, 0.169.
 */
export function parseToolItem(item: JsonObject, base: Base): RolloutEvent {
  const type = asText(item['type']) ?? 'unknown';
  const id = asText(item['id']);
  if (!id) return { kind: 'skipped', timeMs: base.timeMs, reason: 'unknown type', type };
  const common = { ...base, id, status: asText(item['status']) };
  switch (type) {
    case 'CommandExecution':
      return compact({
        ...common,
        name: 'exec_command',
        input: compact({ command: item['command'], cwd: plainPath(asText(item['cwd'])) }),
        output: compact({ output: asText(item['aggregated_output']) }),
        exitCode: asNumber(item['exit_code']),
        processId: asText(item['process_id']),
      });
    case 'FileChange':
      return compact({
        ...common,
        name: 'apply_patch',
        input: compact({ changes: asObject(item['changes']) }),
        output: compact({ output: asText(item['stdout']), stderr: asText(item['stderr']) }),
      });
    case 'McpToolCall':
      return mcpItem(
        common,
        item,
        asText(item['server']),
        asText(item['tool']),
        item['result'],
        item['error'],
      );
    case 'WebSearch':
      return compact({
        ...common,
        name: 'web_search',
        input: compact({ query: asText(item['query']), action: item['action'] }),
        output: item['results'],
      });
    case 'ImageGeneration':
      return imageGeneration(common, item);
    case 'ImageView':
      return compact({ ...common, name: 'view_image', input: { path: plainPath(asText(item['path'])) } });
    case 'CollabAgentToolCall':
      return compact({ ...common, name: asText(item['tool']) ?? 'collab' });
    default: {
      const { type: _type, id: _id, status: _status, ...rest } = item;
      return compact({
        ...common,
        name: asText(item['tool']) ?? type.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase(),
        input: asObject(item['arguments']) ?? rest,
        output: item['result'] ?? item['output'],
        exitCode: asNumber(item['exit_code']),
        error: errorText(item['error']),
      });
    }
  }
}

/** The `*_end` events that told of a tool's run before `item_completed` did (up to 0.140). */
export function parseToolEnd(type: string, event: JsonObject, base: Base): ToolItem | undefined {
  const id = asText(event['call_id']);
  if (!id) return undefined;
  const common = endedRun(id, event, base);
  switch (type) {
    case 'exec_command_end':
      return compact({
        ...common,
        name: 'exec_command',
        input: compact({ command: event['command'], cwd: asText(event['cwd']) }),
        output: compact({ output: asText(event['aggregated_output']) ?? asText(event['stdout']) }),
        exitCode: asNumber(event['exit_code']),
      });
    case 'patch_apply_end':
      return compact({
        ...common,
        status: common.status ?? (event['success'] === false ? 'failed' : undefined),
        name: 'apply_patch',
        input: compact({ changes: asObject(event['changes']) }),
        output: compact({ output: asText(event['stdout']), stderr: asText(event['stderr']) }),
      });
    case 'mcp_tool_call_end': {
      const call = asObject(event['invocation']);
      const result = asObject(event['result']);
      return mcpItem(
        common,
        call ?? {},
        asText(call?.['server']),
        asText(call?.['tool']),
        result?.['Ok'],
        result?.['Err'],
      );
    }
    case 'web_search_end':
      // No duration and written with the call: its only time is the line's.
      return compact({
        ...common,
        endMs: undefined,
        name: 'web_search',
        input: compact({ query: asText(event['query']), action: event['action'] }),
      });
    case 'image_generation_end':
      return imageGeneration({ ...common, endMs: undefined }, event);
    case 'view_image_tool_call':
      return compact({
        ...common,
        endMs: undefined,
        name: 'view_image',
        input: { path: event['path'] },
      });
    default:
      return undefined;
  }
}

/** A run that was over when its line was written, and began as long before as the event tells. */
function endedRun(id: string, event: JsonObject, base: Base) {
  const endMs = Number.isNaN(base.timeMs) ? undefined : base.timeMs;
  const durationMs = duration(event['duration']);
  const startMs = durationMs === undefined || endMs === undefined ? undefined : endMs - durationMs;
  return { ...base, id, status: asText(event['status']), endMs, startMs };
}

/** The picture itself is described when the span is built; here it is `result`, in base64. */
function imageGeneration(common: Run, item: JsonObject): ToolItem {
  return compact({
    ...common,
    name: 'image_generation',
    input: compact({ revised_prompt: asText(item['revised_prompt']) }),
    output: compact({ output: asText(item['result']), saved_path: plainPath(asText(item['saved_path'])) }),
    error: errorText(item['failure']),
  });
}

function mcpItem(
  common: Run,
  call: JsonObject,
  server: string | undefined,
  tool: string | undefined,
  result: unknown,
  error: unknown,
): ToolItem {
  const answer = asObject(result);
  const texts = asArray(answer?.['content']).flatMap((part) => mcpText(asObject(part)) ?? []);
  return compact({
    ...common,
    name: tool ?? 'mcp',
    namespace: server === undefined ? undefined : `mcp__${server}`,
    input: call['arguments'],
    output: compact({
      output: texts.length > 0 ? texts.join('\n') : undefined,
      structured_content: answer?.['structuredContent'] ?? answer?.['structured_content'] ?? undefined,
    }),
    error:
      errorText(error) ??
      (answer?.['isError'] === true || answer?.['is_error'] === true
        ? 'the MCP tool reported an error'
        : undefined),
  });
}

/** A part of an MCP result as text: a picture as its data URL, which is described when the span is built. */
function mcpText(part: JsonObject | undefined): string | undefined {
  const mimeType = asText(part?.['mimeType']) ?? asText(part?.['mime_type']);
  const data = asText(part?.['data']);
  if (data === undefined) return asText(part?.['text']) ?? asText(asObject(part?.['resource'])?.['text']);
  return part?.['type'] === 'image' ? `data:${mimeType ?? 'image/png'};base64,${data}` : `[${mimeType}]`;
}

function errorText(error: unknown): string | undefined {
  return asText(error) ?? asText(asObject(error)?.['message']);
}

/** Rust's Duration as serde writes it, in ms. */
function duration(value: unknown): number | undefined {
  const object = asObject(value);
  const secs = asNumber(object?.['secs']);
  const nanos = asNumber(object?.['nanos']);
  return secs === undefined || nanos === undefined ? undefined : secs * 1000 + nanos / 1e6;
}

/** 0.169 writes working directories as `file://` URLs; of a drive of Windows they are `file:///C:/…` (RFC 8089; not run). */
export function plainPath(path: string | undefined): string | undefined {
  if (!path?.startsWith('file://')) return path;
  const plain = decoded(path.slice('file://'.length));
  return /^\/[A-Za-z]:/.test(plain) ? plain.slice(1).replaceAll('/', '\\') : plain;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
