import type { TokenUsage } from '../codex/lines/rollout-event.js';

/** How a turn ended. `incomplete`: its end was never recorded (Codex was killed, or it still runs). */
export type TurnOutcome = 'completed' | 'interrupted' | 'failed' | 'incomplete';

/** A message in chat-completions shape; `developer` is `system` there. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ChatToolCall[];
  readonly toolCallId?: string;
}

export interface ChatToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** One response of the model, or one request that brought none. */
export interface ModelCall {
  /** What tells it from the turn's other responses: the response id, or its place in the turn. */
  readonly key: string;
  readonly responseId?: string;
  readonly purpose: 'response' | 'compaction';
  /** `cut`: an interrupt ended it; `failed`: an error did. Neither has tokens. */
  readonly outcome: 'completed' | 'cut' | 'failed';
  readonly startMs: number;
  readonly endMs: number;
  readonly model?: string;
  readonly usage?: TokenUsage;
  readonly timeToFirstTokenMs?: number;
  /** What of the turn's transcript the model had before it: `transcript.slice(inputFrom, inputTo)`. */
  readonly inputFrom: number;
  readonly inputTo: number;
  readonly output?: ChatMessage;
}

/** Why a tool call counts as failed: a word for `error.type` and a sentence without content. */
export interface ToolFailure {
  readonly type: string;
  readonly message: string;
}

/** One call of a tool, or in code mode one run of a tool by the script of an `exec` call. */
export interface ToolCall {
  /** The call id, or the id of the item where the recording has no call. */
  readonly id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly form: 'function' | 'custom' | 'hosted';
  readonly startMs: number;
  readonly endMs: number;
  readonly input?: { readonly [key: string]: unknown };
  readonly output?: { readonly [key: string]: unknown };
  readonly exitCode?: number;
  readonly failure?: ToolFailure;
  /** A command that it started still ran when Codex answered, and the lines tell of no end. */
  readonly running?: true;
  readonly children: readonly ToolCall[];
}

/** A sub-agent that the turn started or spoke to, and the call that did. */
export interface SubAgentLink {
  readonly callId: string;
  readonly agentThreadId: string;
  readonly timeMs: number;
}

/** One turn of one thread: what was asked, what happened, what came of it. */
export interface Turn {
  readonly threadId: string;
  /** As recorded; undefined where the recording has none. */
  readonly turnId?: string;
  readonly parentTurnId?: string;
  readonly rootTurnId?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: TurnOutcome;
  readonly abortReason?: string;
  readonly error?: { readonly message: string; readonly code?: string };
  /** What the user typed in this turn, steering included, in order. */
  readonly prompts: readonly string[];
  readonly answer?: string;
  readonly model?: string;
  readonly effort?: string;
  readonly cwd?: string;
  readonly approvalPolicy?: string;
  readonly sandboxMode?: string;
  /** `default`, `priority`, `flex`: what the provider was asked for. */
  readonly serviceTier?: string;
  /** How much of the account's limits was used up after it, in per cent. */
  readonly usedPercent?: { readonly primary?: number; readonly secondary?: number };
  /** Skills that were put into the model's context, or read by it, by name. */
  readonly skills?: readonly string[];
  /** The tools the model was given, as Codex defines them, where its lines tell. */
  readonly tools?: readonly unknown[];
  readonly transcript: readonly ChatMessage[];
  readonly modelCalls: readonly ModelCall[];
  readonly toolCalls: readonly ToolCall[];
  readonly subAgents: readonly SubAgentLink[];
  /** Turns of other threads whose lines stand in this one (a review's). */
  readonly foreignTurnIds: readonly string[];
  readonly skippedLines: number;
  /** Codex kept no recording (`--ephemeral`): the turn is what was announced, and no more. */
  readonly unrecorded?: true;
  /** Another agent had this turn, and its session was imported (`/import`): no model was called for it. */
  readonly imported?: true;
}
