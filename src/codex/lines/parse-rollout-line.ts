import { asNumber, asObject, asString, asText, compact, type JsonObject } from '../../platform/json.js';
import { parseAgentMessage } from './parse-agent-message.js';
import { parseEventMsg } from './parse-event-msg.js';
import { parseResponseItem } from './parse-response-item.js';
import { plainPath } from './parse-tool-item.js';
import { parseUsage } from './parse-usage.js';
import type { RolloutEvent } from './rollout-event.js';

const IGNORED = new Set([
  'world_state',
  'inter_agent_communication_metadata',
  'ghost_snapshot',
  // What the user answered to a question, kept for a compaction (0.171); the answer is the call's output.
  'retained_context',
]);

/**
 * Turns one line of a rollout into an event. Never throws: what is not understood becomes `skipped`.
 * @param text the line without its newline
 */
export function parseRolloutLine(text: string): RolloutEvent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'skipped', timeMs: Number.NaN, reason: 'not JSON' };
  }
  const line = asObject(json);
  const timeMs = readTime(line?.['timestamp']);
  const type = asText(line?.['type']);
  const payload = asObject(line?.['payload']);
  if (!line || !type || !payload) return skipped(timeMs, type);
  const base = compact({ timeMs, turnId: turnIdOf(payload) }) as { timeMs: number; turnId?: string };
  const threadId = asText(payload['thread_id']);
  switch (type) {
    case 'session_meta':
      return sessionMeta(payload, timeMs) ?? skipped(timeMs, type);
    case 'turn_context':
      return compact({
        ...base,
        kind: 'turn_context',
        model: asText(payload['model']),
        effort:
          asText(payload['effort']) ??
          asText(asObject(asObject(payload['collaboration_mode'])?.['settings'])?.['reasoning_effort']),
        cwd: plainPath(asText(payload['cwd'])),
        approvalPolicy: asText(payload['approval_policy']),
        sandboxMode:
          asText(payload['sandbox_policy']) ??
          asText(asObject(payload['sandbox_policy'])?.['type']) ??
          asText(asObject(payload['sandbox_policy'])?.['mode']),
      });
    case 'response_item':
      return parseResponseItem(payload, base);
    case 'event_msg':
      return parseEventMsg(payload, compact({ ...base, threadId }) as typeof base);
    case 'compacted':
      return compact({
        ...base,
        kind: 'compacted',
        summary: asText(payload['message']),
        responseId: asText(payload['compaction_response_id']),
        model: asText(asObject(asObject(payload['resume_metadata'])?.['previous_turn_settings'])?.['model']),
      });
    case 'inter_agent_communication':
      return parseAgentMessage(payload, base);
    case 'token_usage_record': {
      const usage = parseUsage(payload['usage']);
      if (!usage) return skipped(timeMs, type);
      return compact({
        ...base,
        kind: 'token_usage_record',
        threadId,
        responseId: asText(payload['response_id']),
        usage,
      });
    }
  }
  return IGNORED.has(type) ? { kind: 'ignored', timeMs, type } : skipped(timeMs, type);
}

/** Later than any time in seconds, and earlier than any in ms that Codex has lived to write. */
const FIRST_MS = 100_000_000_000;

/** A time in ms since the epoch; NaN where it cannot be read. Every Codex known writes ISO text. */
function readTime(value: unknown): number {
  const number = asNumber(value);
  if (number === undefined) return Date.parse(asString(value) ?? '');
  if (number <= 0) return Number.NaN;
  return number < FIRST_MS ? number * 1000 : number;
}

function skipped(timeMs: number, type: string | undefined): RolloutEvent {
  return compact({ kind: 'skipped', timeMs, reason: 'unknown type', type });
}

/** 0.169 names the turn of a response item only in the metadata it passes through. */
function turnIdOf(payload: JsonObject): string | undefined {
  return (
    asText(payload['turn_id']) ??
    asText(asObject(payload['internal_chat_message_metadata_passthrough'])?.['turn_id'])
  );
}

function sessionMeta(payload: JsonObject, timeMs: number): RolloutEvent | undefined {
  const threadId = asText(payload['id']);
  if (!threadId) return undefined;
  const git = asObject(payload['git']);
  const source = asObject(payload['source'])?.['subagent'];
  const spawn = asObject(asObject(source)?.['thread_spawn']);
  const startedMs = readTime(payload['timestamp']);
  return compact({
    kind: 'session_meta',
    timeMs,
    threadId,
    sessionId: asText(payload['session_id']),
    // 0.120 names the parent only inside `source`.
    parentThreadId: asText(payload['parent_thread_id']) ?? asText(spawn?.['parent_thread_id']),
    forkedFromId: asText(payload['forked_from_id']),
    startedMs: Number.isNaN(startedMs) ? undefined : startedMs,
    cwd: plainPath(asText(payload['cwd'])),
    cliVersion: asText(payload['cli_version']),
    originator: asText(payload['originator']),
    modelProvider: asText(payload['model_provider']),
    subagent: asText(source) ?? asText(asObject(source)?.['other']) ?? Object.keys(asObject(source) ?? {})[0],
    agentPath: asText(payload['agent_path']) ?? asText(spawn?.['agent_path']),
    agentNickname: asText(payload['agent_nickname']) ?? asText(spawn?.['agent_nickname']),
    git: git
      ? compact({
          branch: asText(git['branch']),
          commitHash: asText(git['commit_hash']),
          repositoryUrl: asText(git['repository_url']),
        })
      : undefined,
  });
}
