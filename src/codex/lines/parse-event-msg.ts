import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  compact,
  type JsonObject,
} from '../../platform/json.js';
import { imagePart, parseContent } from './parse-content.js';
import { parseToolEnd, parseToolItem } from './parse-tool-item.js';
import { parseUsage } from './parse-usage.js';
import type { ContentPart, RolloutEvent } from './rollout-event.js';

type Base = { timeMs: number; turnId?: string; threadId?: string };

/** Events whose content stands in other lines, or that are none of a trace's business. */
const IGNORED =
  /^(agent_message|agent_reasoning|agent_reasoning_raw_content|agent_reasoning_section_break|session_configured|context_compacted|thread_name_updated|thread_goal_updated|thread_rolled_back|turn_diff|turn_moderation_metadata|plan_update|background_event|stream_error|warning|guardian_assessment|deprecation_notice|undo_.*|mcp_startup_.*|mcp_list_tools_response|hook_.*|.*_begin|.*_delta|.*_started|.*_request|.*_request_.*|request_.*|collab_.*|image_generation_end|raw_response_item|shutdown_complete|skills_update_available|realtime_.*|model_.*|patch_apply_updated)$/;

const NOT_TOOLS = new Set(['AgentMessage', 'Reasoning', 'ContextCompaction', 'HookPrompt']);

/** An `event_msg` line: what Codex told its user interface. Source: `protocol.rs` (EventMsg). */
export function parseEventMsg(event: JsonObject, base: Base): RolloutEvent {
  const type = asText(event['type']) ?? 'none';
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  const parsed = parse ? parse(event, base) : parseToolEnd(type, event, { ...base, kind: 'tool_item' });
  if (parsed) return parsed;
  return parse || IGNORED.test(type)
    ? { ...base, kind: 'ignored', type }
    : { ...base, kind: 'skipped', reason: 'unknown type', type };
}

/** By type of event; one that does not say what it must is ignored (undefined). */
const PARSERS: { readonly [type: string]: (event: JsonObject, base: Base) => RolloutEvent | undefined } = {
  task_started: turnStarted,
  task_complete: turnCompleted,
  // The newer names of the same events.
  turn_started: turnStarted,
  turn_complete: turnCompleted,
  turn_aborted: (event, base) => compact({ ...base, kind: 'turn_aborted', reason: asText(event['reason']) }),
  user_message: (event, base) => ({ ...base, kind: 'user_message', content: oldUserMessage(event) }),
  token_count: tokenCount,
  thread_settings_applied: (event, base) =>
    compact({
      ...base,
      kind: 'thread_settings',
      serviceTier: asText(asObject(event['thread_settings'])?.['service_tier']),
    }),
  entered_review_mode: enteredReview,
  exited_review_mode: exitedReview,
  error: (event, base) => ({
    ...base,
    kind: 'error',
    ...(parseError(event) ?? { message: 'unknown error' }),
  }),
  item_completed: (event, base) => parseItem(asObject(event['item']) ?? {}, event, base),
  item_started: () => undefined,
  item_updated: () => undefined,
  // Up to about 0.150, where the item of the same content took its place.
  sub_agent_activity: (event, base) => subAgent(event, asText(event['event_id']), base),
  collab_agent_spawn_end: (event, base) => collaboration(event, 'started', base),
  collab_agent_interaction_end: (event, base) => collaboration(event, 'interacted', base),
};

function turnStarted(event: JsonObject, base: Base): RolloutEvent {
  const attribution = asObject(event['turn_attribution']);
  return compact({
    ...base,
    kind: 'task_started',
    parentTurnId: asText(attribution?.['parent_turn_id']),
    rootTurnId: asText(event['root_turn_id']) ?? asText(attribution?.['root_turn_id']),
  });
}

function turnCompleted(event: JsonObject, base: Base): RolloutEvent {
  const last = event['last_agent_message'];
  return compact({
    ...base,
    kind: 'task_complete',
    lastAgentMessage: last === null ? null : asString(last),
    error: parseError(event['error']),
    // 0.152 began to write both: when the turn was started, and why it failed.
    tellsErrors: event['started_at'] === undefined ? undefined : true,
    timeToFirstTokenMs: asNumber(event['time_to_first_token_ms']),
  });
}

