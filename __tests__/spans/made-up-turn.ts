import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { sha256 } from '../../src/platform/sha256.js';
import { buildSpans, identityOf } from '../../src/spans/build-spans.js';
import type { ContentPolicy } from '../../src/spans/content.js';
import type { TraceOptions } from '../../src/spans/span-context.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import { openPolicy } from '../turn/recordings.js';

/** A line of a made-up recording: its type and payload, in the order of writing. */
export type MadeUpLine = readonly [type: string, payload: object];

const THREAD = '01a21080-0000-7000-8000-000000000001';
const TURN = '01a21080-0001-7000-8000-000000000001';

export const response = (payload: object): MadeUpLine => ['response_item', payload];
export const event = (payload: object): MadeUpLine => ['event_msg', payload];
export const completed = (item: object): MadeUpLine => event({ type: 'item_completed', item });

/** The spans of a turn with these lines between its prompt and its end, ten ms a line. */
export function spansOf(
  lines: readonly MadeUpLine[],
  turn: {
    prompt?: string;
    answer?: string;
    end?: object;
    meta?: object;
    options?: Partial<TraceOptions>;
    policy?: Partial<ContentPolicy>;
    /** Lines after the turn's end. */
    after?: readonly MadeUpLine[];
    /** It is a sub-agent's turn, below this span. */
    parentSpanId?: string;
  } = {},
): SpanSpec[] {
  const {
    prompt = 'do it',
    answer = 'done',
    end,
    meta = {},
    options = {},
    policy = {},
    after = [],
    parentSpanId,
  } = turn;
  const all: MadeUpLine[] = [
    ['session_meta', { id: THREAD, cli_version: '0.999.0', ...meta }],
    event({ type: 'task_started' }),
    completed({ type: 'UserMessage', id: 'um', content: [{ type: 'text', text: prompt }] }),
    ...lines,
    event(end ?? { type: 'task_complete', last_agent_message: answer }),
    ...after,
  ];
  const { meta: first, segments } = splitTurns(
    all.map(([type, payload], index) =>
      parseRolloutLine(
        JSON.stringify({
          timestamp: new Date(1_795_573_000_000 + 10 * index).toISOString(),
          type,
          payload: type === 'session_meta' ? payload : { thread_id: THREAD, turn_id: TURN, ...payload },
        }),
      ),
    ),
  );
  const [segment] = segments;
  if (!segment || segments.length > 1) throw new Error(`${segments.length} turns`);
  const assembled = assembleTurn(segment, first);
  return buildSpans(
    assembled,
    first,
    { root: identityOf(assembled), ...(parentSpanId === undefined ? {} : { parentSpanId }) },
    { userId: 'dev', tags: {}, ...options },
    { ...openPolicy, ...policy },
    sha256,
  );
}

/** The only span of this name. */
export function spanNamed(spans: readonly SpanSpec[], name: string): SpanSpec {
  const found = spans.filter((span) => span.name === name);
  if (found.length !== 1) throw new Error(`${found.length} spans are called ${name}`);
  return found[0] as SpanSpec;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON a span holds
export function inputsOf(span: SpanSpec | undefined): any {
  return JSON.parse(String(span?.attributes['mlflow.spanInputs'] ?? 'null'));
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON a span holds
export function outputsOf(span: SpanSpec | undefined): any {
  return JSON.parse(String(span?.attributes['mlflow.spanOutputs'] ?? 'null'));
}
