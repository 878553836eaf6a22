import type { TokenUsage } from '../../codex/lines/rollout-event.js';
import { compact } from '../../platform/json.js';
import type { ChatMessage, ChatToolCall, ModelCall } from '../turn.js';

/** A response of the model while its lines are still being read. */
export interface ResponseDraft {
  responseId?: string;
  purpose: ModelCall['purpose'];
  startMs: number;
  endMs: number;
  model?: string;
  usage?: TokenUsage;
  readonly inputFrom: number;
  readonly inputTo: number;
  readonly texts: string[];
  readonly reasoning: string[];
  readonly toolCalls: ChatToolCall[];
  /** More items of this response may follow. */
  open: boolean;
  /** The tokens were written before the items (0.60): outputs do not close the response to more calls. */
  readonly early: boolean;
  answered?: true;
}

/** A call's arguments as JSON text, free text wrapped as `{input}`. */
export function argumentsText(input: unknown, form: string): string {
  if (form === 'custom') return JSON.stringify({ input });
  return typeof input === 'string' ? input : JSON.stringify(input ?? {});
}

/** What the model said, as one message. */
export function assistantMessage(draft: ResponseDraft): ChatMessage {
  return {
    role: 'assistant',
    content: draft.texts.join('\n\n'),
    ...(draft.reasoning.length > 0 ? { reasoning: draft.reasoning.join('\n\n') } : {}),
    ...(draft.toolCalls.length > 0 ? { toolCalls: draft.toolCalls } : {}),
  };
}

/** @param index the response's place in the turn, for its key where it has no id */
export function finishDraft(draft: ResponseDraft, index: number): ModelCall {
  const output = assistantMessage(draft);
  const said = output.content !== '' || output.reasoning !== undefined || output.toolCalls !== undefined;
  return {
    key: draft.responseId ?? `response ${index}`,
    purpose: draft.purpose,
    outcome: 'completed',
    startMs: draft.startMs,
    endMs: Math.max(draft.startMs, draft.endMs),
    inputFrom: draft.inputFrom,
    inputTo: draft.inputTo,
    ...compact({
      responseId: draft.responseId,
      model: draft.model,
      usage: draft.usage,
      output: said ? output : undefined,
    }),
  };
}