function tokenCount(event: JsonObject, base: Base): RolloutEvent | undefined {
  const info = asObject(event['info']);
  const last = parseUsage(info?.['last_token_usage']);
  const total = parseUsage(info?.['total_token_usage']);
  const used = usedPercent(event['rate_limits']);
  return last && total && compact({ ...base, kind: 'token_count', last, total, usedPercent: used });
}

/** Source: `RateLimitSnapshot` in `codex-rs/protocol/src/protocol.rs`; both windows may be null. */
function usedPercent(value: unknown): { primary?: number; secondary?: number } | undefined {
  const limits = asObject(value);
  const share = (window: string) => asNumber(asObject(limits?.[window])?.['used_percent']);
  const shares = compact({ primary: share('primary'), secondary: share('secondary') });
  return Object.keys(shares).length > 0 ? shares : undefined;
}

function collaboration(event: JsonObject, activity: string, base: Base): RolloutEvent | undefined {
  const callId = asText(event['call_id']);
  const agentThreadId = asText(event['new_thread_id']) ?? asText(event['receiver_thread_id']);
  if (!callId || !agentThreadId) return undefined;
  return { ...base, kind: 'sub_agent', callId, activity, agentThreadId };
}

function parseItem(item: JsonObject, event: JsonObject, base: Base): RolloutEvent {
  const type = asText(item['type']) ?? 'none';
  if (NOT_TOOLS.has(type)) return { ...base, kind: 'ignored', type };
  switch (type) {
    case 'UserMessage':
      return { ...base, kind: 'user_message', content: userContent(item['content']) };
    case 'Plan':
      return { ...base, kind: 'plan', text: asString(item['text']) ?? '' };
    case 'EnteredReviewMode':
      return enteredReview(item, base);
    case 'ExitedReviewMode':
      return exitedReview(item, base);
    case 'SubAgentActivity':
      return subAgent(item, asText(item['id']), base);
    default:
      return parseToolItem(item, {
        ...base,
        kind: 'tool_item',
        ...compact({ startMs: asNumber(event['started_at_ms']), endMs: asNumber(event['completed_at_ms']) }),
      });
  }
}

function enteredReview(event: JsonObject, base: Base): RolloutEvent {
  return compact({ ...base, kind: 'review_mode', phase: 'entered', hint: reviewHint(event) });
}

function exitedReview(event: JsonObject, base: Base): RolloutEvent {
  const verdict = asText(asObject(event['review_output'])?.['overall_explanation']);
  return compact({ ...base, kind: 'review_mode', phase: 'exited', verdict });
}

function subAgent(activity: JsonObject, callId: string | undefined, base: Base): RolloutEvent {
  const agentThreadId = asText(activity['agent_thread_id']);
  if (!callId || !agentThreadId)
    return { ...base, kind: 'skipped', reason: 'unknown type', type: 'sub_agent' };
  return compact({
    ...base,
    kind: 'sub_agent',
    callId,
    activity: asText(activity['kind']) ?? 'unknown',
    agentThreadId,
    agentPath: asText(activity['agent_path']),
  });
}

function reviewHint(event: JsonObject): string | undefined {
  return asText(event['user_facing_hint']) ?? asText(asObject(event['target'])?.['instructions']);
}

function parseError(value: unknown): { message: string; code?: string } | undefined {
  const error = asObject(value);
  const message = asText(error?.['message']);
  if (!message) return undefined;
  const info = error?.['codex_error_info'];
  // Either a word or an object with one key that names the kind.
  const code = asText(info) ?? Object.keys(asObject(info) ?? {})[0];
  return compact({ message, code }) as { message: string; code?: string };
}

function oldUserMessage(event: JsonObject): ContentPart[] {
  const images = asArray(event['images']).flatMap((url) => (typeof url === 'string' ? [imagePart(url)] : []));
  const local = asArray(event['local_images']).flatMap((path) =>
    typeof path === 'string' ? [imagePart(undefined, path)] : [],
  );
  return [...images, ...local, ...parseContent(event['message'])];
}

/** UserMessage's parts also come as mentions and skills, which only name something: kept as their text. */
function userContent(value: unknown): ContentPart[] {
  return parseContent(
    asArray(value).map((part) => {
      const object = asObject(part);
      return object && object['text'] === undefined && asText(object['name'])
        ? { text: `@${object['name']}` }
        : part;
    }),
  );
}
