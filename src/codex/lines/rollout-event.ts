/**
 * What we read from a rollout (the JSONL recording of a thread), one type a kind of line, the union
 * last. Names are Codex's. Sources: `codex-rs/protocol/src/protocol.rs` (RolloutItem, EventMsg) and
 * `codex-rs/protocol/src/models.rs` (ResponseItem), and recordings of 0.60.1 to 0.169.0.
 * What a line is follows from the line, never from the version: one file can mix formats.
 */

interface Line {
  /** When Codex wrote the line, in ms since the epoch. */
  readonly timeMs: number;
  /** The turn the line says it belongs to; most lines up to 0.140 say nothing. */
  readonly turnId?: string;
}

export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  /** An image, of which only what describes it is kept. */
  | { readonly type: 'image'; readonly mediaType?: string; readonly bytes?: number; readonly source?: string }
  | { readonly type: 'other'; readonly kind: string };

/** Token counts of one model response. `inputTokens` includes the cached ones, `outputTokens` the reasoning. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

/** The first line of every file. A fork or subagent of an older Codex repeats its parent's as well. */
export interface SessionMeta extends Line {
  readonly kind: 'session_meta';
  readonly threadId: string;
  /** The root's thread id (0.169). */
  readonly sessionId?: string;
  readonly parentThreadId?: string;
  readonly forkedFromId?: string;
  readonly startedMs?: number;
  readonly cwd?: string;
  readonly cliVersion?: string;
  readonly originator?: string;
  readonly modelProvider?: string;
  /** Set for a thread that is no user's: `thread_spawn`, `review`, `compact`, …, of `other` its own word: `guardian`. */
  readonly subagent?: string;
  readonly agentPath?: string;
  readonly agentNickname?: string;
  readonly git?: { readonly branch?: string; readonly commitHash?: string; readonly repositoryUrl?: string };
}

export interface TurnStarted extends Line {
  readonly kind: 'task_started';
  readonly parentTurnId?: string;
  readonly rootTurnId?: string;
}

export interface TurnCompleted extends Line {
  readonly kind: 'task_complete';
  /**
   * The last response's message without its plan. null: it had none (a plan, a picture, a search,
   * nothing), no response came, or this is the parent of a review. undefined: the line does not say.
   */
  readonly lastAgentMessage?: string | null;
  readonly error?: { readonly message: string; readonly code?: string };
  /** The line would name an error if there were one (Codex from 0.152 on). */
  readonly tellsErrors?: true;
  readonly timeToFirstTokenMs?: number;
}

export interface TurnAborted extends Line {
  readonly kind: 'turn_aborted';
  readonly reason?: string;
}

/** Settings of the turn; written again within it by old versions, before each request. */
export interface TurnContext extends Line {
  readonly kind: 'turn_context';
  readonly model?: string;
  readonly effort?: string;
  readonly cwd?: string;
  readonly approvalPolicy?: string;
  readonly sandboxMode?: string;
}

/** The thread's settings from here on (0.152 and later); of them what no `turn_context` says. */
export interface ThreadSettings extends Line {
  readonly kind: 'thread_settings';
  /** `default`, `priority`, `flex`; absent where none was chosen. */
  readonly serviceTier?: string;
}

/** The tools that a model of code mode is given, as Codex defines them: once at a thread's beginning. */
export interface AdditionalTools extends Line {
  readonly kind: 'additional_tools';
  readonly tools: readonly unknown[];
}

/** What the user typed (`user_message` up to 0.140, `item_completed:UserMessage` later). */
export interface UserMessage extends Line {
  readonly kind: 'user_message';
  readonly threadId?: string;
  readonly content: readonly ContentPart[];
}

/** A message of the model's context: the prompt, what Codex injects, and what the model says. */
export interface Message extends Line {
  readonly kind: 'message';
  readonly role: string;
  readonly id?: string;
  readonly content: readonly ContentPart[];
}

export interface Reasoning extends Line {
  readonly kind: 'reasoning';
  readonly id?: string;
  readonly text: readonly string[];
}

