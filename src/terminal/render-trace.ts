import { stripVTControlCharacters } from 'node:util';
import type { SpanSpec } from '../spans/span-spec.js';

/** ANSI codes; `util.styleText` needs Node 20.12. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Style = keyof typeof STYLES;

export interface RenderOptions {
  readonly colors: boolean;
  /** The terminal's width. */
  readonly columns: number;
  readonly title: string;
}

const BAR_WIDTH = 20;

/**
 * A trace as a tree for the terminal: name, duration, a bar of when, tokens, failure, and the first
 * line of what was said or done. Pure.
 */
export function renderTrace(specs: readonly SpanSpec[], options: RenderOptions): string {
  const root = specs[0];
  if (!root) return '';
  const paint = (style: Style, text: string) =>
    options.colors && text !== '' ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  const known = new Set(specs.map((spec) => spec.spanId));
  const childrenOf = (id: string) => specs.filter((spec) => spec.parentSpanId === id);
  const tops = specs.filter((spec) => spec.parentSpanId === undefined || !known.has(spec.parentSpanId));
  const window = { startMs: root.startMs, endMs: Math.max(...specs.map((spec) => spec.endMs)) };
  const rows: Row[] = [];
  const walk = (spec: SpanSpec, prefix: string, last: boolean, top: boolean) => {
    rows.push(rowOf(spec, top ? '' : `${prefix}${last ? '└─ ' : '├─ '}`, window));
    const children = childrenOf(spec.spanId);
    children.forEach((child, index) => {
      walk(child, top ? '' : `${prefix}${last ? '   ' : '│  '}`, index === children.length - 1, false);
    });
  };
  tops.forEach((spec) => {
    walk(spec, '', true, true);
  });
  const nameWidth = Math.min(44, Math.max(...rows.map((row) => row.label.length)));
  const lines = rows.map((row) => {
    const label =
      row.label.length > nameWidth ? `${row.label.slice(0, nameWidth - 1)}…` : row.label.padEnd(nameWidth);
    const facts = [row.tokens, row.failure].filter((fact) => fact !== '').join('  ');
    const fixed = nameWidth + 2 + 9 + 2 + BAR_WIDTH + 2 + facts.length + (facts === '' ? 0 : 2);
    const room = options.columns - fixed;
    const text = room < 12 ? '' : row.text.length > room ? `${row.text.slice(0, room - 1)}…` : row.text;
    return [
      paint(row.failure === '' ? row.style : 'red', label),
      row.duration.padStart(9),
      paint('dim', row.bar),
      [paint('yellow', row.tokens), paint('red', row.failure), paint('dim', text)]
        .filter((part) => part !== '')
        .join('  '),
    ]
      .join('  ')
      .trimEnd();
  });
  const head = `thread ${options.title}   trace tr-${root.traceId}   ${new Date(root.startMs).toISOString()}`;
  return [paint('bold', head), ...lines, ''].join('\n');
}

interface Row {
  readonly label: string;
  readonly style: Style;
  readonly duration: string;
  readonly bar: string;
  readonly tokens: string;
  readonly failure: string;
  readonly text: string;
}

function rowOf(spec: SpanSpec, prefix: string, window: { startMs: number; endMs: number }): Row {
  const type = spec.attributes['mlflow.spanType'];
  return {
    label: `${prefix}${spec.name}`,
    style: type === 'AGENT' ? 'bold' : type === 'LLM' ? 'cyan' : 'green',
    duration: durationText(spec.endMs - spec.startMs),
    bar: barOf(spec, window),
    tokens: tokensText(spec),
    failure: spec.status.code === 'ERROR' ? `✗ ${oneLine(spec.status.message)}` : '',
    text: textOf(spec),
  };
}

function durationText(ms: number): string {
  const whole = Math.round(ms);
  if (whole < 1000) return `${whole} ms`;
  // From here on two digits behind the point would show a minute as seconds.
  if (whole < 59_995) return `${(whole / 1000).toFixed(2)} s`;
  const seconds = Math.round(whole / 1000);
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}

function barOf(spec: SpanSpec, window: { startMs: number; endMs: number }): string {
  const span = Math.max(1, window.endMs - window.startMs);
  const at = (ms: number) =>
    Math.min(BAR_WIDTH, Math.max(0, Math.round(((ms - window.startMs) / span) * BAR_WIDTH)));
  const from = Math.min(BAR_WIDTH - 1, at(spec.startMs));
  const to = Math.max(from + 1, at(spec.endMs));
  return `${'·'.repeat(from)}${'█'.repeat(to - from)}${'·'.repeat(BAR_WIDTH - to)}`;
}

function tokensText(spec: SpanSpec): string {
  const input = spec.attributes['gen_ai.usage.input_tokens'];
  const output = spec.attributes['gen_ai.usage.output_tokens'];
  const cached = spec.attributes['gen_ai.usage.cache_read.input_tokens'];
  if (input === undefined) return '';
  return `${input}${cached === undefined ? '' : ` (${cached} cached)`} → ${output} tokens${costText(spec)}`;
}

/** In US dollars, where the span carries a cost: for other models MLflow's server counts it. */
function costText(spec: SpanSpec): string {
  const cost = parse(spec.attributes['mlflow.llm.cost'])?.total_cost;
  return cost === undefined ? '' : `  $${cost.toFixed(4)}`;
}

/** What a person would want to read first: the prompt, the model's words or calls, the tool's arguments. */
function textOf(spec: SpanSpec): string {
  const inputs = parse(spec.attributes['mlflow.spanInputs']);
  const outputs = parse(spec.attributes['mlflow.spanOutputs']);
  const message = outputs?.choices?.[0]?.message;
  switch (spec.attributes['mlflow.spanType']) {
    case 'AGENT':
      return oneLine(
        [inputs?.messages?.[0]?.content, message?.content ?? outputs?.said].filter(Boolean).join(' → '),
      );
    case 'LLM':
      return oneLine(
        message?.content || (message?.tool_calls ?? []).map((call) => call.function?.name).join(', '),
      );
    default:
      return oneLine(inputs?.cmd ?? inputs?.input ?? (inputs ? JSON.stringify(inputs) : ''));
  }
}

interface Shown {
  /** Of `mlflow.llm.cost`. */
  total_cost?: number;
  messages?: { content?: string }[];
  choices?: { message?: { content?: string; tool_calls?: { function?: { name?: string } }[] } }[];
  cmd?: string;
  input?: string;
  /** What the model had said in a turn that has no answer. */
  said?: string;
}

function parse(value: unknown): Shown | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as Shown;
  } catch {
    return undefined;
  }
}

/** Recordings hold whatever programs printed: no escape sequence may reach the terminal. */
function oneLine(text: unknown): string {
  return stripVTControlCharacters(String(text ?? ''))
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 400);
}
