import type { RolloutEvent } from '../lines/rollout-event.js';

/** Lines that stand before the line that begins a turn, and belong to it. */
export interface LeadInLines {
  readonly events: readonly RolloutEvent[];
  /** Where the first of them stands in the file. */
  readonly start: number;
  /** The thread's total of tokens before them. */
  readonly total: number | undefined;
  /** How many lines the turn before had until then. */
  readonly length: number;
}

interface Mark extends LeadInLines {
  readonly events: RolloutEvent[];
}

/**
 * What precedes a prompt in files without start lines (0.60, 0.80): the prompt's own line in the
 * model's context, and where the prompt had to wait for one, a compaction (0.80 writes that from its
 * `turn_context` on before the prompt).
 */
export class LeadIn {
  #prompt: Mark | undefined;
  #context: Mark | undefined;

  /** Looks at a line that begins no turn. @param length of the turn under way, before this line */
  see(event: RolloutEvent, at: { start: number; total: number | undefined; length: number }): void {
    const mark = { events: [event], ...at };
    this.#prompt = event.kind === 'message' && event.role === 'user' ? mark : undefined;
    if (event.kind === 'turn_context') this.#context = mark;
    else if (isModels(event)) this.#context = undefined;
    else this.#context?.events.push(event);
  }

  /** The line just before was a message in the user's name. */
  get isAfterPrompt(): boolean {
    return this.#prompt !== undefined;
  }

  /** What led to the turn that begins now, and forgets it. */
  take(): LeadInLines | undefined {
    const compaction = this.#context?.events.some(({ kind }) => kind === 'compacted') && this.#context;
    const lead = compaction || this.#prompt;
    this.#prompt = undefined;
    this.#context = undefined;
    return lead;
  }
}

function isModels(event: RolloutEvent): boolean {
  return (
    ['tool_call', 'tool_output', 'tool_item', 'reasoning', 'task_complete', 'turn_aborted'].includes(
      event.kind,
    ) ||
    (event.kind === 'message' && event.role === 'assistant')
  );
}