/** A tool call as the model made it. */
export interface ToolCallItem extends Line {
  readonly kind: 'tool_call';
  readonly callId: string;
  readonly name: string;
  readonly namespace?: string;
  /** `function` runs here, `custom` too (its input is free text), `hosted` ran at the provider. */
  readonly form: 'function' | 'custom' | 'hosted';
  /** The arguments as recorded: JSON text, free text, or an object. */
  /** Absent where the line has none. */
  readonly input?: unknown;
  readonly status?: string;
}

export interface ToolOutput extends Line {
  readonly kind: 'tool_output';
  readonly callId: string;
  readonly content: readonly ContentPart[];
  readonly success?: boolean;
}

/**
 * What really ran (`item_completed` from about 0.150 on, `*_end` events before): the tool's own
 * times, exit code and result. Its id is the call's, but in code mode, where it is `exec-<uuid>`.
 */
export interface ToolItem extends Line {
  readonly kind: 'tool_item';
  readonly threadId?: string;
  readonly id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly exitCode?: number;
  readonly status?: string;
  readonly error?: string;
  /** Of a command: by which Codex names it to the model while it runs (`session_id` there). */
  readonly processId?: string;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** Something a thread did with an agent it started: `started`, `completed`, … */
export interface SubAgentActivity extends Line {
  readonly kind: 'sub_agent';
  readonly threadId?: string;
  /** The spawning call's id where the activity is `started`. */
  readonly callId: string;
  readonly activity: string;
  readonly agentThreadId: string;
  readonly agentPath?: string;
}

/** A message from another agent. */
export interface InterAgentMessage extends Line {
  readonly kind: 'agent_message';
  readonly author?: string;
  /** What it asks to be done, where it starts a turn and is not encrypted. */
  readonly task?: string;
  readonly content: readonly ContentPart[];
}

/** The plan that an answer of plan mode holds, without the words around it (0.101 to 0.171). */
export interface Plan extends Line {
  readonly kind: 'plan';
  readonly threadId?: string;
  readonly text: string;
}

/** Tokens of one model response (0.169); compaction requests have one as well. */
export interface UsageRecord extends Line {
  readonly kind: 'token_usage_record';
  readonly threadId?: string;
  readonly responseId?: string;
  readonly usage: TokenUsage;
}

/** Running totals, written several times per response; counts only when the total has changed. */
export interface TokenCount extends Line {
  readonly kind: 'token_count';
  /** How much of the account's limits is used up, in per cent, as the provider told last. */
  readonly usedPercent?: { readonly primary?: number; readonly secondary?: number };
  readonly last: TokenUsage;
  readonly total: TokenUsage;
}

/** The encrypted summary that the provider made of the context (remote compaction). */
export interface CompactionItem extends Line {
  readonly kind: 'compaction_item';
}

/** The context was replaced by a summary. */
export interface Compacted extends Line {
  readonly kind: 'compacted';
  readonly summary?: string;
  readonly responseId?: string;
  /** The model that made the summary (0.169): the one before, where the turn has switched models. */
  readonly model?: string;
}

export interface ReviewMode extends Line {
  readonly kind: 'review_mode';
  readonly threadId?: string;
  readonly phase: 'entered' | 'exited';
  /** What is reviewed, in Codex's words. */
  readonly hint?: string;
  /** The reviewer's verdict, where it came to one. */
  readonly verdict?: string;
}

/** An error Codex told its user about; not every version records it. */
export interface ErrorEvent extends Line {
  readonly kind: 'error';
  readonly message: string;
  readonly code?: string;
}

/** A line we know and need nothing of. */
export interface Ignored extends Line {
  readonly kind: 'ignored';
  readonly type: string;
}

/** A line that could not be read, or of a type nobody told us about: counted, never fatal. */
export interface Skipped extends Line {
  readonly kind: 'skipped';
  readonly reason: 'not JSON' | 'too long' | 'unknown type';
  readonly type?: string;
}

export type RolloutEvent =
  | SessionMeta
  | TurnStarted
  | TurnCompleted
  | TurnAborted
  | TurnContext
  | ThreadSettings
  | AdditionalTools
  | UserMessage
  | Message
  | Reasoning
  | ToolCallItem
  | ToolOutput
  | ToolItem
  | SubAgentActivity
  | InterAgentMessage
  | Plan
  | UsageRecord
  | TokenCount
  | CompactionItem
  | Compacted
  | ReviewMode
  | ErrorEvent
  | Ignored
  | Skipped;
