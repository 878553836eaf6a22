import type { Message, RolloutEvent } from '../../codex/lines/rollout-event.js';
import { compact } from '../../platform/json.js';
import { chatRole, textOf } from '../chat-message.js';
import type { ChatMessage, ModelCall } from '../turn.js';
import { finishDraft } from './response-draft.js';
import { ResponseDrafts } from './response-drafts.js';
import { UsageByRecord, UsageByTotal } from './response-usage.js';

export interface ModelCallsResult {
  readonly modelCalls: ModelCall[];
  readonly transcript: ChatMessage[];
  /** When the model had made a call, for calls whose line was written later (0.60). */
  readonly callTimes: ReadonlyMap<string, number>;
  /** Something was said to the model after its last response. */
  readonly unanswered: boolean;
  /** The model's last message that is no compaction summary. */
  readonly lastText?: string;
}

/**
 * The model's responses within a turn, in order, each with its own tokens, and the transcript they
 * read and wrote.
 * @param previousTotal the thread's total of tokens before the turn, where known
 * @param isQuoted no response brought the assistant's messages: Codex itself writes them in a review's
 *   parent and in an imported session
 */
export function collectModelCalls(
  events: readonly RolloutEvent[],
  turn: { startMs: number; previousTotal?: number | undefined; isQuoted: boolean },
): ModelCallsResult {
  const drafts = new ResponseDrafts(turn.startMs);
  const usage = events.some((event) => event.kind === 'token_usage_record')
    ? new UsageByRecord(drafts)
    : new UsageByTotal(drafts, turn.previousTotal);
  for (const event of events) {
    usage.read(event);
    readEvent(event, drafts, turn.isQuoted);
  }
  drafts.settleEarly();
  const texts = drafts.all.filter(({ purpose }) => purpose === 'response').map(({ texts }) => texts.at(-1));
  return {
    transcript: drafts.transcript(),
    callTimes: drafts.callTimes,
    unanswered: drafts.unanswered,
    modelCalls: drafts.all.map((draft, index) => finishDraft(draft, index)),
    ...compact({ lastText: texts.findLast((text) => text !== undefined) }),
  };
}

function readEvent(event: RolloutEvent, drafts: ResponseDrafts, isQuoted: boolean): void {
  switch (event.kind) {
    case 'turn_context':
      drafts.useModel(event.model);
      break;
    case 'message':
      readMessage(event, drafts, isQuoted);
      break;
    case 'user_message':
      drafts.prompt(textOf(event.content), event.timeMs);
      break;
    case 'agent_message':
      drafts.hear({ role: 'user', content: textOf(event.content) }, event.timeMs);
      drafts.unanswered = true;
      break;
    case 'reasoning':
      drafts.current(event.timeMs).reasoning.push(...event.text);
      break;
    case 'compaction_item':
      drafts.current(event.timeMs).purpose = 'compaction';
      break;
    case 'tool_call':
      drafts.call(event);
      break;
    case 'tool_output':
      drafts.hear({ role: 'tool', toolCallId: event.callId, content: textOf(event.content) }, event.timeMs);
      drafts.unanswered = true;
      break;
    case 'compacted':
      drafts.compacted(event);
      break;
  }
}

function readMessage({ role, content, timeMs }: Message, drafts: ResponseDrafts, isQuoted: boolean): void {
  const text = textOf(content);
  const told = { role: chatRole(role), content: text };
  // What Codex puts into the context is no question that waits for an answer.
  if (told.role === 'system' || WARNING.test(text)) drafts.overhear(told, timeMs);
  else if (told.role === 'user') drafts.hear(told, timeMs);
  else if (isQuoted) drafts.quote(text);
  else if (text !== '') drafts.say(text, timeMs);
}

/**
 * A tool begins while its response goes on. What a hook says of it (0.171, as `developer`) and Codex's own
 * warning (0.128, as `user`) are written at once, and may stand between two calls of one response.
 */
const WARNING = /^Warning: /;
