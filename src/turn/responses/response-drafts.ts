import type { Compacted, TokenUsage, ToolCallItem } from '../../codex/lines/rollout-event.js';
import { compact } from '../../platform/json.js';
import { toolName } from '../tools/tool-name.js';
import type { ChatMessage } from '../turn.js';
import { argumentsText, assistantMessage, type ResponseDraft } from './response-draft.js';

/** Tokens, and when they were written. */
export interface DatedUsage {
  readonly usage: TokenUsage;
  readonly timeMs: number;
}

/** What Codex writes before the model's summary when it hands it to the next context. */
const SUMMARY_PREFIX = /^Another language model started to solve this problem [^\n]*:\n/;

/**
 * The responses of a turn while its lines are read, in order, and the transcript they read and wrote.
 * A response is a run of items the model made; what is said to the model ends it, and so do its
 * tokens, which `UsageByRecord` or `UsageByTotal` find.
 */
export class ResponseDrafts {
  readonly all: ResponseDraft[] = [];
  /** When the model had made a call, for calls whose line was written later (0.60). */
  readonly callTimes = new Map<string, number>();
  /** Tokens that were written before the items of the response they are of (0.60). */
  early: DatedUsage | undefined;
  /** Something was said to the model, and no response to it is known. */
  unanswered = false;
  readonly #transcript: (ChatMessage | ResponseDraft)[] = [];
  readonly #prompts: ChatMessage[] = [];
  /** The ids of the calls so far. */
  readonly #calls = new Set<string>();
  #waitsSinceMs: number;
  #contextFrom = 0;
  #model: string | undefined;

  /** @param startMs when the turn began, and so the first response's wait */
  constructor(startMs: number) {
    this.#waitsSinceMs = startMs;
  }

  get last(): ResponseDraft | undefined {
    return this.all.at(-1);
  }

  /** The turn's messages in chat-completions shape. */
  transcript(): ChatMessage[] {
    return this.#transcript.map((entry) => ('role' in entry ? entry : assistantMessage(entry)));
  }

  /** Settings of the turn were written: responses from here on are of this model. */
  useModel(model: string | undefined): void {
    this.#model = model ?? this.#model;
    // The settings can be written after the first response began.
    for (const draft of this.all) {
      if (draft.model === undefined && this.#model !== undefined) draft.model = this.#model;
    }
  }

  /** Something said to the model, which ends the response before it. */
  hear(message: ChatMessage, timeMs: number): void {
    const last = this.last;
    if (last?.early && message.role === 'tool') last.answered = true;
    else if (last) last.open = false;
    this.overhear(message, timeMs);
  }

  /** Something put into the context beside a response that may still go on. */
  overhear(message: ChatMessage, timeMs: number): void {
    if (message.content !== '' || message.role === 'tool') this.#transcript.push(message);
    this.waitFrom(timeMs);
  }

  /** The user's prompt. The same words mostly stand in the line before, with attached images described. */
  prompt(text: string, timeMs: number): void {
    const message: ChatMessage = { role: 'user', content: text };
    this.#prompts.push(message);
    const isTold = this.#transcript
      .slice(-3)
      .some((told) => 'role' in told && told.role === 'user' && told.content.includes(text));
    if (!isTold) this.hear(message, timeMs);
    this.waitFrom(timeMs);
    this.unanswered = true;
  }

  /** The next response has waited since this at the earliest. */
  waitFrom(timeMs: number): void {
    this.#waitsSinceMs = Math.max(this.#waitsSinceMs, timeMs);
  }

  /** A message of the model's. */
  say(text: string, timeMs: number): void {
    this.current(timeMs).texts.push(text);
    this.unanswered = false;
  }

  /** A message in the model's name that no response brought: Codex's word on a review. */
  quote(text: string): void {
    this.#transcript.push({ role: 'assistant', content: text });
  }

  /** A call of the model's; one that is recorded twice counts once. */
  call(event: ToolCallItem): void {
    if (this.#calls.has(event.callId)) return;
    this.#calls.add(event.callId);
    const draft = this.current(event.timeMs, true);
    draft.toolCalls.push({
      id: event.callId,
      name: toolName(event.name, event.namespace),
      arguments: argumentsText(event.input, event.form),
    });
    if (draft.early) this.callTimes.set(event.callId, draft.endMs);
    if (event.form === 'hosted') this.unanswered = false;
  }

  /** The response that an item of the model's belongs to. */
  current(timeMs: number, isCall = false): ResponseDraft {
    const last = this.last;
    if (last?.open && (isCall || !last.answered)) {
      if (!last.early) last.endMs = Math.max(last.endMs, timeMs);
      return last;
    }
    const { early } = this;
    const draft = this.#open(early?.timeMs ?? timeMs, early !== undefined);
    if (early) draft.usage = early.usage;
    this.early = undefined;
    return draft;
  }

  /** A response of which nothing but its tokens is recorded. */
  usageOnly({ usage, timeMs }: DatedUsage): ResponseDraft {
    const draft = this.#open(timeMs, false);
    this.count(draft, usage);
    return draft;
  }

  /** Gives a response its tokens, which end it. */
  count(draft: ResponseDraft, usage: TokenUsage): void {
    // Up to 0.140 the tokens of a response with calls are written after the calls' outputs.
    if (draft.open) this.unanswered = false;
    draft.usage = usage;
    draft.open = false;
  }

  /** What `early` holds is of a response that left no items. */
  settleEarly(): ResponseDraft | undefined {
    const draft = this.early && this.usageOnly(this.early);
    this.early = undefined;
    return draft;
  }

  /** The context was replaced by a summary, which one of the responses is. */
  compacted(event: Compacted): void {
    // Up to 0.128 neither the request nor its answer is recorded, only their tokens and this line.
    const unseen = this.settleEarly();
    if (unseen) {
      unseen.purpose = 'compaction';
      if (event.summary !== undefined) unseen.texts.push(event.summary.replace(SUMMARY_PREFIX, ''));
    } else {
      this.#markSummary(event);
    }
    this.#contextFrom = this.#transcript.length;
    this.#transcript.push(...this.#prompts);
    if (event.summary !== undefined) this.#transcript.push({ role: 'user', content: event.summary });
    this.waitFrom(event.timeMs);
  }

  #markSummary(event: Compacted): void {
    const named = this.all.find(
      (draft) => draft.responseId !== undefined && draft.responseId === event.responseId,
    );
    const { last } = this;
    const isText = last !== undefined && last.toolCalls.length === 0 && last.texts.length > 0;
    const summary = named ?? (isText ? last : undefined);
    if (!summary) return;
    summary.purpose = 'compaction';
    // A turn that switches models is compacted by the model before, ahead of its own settings.
    if (event.model !== undefined) summary.model = event.model;
  }

  #open(timeMs: number, early: boolean): ResponseDraft {
    const draft: ResponseDraft = {
      ...compact({ model: this.#model }),
      purpose: 'response',
      startMs: Math.min(this.#waitsSinceMs, timeMs),
      endMs: timeMs,
      inputFrom: this.#contextFrom,
      inputTo: this.#transcript.length,
      texts: [],
      reasoning: [],
      toolCalls: [],
      open: true,
      early,
    };
    this.all.push(draft);
    this.#transcript.push(draft);
    return draft;
  }
}
