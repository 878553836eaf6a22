import { describe, expect, test } from '@jest/globals';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { renderTrace } from '../../src/terminal/render-trace.js';

const START = Date.parse('2026-11-25T02:00:00Z');

interface Made {
  id: string;
  parent?: string;
  type?: string;
  from?: number;
  to?: number;
  name?: string;
  failure?: string;
  inputs?: unknown;
  outputs?: unknown;
  more?: SpanSpec['attributes'];
}

/** A span whose times are ms after the trace's beginning. */
function span({
  id,
  parent,
  type = 'TOOL',
  from = 0,
  to = 1000,
  name = id,
  failure,
  ...made
}: Made): SpanSpec {
  return {
    name,
    kind: 'INTERNAL',
    traceId: 'abc',
    spanId: id,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    startMs: START + from,
    endMs: START + to,
    attributes: {
      'mlflow.spanType': type,
      ...(made.inputs === undefined ? {} : { 'mlflow.spanInputs': JSON.stringify(made.inputs) }),
      ...(made.outputs === undefined ? {} : { 'mlflow.spanOutputs': JSON.stringify(made.outputs) }),
      ...made.more,
    },
    status: failure === undefined ? { code: 'UNSET' } : { code: 'ERROR', message: failure },
    events: [],
  };
}

const render = (specs: SpanSpec[], columns = 120, colors = false) =>
  renderTrace(specs, { colors, columns, title: 'T' }).split('\n');
/** The rows below the head, of one span each. */
const rows = (specs: SpanSpec[], columns?: number) => render(specs, columns).slice(1, -1);
const said = (content: string) => ({ choices: [{ message: { content } }] });

describe('a trace in the terminal', () => {
  test('is a tree: each span with its duration and a bar of when, under its thread and trace', () => {
    const lines = render([
      span({ id: 'root', type: 'AGENT', to: 2000 }),
      span({ id: 'model', parent: 'root', type: 'LLM', to: 500 }),
      span({ id: 'agent', parent: 'root', type: 'AGENT', from: 500, to: 1500 }),
      span({ id: 'tool', parent: 'agent', from: 600, to: 700 }),
      span({ id: 'last', parent: 'root', from: 1900, to: 2000 }),
    ]);
    expect(lines).toEqual([
      'thread T   trace tr-abc   2026-11-25T02:00:00.000Z',
      'root           2.00 s  ████████████████████',
      '├─ model       500 ms  █████···············',
      '├─ agent       1.00 s  ·····██████████·····',
      '│  └─ tool     100 ms  ······█·············',
      '└─ last        100 ms  ···················█',
      '',
    ]);
  });

  test('indents below a last child without a line', () => {
    const specs = [
      span({ id: 'root' }),
      span({ id: 'child', parent: 'root' }),
      span({ id: 'one', parent: 'child' }),
      span({ id: 'two', parent: 'child' }),
    ];
    expect(rows(specs).map((row) => row.split(/\s{3,}\d|\s{4}/)[0])).toEqual([
      'root',
      '└─ child',
      '   ├─ one',
      '   └─ two',
    ]);
  });

  test('shows spans whose parent is not among them, such as the root of a traced caller, at the top', () => {
    const labels = rows([span({ id: 'root', parent: 'caller' }), span({ id: 'late', parent: 'gone' })]);
    expect(labels.map((row) => row.split(' ')[0])).toEqual(['root', 'late']);
  });

  test.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [1000, '1.00 s'],
    [999.6, '1.00 s'],
    [59_994, '59.99 s'],
    [59_996, '1m 00s'],
    [60_000, '1m 00s'],
    [119_600, '2m 00s'],
    [125_000, '2m 05s'],
  ])('says %i ms as %s', (ms, text) => {
    expect(rows([span({ id: 'root', to: ms })])[0]).toContain(` ${text}  `);
  });

  test('has a mark of a bar for what lasted no time or began before the trace', () => {
    const specs = [
      span({ id: 'root', to: 1000 }),
      span({ id: 'end', parent: 'root', from: 1000 }),
      span({ id: 'early', parent: 'root', from: -500, to: -400 }),
      span({ id: 'longest', parent: 'root', to: 2000 }),
    ];
    expect(rows(specs).map((row) => row.slice(-20))).toEqual([
      '██████████··········',
      '··········█·········',
      '█···················',
      '████████████████████',
    ]);
    expect(rows([span({ id: 'instant', to: 0 })])[0]).toContain('█···················');
  });

  test('shortens long names, and leaves words out where the terminal is too narrow for them', () => {
    const long = span({ id: 'x', name: 'n'.repeat(60), inputs: { cmd: 'w'.repeat(60) } });
    expect(rows([long], 200)[0]).toMatch(/^n{43}… {5}1\.00 s {2}█{20} {2}w{60}$/);
    const fixed = 44 + 2 + 9 + 2 + 20 + 2;
    expect(rows([long], fixed + 12)[0]).toMatch(/█ {2}w{11}…$/);
    expect(rows([long], fixed + 11)[0]).toMatch(/█$/);
    expect(rows([long], fixed + 60)[0]).toMatch(/ w{60}$/);
    const counted = {
      ...long,
      attributes: { ...long.attributes, 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.output_tokens': 2 },
    };
    const facts = '1 → 2 tokens'.length + 2;
    expect(rows([counted], fixed + facts + 12)[0]).toMatch(/ {2}1 → 2 tokens {2}w{11}…$/);
    expect(rows([counted], fixed + facts + 11)[0]).toMatch(/ {2}1 → 2 tokens$/);
  });

  test('has tokens, with those from the cache, and failures', () => {
    const usage = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 0 };
    const cached = { ...usage, 'gen_ai.usage.cache_read.input_tokens': 0 };
    expect(rows([span({ id: 'a', more: usage })])[0]).toMatch(/█ {2}10 → 0 tokens$/);
    expect(rows([span({ id: 'a', more: cached, failure: 'exit\n1' })])[0]).toMatch(
      /█ {2}10 \(0 cached\) → 0 tokens {2}✗ exit 1$/,
    );
  });

  test('is nothing of no spans', () => {
    expect(renderTrace([], { colors: false, columns: 80, title: 'T' })).toBe('');
  });

  test('colours kinds, tokens and failures, and nothing without colours', () => {
    const specs = [
      span({ id: 'a', type: 'AGENT', inputs: { messages: [{ content: 'hi' }] } }),
      span({
        id: 'l',
        parent: 'a',
        type: 'LLM',
        more: { 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.output_tokens': 2 },
      }),
      span({ id: 't', parent: 'a', failure: 'no' }),
      span({ id: 'u', parent: 'a' }),
    ];
    const bar = '\u001b[2m████████████████████\u001b[0m';
    expect(render(specs, 120, true)).toEqual([
      '\u001b[1mthread T   trace tr-abc   2026-11-25T02:00:00.000Z\u001b[0m',
      `\u001b[1ma   \u001b[0m     1.00 s  ${bar}  \u001b[2mhi\u001b[0m`,
      `\u001b[36m├─ l\u001b[0m     1.00 s  ${bar}  \u001b[33m1 → 2 tokens\u001b[0m`,
      `\u001b[31m├─ t\u001b[0m     1.00 s  ${bar}  \u001b[31m✗ no\u001b[0m`,
      `\u001b[32m└─ u\u001b[0m     1.00 s  ${bar}`,
      '',
    ]);
    expect(render(specs).join('')).not.toContain('\u001b');
  });
});

