import type { RolloutEvent, TokenCount, TokenUsage } from '../codex/lines/rollout-event.js';
import { chatRole, textOf } from './chat-message.js';
import { argumentsText, assistantMessage, finishDraft, type ResponseDraft } from './response-draft.js';
import type { ChatMessage, ModelCall } from './turn.js';

export interface ModelCallsResult {
  readonly modelCalls: ModelCall[];
  readonly transcript: ChatMessage[];
  /** When the model had made a call, for calls whose line was written later (0.60). */
  readonly callTimes: Map<string, number>;
  /** The model's last message that is no compaction summary. */
  readonly lastText?: string;
}

/**
 * The model's responses within a turn, in order, each with its own tokens, and the transcript they
 * read and wrote.
 *
 * A response is a run of items the model made; `token_usage_record` ends it (0.169). Without those,
 * a `token_count` counts when the thread's total has changed, and belongs to the response that has
 * none yet, or, where there is none (0.60 writes it first), to the next one.
 * @param previousTotal the thread's total before the turn, where known
 * @param isReview in a review's parent Codex itself writes the assistant's message: no response
 */
export function collectModelCalls(
  events: readonly RolloutEvent[],
  turn: { startMs: number; previousTotal?: number; isReview: boolean },
): ModelCallsResult {
  const transcript: (ChatMessage | ResponseDraft)[] = [];
  const drafts: ResponseDraft[] = [];
  const prompts: ChatMessage[] = [];
  const callTimes = new Map<string, number>();
  const hasRecords = events.some((event) => event.kind === 'token_usage_record');
  let total = turn.previousTotal;
  let pending: { usage: TokenUsage; timeMs: number } | undefined;
  let waitsSinceMs = turn.startMs;
  let contextFrom = 0;
  let model: string | undefined;

  const openDraft = (timeMs: number, early: boolean): ResponseDraft => {
    const draft: ResponseDraft = {
      purpose: 'response',
      startMs: Math.min(waitsSinceMs, timeMs),
      endMs: timeMs,
      ...(model === undefined ? {} : { model }),
      inputFrom: contextFrom,
      inputTo: transcript.length,
      texts: [],
      reasoning: [],
      toolCalls: [],
      open: true,
      early,
    };
    drafts.push(draft);
    transcript.push(draft);
    return draft;
  };
  /** The response that an item of the model's belongs to. */
  const current = (timeMs: number, isCall = false): ResponseDraft => {
    const last = drafts.at(-1);
    if (last?.open && (isCall || !last.answered)) {
      if (!last.early) last.endMs = Math.max(last.endMs, timeMs);
      return last;
    }
    const draft = openDraft(pending?.timeMs ?? timeMs, pending !== undefined);
    if (pending) draft.usage = pending.usage;
    pending = undefined;
    return draft;
  };
  const usageOnly = (timeMs: number, usage: TokenUsage): ResponseDraft => {
    const draft = openDraft(timeMs, false);
    draft.usage = usage;
    draft.open = false;
    return draft;
  };
  const input = (message: ChatMessage, timeMs: number) => {
    const last = drafts.at(-1);
    if (last?.early && message.role === 'tool') last.answered = true;
    else if (last) last.open = false;
    if (message.content !== '') transcript.push(message);
    waitsSinceMs = Math.max(waitsSinceMs, timeMs);
  };

  for (const event of events) {
    switch (event.kind) {
      case 'turn_context':
        model = event.model ?? model;
        for (const draft of drafts) if (draft.model === undefined && model !== undefined) draft.model = model;
        break;
      case 'message': {
        const text = textOf(event.content);
        if (event.role !== 'assistant') {
          input({ role: chatRole(event.role), content: text }, event.timeMs);
        } else if (turn.isReview) {
          transcript.push({ role: 'assistant', content: text });
        } else if (text !== '') {
          current(event.timeMs).texts.push(text);
        }
        break;
      }
      case 'user_message': {
        const text = textOf(event.content);
        const message: ChatMessage = { role: 'user', content: text };
        prompts.push(message);
        // The same words stand in a `message` line just before it, with attached images described.
        const told = transcript
          .slice(-3)
          .some((m) => 'role' in m && m.role === 'user' && m.content.includes(text));
        if (!told) input(message, event.timeMs);
        waitsSinceMs = Math.max(waitsSinceMs, event.timeMs);
        break;
      }
      case 'agent_message':
        input({ role: 'user', content: textOf(event.content) }, event.timeMs);
        break;
      case 'reasoning':
        current(event.timeMs).reasoning.push(...event.text);
        break;
      case 'compaction_item':
        current(event.timeMs).purpose = 'compaction';
        break;
      case 'tool_call': {
        if (drafts.some((other) => other.toolCalls.some((call) => call.id === event.callId))) break;
        const draft = current(event.timeMs, true);
        draft.toolCalls.push({
          id: event.callId,
          name: event.name,
          arguments: argumentsText(event.input, event.form),
        });
        if (draft.early) callTimes.set(event.callId, draft.endMs);
        break;
      }
      case 'tool_output':
        input({ role: 'tool', toolCallId: event.callId, content: textOf(event.content) }, event.timeMs);
        break;
      case 'token_usage_record': {
        if (event.responseId !== undefined && drafts.some((d) => d.responseId === event.responseId)) break;
        const last = drafts.at(-1);
        const draft = last?.open ? last : usageOnly(event.timeMs, event.usage);
        draft.usage = event.usage;
        if (event.responseId !== undefined) draft.responseId = event.responseId;
        draft.open = false;
        break;
      }
      case 'token_count': {
        if (hasRecords || !isResponse(event, total)) {
          total = event.total.totalTokens;
          break;
        }
        total = event.total.totalTokens;
        const last = drafts.at(-1);
        if (last && last.usage === undefined) {
          last.usage = event.last;
          last.open = false;
        } else {
          if (pending) usageOnly(pending.timeMs, pending.usage);
          pending = { usage: event.last, timeMs: event.timeMs };
          if (last) last.open = false;
        }
        break;
      }
      case 'compacted': {
        if (pending) {
          // Up to 0.128 neither the request nor its answer is recorded, only their tokens and this line.
          const draft = usageOnly(pending.timeMs, pending.usage);
          draft.purpose = 'compaction';
          if (event.summary !== undefined) draft.texts.push(event.summary.replace(SUMMARY_PREFIX, ''));
          pending = undefined;
        } else {
          const named = drafts.find(
            (draft) => draft.responseId !== undefined && draft.responseId === event.responseId,
          );
          const last = drafts.at(-1);
          const summary =
            named ?? (last && last.toolCalls.length === 0 && last.texts.length > 0 ? last : undefined);
          if (summary) {
            summary.purpose = 'compaction';
            // A turn that switches models is compacted by the model before, ahead of its own settings.
            if (event.model !== undefined) summary.model = event.model;
          }
        }
        contextFrom = transcript.length;
        transcript.push(...prompts);
        if (event.summary !== undefined) transcript.push({ role: 'user', content: event.summary });
        waitsSinceMs = Math.max(waitsSinceMs, event.timeMs);
        break;
      }
    }
  }
  if (pending) usageOnly(pending.timeMs, pending.usage);

  const messages = transcript.map((entry) => ('role' in entry ? entry : assistantMessage(entry)));
  const lastText = drafts
    .filter((draft) => draft.purpose === 'response')
    .map((draft) => draft.texts.at(-1))
    .filter((text) => text !== undefined)
    .at(-1);
  return {
    transcript: messages,
    callTimes,
    modelCalls: drafts.map((draft, index) => finishDraft(draft, index)),
    ...(lastText === undefined ? {} : { lastText }),
  };
}

/** What Codex writes before the model's summary when it hands it to the next context. */
const SUMMARY_PREFIX = /^Another language model started to solve this problem [^\n]*:\n/;

/**
 * Whether a count is of a response: a repeated total is none. Codex makes up two counts: one after a
 * compaction, with the same total, and one that fills the context when a request exceeded it, of
 * which only the totals are set.
 */
function isResponse({ last, total }: TokenCount, previousTotal: number | undefined): boolean {
  return last.inputTokens + last.outputTokens > 0 && total.totalTokens !== previousTotal;
}
