import { asObject, asStrings, asText, compact } from '../platform/json.js';

/**
 * What Codex appends to the notifier's command line after each turn, as far as we read it
 * (Codex 0.60 to 0.169, `codex-rs/hooks/src/legacy_notify.rs` and its forerunners).
 */
export interface NotifyPayload {
  readonly threadId: string;
  /** UUIDv7 from 0.101 on; `"0"`, and so not unique, before. */
  readonly turnId?: string;
  /** The only reliable working directory: a background daemon runs turns with its own. */
  readonly cwd?: string;
  /** `codex_exec`, `codex-tui` or the name of an editor; absent before 0.120 and for subagents. */
  readonly client?: string;
  /** Everything the user said in the WHOLE thread, not this turn's input; empty for a subagent. */
  readonly inputMessages: readonly string[];
  readonly lastAssistantMessage?: string;
  /** The file the turn is recorded in: a Stop hook is told it (`transcript_path`), a notifier is not. */
  readonly recording?: string;
  /** It tells of no turn: the session has ended (Codex's SessionEnd hook, from 0.152 on). */
  readonly isSessionEnd?: true;
}

/** The `type` that our own process gives a SessionEnd hook's announcement. */
export const SESSION_END = 'session-end';

export type ParsedPayload =
  | { readonly kind: 'turn'; readonly payload: NotifyPayload }
  /** Well formed, but not the end of a turn: some later Codex may announce other things. */
  | { readonly kind: 'other'; readonly type: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Reads the notifier's last argument. Never throws; the reason of a malformed one holds no content.
 */
export function parseNotifyPayload(text: string | undefined): ParsedPayload {
  if (text === undefined) return { kind: 'malformed', reason: 'no payload given' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'malformed', reason: `payload of ${text.length} characters is not JSON` };
  }
  const object = asObject(json);
  if (!object) return { kind: 'malformed', reason: 'payload is not a JSON object' };
  const type = asText(object['type']);
  if (type !== 'agent-turn-complete' && type !== SESSION_END)
    return { kind: 'other', type: (type ?? 'none').slice(0, 64) };
  const threadId = asText(object['thread-id']);
  if (!threadId || !isSafeId(threadId))
    return { kind: 'malformed', reason: 'payload has no usable thread-id' };
  return {
    kind: 'turn',
    payload: compact({
      threadId,
      turnId: asText(object['turn-id']),
      cwd: asText(object['cwd']),
      client: asText(object['client']),
      inputMessages: asStrings(object['input-messages']),
      lastAssistantMessage: asText(object['last-assistant-message']),
      recording: asText(object['transcript-path']),
      isSessionEnd: type === SESSION_END ? true : undefined,
    }),
  };
}

/** A thread id becomes part of file names: nothing that could leave the folder. */
export function isSafeId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(id);
}

/**
 * The 0.160+ TUI asks a model for a title of each new prompt in a thread of its own, which has no
 * recording and fires a notify like any other. It is not a turn of the user.
 */
export function isTitleThread(payload: NotifyPayload): boolean {
  return (
    payload.inputMessages.length === 1 &&
    /^Generate a concise, single-line (task )?title\b/.test(payload.inputMessages[0] ?? '') &&
    payload.inputMessages[0]?.includes('User prompt:') === true
  );
}
