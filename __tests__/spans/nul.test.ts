import { expect, test } from '@jest/globals';
import { specWithoutNul, withoutNul } from '../../src/spans/nul.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { inputsOf, outputsOf, response, spanNamed, spansOf } from './made-up-turn.js';

const lines = [
  ['turn_context', { model: 'gpt\0', cwd: '/home/dev/a\0b' }] as const,
  response({
    type: 'function_call',
    name: 'exec_command',
    arguments: JSON.stringify({ 'k\0ey': 'printf "\0"' }),
    call_id: 'call_1',
  }),
  response({ type: 'function_call_output', call_id: 'call_1', output: 'a\0b' }),
  response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'say\0ing' }] }),
];
const turn = {
  prompt: 'a prompt\0 with one',
  answer: 'an answer\0 with one',
  meta: { git: { branch: 'ma\0in' } },
  options: { tags: { team: 'x\0y' }, userId: 'dev\0' },
};

/** A NUL as it stands, or as JSON writes it; `\\u0000` is a backslash and five letters. */
const NUL = /\0|(?<!\\)(?:\\\\)*\\u0000/;

test('nothing of a trace holds a NUL, which would make a server refuse all of it', () => {
  const spans = spansOf(lines, turn);
  for (const text of textsOf(spans)) expect(text).not.toMatch(NUL);
});

test('nor does why a turn ended, which its status and its event tell', () => {
  const [root] = spansOf([], { end: { type: 'turn_aborted', reason: 'be\0cause' } });
  expect(root).toMatchObject({
    status: { message: 'interrupted: be\uFFFDcause' },
    events: [{ attributes: { 'exception.message': 'interrupted: be\uFFFDcause' } }],
  });
});

test('U+FFFD stands in its place, and the rest of the words stay', () => {
  const spans = spansOf(lines, turn);
  const root = spanNamed(spans, 'invoke_agent codex');
  expect(inputsOf(root).messages[0].content).toBe('a prompt\uFFFD with one');
  expect(outputsOf(root).choices[0].message.content).toBe('an answer\uFFFD with one');
  expect(root.attributes).toMatchObject({
    'user.id': 'dev\uFFFD',
    'mlflow.traceTag.team': 'x\uFFFDy',
    'vcs.ref.head.name': 'ma\uFFFDin',
    'process.working_directory': '/home/dev/a\uFFFDb',
  });
  const tool = spans.find(({ attributes }) => attributes['mlflow.spanType'] === 'TOOL');
  expect(inputsOf(tool)).toEqual({ 'k\uFFFDey': 'printf "\uFFFD"' });
  expect(outputsOf(tool)).toEqual({ output: 'a\uFFFDb' });
});

test('the six letters that stand for a NUL in JSON are no NUL', () => {
  const [root] = spansOf([], { prompt: 'what is \\u0000?' });
  expect(inputsOf(root).messages[0].content).toBe('what is \\u0000?');
});

const SPEC: SpanSpec = {
  name: 'a\0',
  kind: 'CLIENT',
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  parentSpanId: '3'.repeat(16),
  startMs: 1,
  endMs: 2,
  attributes: {
    'k\0': 'v\0',
    list: ['a', 'b\0', '\0\0'],
    number: 7,
    truth: false,
    'mlflow.spanInputs': '{"a":"\\u0000","b":"\\\\u0000","c":"\\\\\\u0000\\u0000"}',
    'mlflow.spanOutputs': '["\\u0000"]',
    'an.other': '\\u0000',
  },
  status: { code: 'ERROR', message: 'c\0' },
  events: [{ name: 'exception', timeMs: 2, attributes: { 'e\0': 'f\0' } }],
};

test('all that a span says is without it, and the rest of the span stays what it is', () => {
  expect(specWithoutNul(SPEC)).toEqual({
    ...SPEC,
    name: 'a\uFFFD',
    attributes: {
      'k\uFFFD': 'v\uFFFD',
      list: ['a', 'b\uFFFD', '\uFFFD\uFFFD'],
      number: 7,
      truth: false,
      'mlflow.spanInputs': '{"a":"\uFFFD","b":"\\\\u0000","c":"\\\\\uFFFD\uFFFD"}',
      'mlflow.spanOutputs': '["\uFFFD"]',
      'an.other': '\\u0000',
    },
    status: { code: 'ERROR', message: 'c\uFFFD' },
    events: [{ name: 'exception', timeMs: 2, attributes: { 'e\uFFFD': 'f\uFFFD' } }],
  });
  const fine: SpanSpec = {
    ...SPEC,
    name: 'a',
    status: { code: 'UNSET' },
    attributes: { 'mlflow.spanInputs': 7 },
    events: [],
  };
  expect(specWithoutNul(fine)).toEqual(fine);
  expect(withoutNul('a\0\0b')).toBe('a\uFFFD\uFFFDb');
});

/** All strings of a value, and those of the JSON texts among them. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, ...(/^[[{]/.test(value) ? textsOf(JSON.parse(value)) : [])];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [key, ...textsOf(held)]);
}
