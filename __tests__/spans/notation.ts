import type { SpanSpec } from '../../src/spans/span-spec.js';
import { preparedTurns, type Recording } from '../turn/recordings.js';

/**
 * Spans as the tables of these tests write them: a tree of what a person would check by eye. What a
 * span does not have is left out.
 */
export interface Noted {
  /** An AGENT: its name, how its turn ended, what it was asked and answered. */
  agent?: string;
  outcome?: string;
  prompts?: string[];
  answer?: string;
  /** Why it has no answer, and what the model had said before. */
  reason?: string;
  said?: string;
  /** An LLM: its model, its tokens, what it said, thought and which tools it called. */
  chat?: string;
  compaction?: true;
  tokens?: Tokens;
  says?: string;
  thinks?: string;
  calls?: string[];
  /** A TOOL: its name, arguments and result. */
  tool?: string;
  in?: unknown;
  out?: unknown;
  exit?: number;
  /** The message of a status ERROR. */
  error?: string;
  /** What lies below it, by start. */
  below?: Noted[];
}

/** Tokens of one response; cached and written ones are part of `in`, reasoning is part of `out`. */
export interface Tokens {
  in: number;
  cached?: number;
  written?: number;
  out: number;
  reasoning?: number;
}

/** The traces of a recording, oldest first. */
export async function notedTraces(recording: Recording): Promise<Noted[]> {
  const spans = (await preparedTurns(recording)).flatMap(({ specs }) => specs);
  return noted(spans, spans.filter(({ parentSpanId }) => parentSpanId === undefined).sort(byStart));
}

/** What the scripted model reports for its n-th response (from 0), unless the scenario says otherwise. */
export function usual(n: number): Tokens {
  return { in: 1000 + 100 * n, ...some('cached', 10 * n), out: 50 + n, reasoning: 5 + n };
}

function noted(all: readonly SpanSpec[], spans: readonly SpanSpec[]): Noted[] {
  return spans.map((span) => {
    const children = all.filter(
      ({ traceId, parentSpanId }) => traceId === span.traceId && parentSpanId === span.spanId,
    );
    return {
      ...note(span),
      ...(span.status.code === 'ERROR' ? { error: span.status.message } : {}),
      ...(children.length > 0 ? { below: noted(all, children) } : {}),
    };
  });
}

function note({ name, attributes }: SpanSpec): Noted {
  const inputs = parsed(attributes['mlflow.spanInputs']);
  const outputs = parsed(attributes['mlflow.spanOutputs']);
  const said = outputs?.choices?.[0]?.message;
  const [verb, ...words] = name.split(' ');
  switch (verb) {
    case 'invoke_agent':
      return {
        agent: words.join(' '),
        outcome: String(attributes['codex.turn.outcome']),
        ...(inputs ? { prompts: inputs.messages.map(({ content }: { content: string }) => content) } : {}),
        ...(said ? { answer: said.content } : {}),
        ...(outputs?.reason ? { reason: outputs.reason } : {}),
        ...(outputs?.said ? { said: outputs.said } : {}),
      };
    case 'chat':
      return {
        chat: words.join(' '),
        ...(attributes['codex.request.kind'] === 'compaction' ? { compaction: true } : {}),
        ...tokensOf(attributes),
        ...(said?.content ? { says: said.content } : {}),
        ...(said?.reasoning ? { thinks: said.reasoning } : {}),
        ...(said?.tool_calls
          ? { calls: said.tool_calls.map((call: { function: { name: string } }) => call.function.name) }
          : {}),
      };
    default:
      return {
        tool: name,
        ...(inputs ? { in: inputs } : {}),
        ...(outputs ? { out: withoutMeasures(outputs) } : {}),
        ...('process.exit.code' in attributes ? { exit: Number(attributes['process.exit.code']) } : {}),
      };
  }
}

/** Without what is another with each run: output-header.test.ts looks after these keys. */
function withoutMeasures(outputs: object): object {
  const measures = /^(chunk_id|wall_time_seconds|original_token_count|session_id|cell_id)$/;
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => !measures.test(key)));
}

function tokensOf(attributes: SpanSpec['attributes']): { tokens?: Tokens } {
  const input = attributes['gen_ai.usage.input_tokens'];
  if (input === undefined) return {};
  return {
    tokens: {
      in: Number(input),
      ...some('cached', Number(attributes['gen_ai.usage.cache_read.input_tokens'] ?? 0)),
      ...some('written', Number(attributes['gen_ai.usage.cache_creation.input_tokens'] ?? 0)),
      out: Number(attributes['gen_ai.usage.output_tokens']),
      ...some('reasoning', Number(attributes['gen_ai.usage.reasoning.output_tokens'] ?? 0)),
    },
  };
}

function some(name: string, count: number): object {
  return count > 0 ? { [name]: count } : {};
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON a span holds
function parsed(json: unknown): any {
  return json === undefined ? undefined : JSON.parse(String(json));
}

function byStart(a: SpanSpec, b: SpanSpec): number {
  return a.startMs - b.startMs;
}