describe('the words beside a span', () => {
  const words = (made: Omit<Made, 'id'>) => rows([span({ id: 'x', ...made })], 1000)[0]?.split(/█ {2}/)[1];
  const prompt = { messages: [{ content: 'do it' }] };

  test('of an agent are prompt and answer, or what the model had said where there is none', () => {
    expect(words({ type: 'AGENT', inputs: prompt, outputs: said('done') })).toBe('do it → done');
    expect(words({ type: 'AGENT', inputs: prompt, outputs: { said: 'I begin' } })).toBe('do it → I begin');
    expect(words({ type: 'AGENT', inputs: prompt })).toBe('do it');
    expect(words({ type: 'AGENT', outputs: said('done') })).toBe('done');
  });

  test('of a model are its own, or the tools it calls', () => {
    const calls = {
      choices: [
        { message: { content: '', tool_calls: [{ function: { name: 'a' } }, { function: { name: 'b' } }] } },
      ],
    };
    expect(words({ type: 'LLM', outputs: said('hello') })).toBe('hello');
    expect(words({ type: 'LLM', outputs: calls })).toBe('a, b');
    expect(words({ type: 'LLM' })).toBeUndefined();
  });

  test('of a tool are its command, its input, or its arguments', () => {
    expect(words({ inputs: { cmd: 'ls', input: 'x' } })).toBe('ls');
    expect(words({ inputs: { input: 'text' } })).toBe('text');
    expect(words({ inputs: { path: 'f' } })).toBe('{"path":"f"}');
    expect(words({})).toBeUndefined();
    expect(words({ more: { 'mlflow.spanInputs': 'not JSON' } })).toBeUndefined();
  });

  test('are one line of 400 characters, without a sign that a terminal would obey', () => {
    expect(words({ inputs: { cmd: ' a\n\tb \u001b[31mred\u001b[0m\u0007\u202Ec ' } })).toBe('a b red c');
    expect(words({ inputs: { cmd: 'y'.repeat(500) } })).toHaveLength(400);
  });
});
