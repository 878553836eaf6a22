import { expect, test } from '@jest/globals';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { toReadableSpans } from '../../src/otlp/readable-spans.js';
import { sha256 } from '../../src/platform/sha256.js';
import { buildSpans, identityOf } from '../../src/spans/build-spans.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import { brokenInvariants } from '../turn/invariants.js';
import { openPolicy } from '../turn/recordings.js';

const MB = 1_000_000;

/**
 * A turn of many calls, one response each, as 0.169 records it.
 * @param text what each call is given and gives back
 */
function longTurn(calls: number, text: string): SpanSpec[] {
  const at = (n: number) => new Date(1_795_572_000_000 + n).toISOString();
  const line = (n: number, type: string, payload: object) =>
    JSON.stringify({ timestamp: at(n), type, payload: { turn_id: 'turn', ...payload } });
  const rounds = Array.from({ length: calls }, (_, n) => [
    line(n * 10 + 3, 'response_item', {
      type: 'function_call',
      name: 'exec_command',
      arguments: JSON.stringify({ cmd: text }),
      call_id: `call_${n}`,
    }),
    line(n * 10 + 4, 'token_usage_record', {
      response_id: `resp_${n}`,
      usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 },
    }),
    line(n * 10 + 9, 'response_item', { type: 'function_call_output', call_id: `call_${n}`, output: text }),
  ]);
  const { meta, segments } = splitTurns(
    [
      line(0, 'session_meta', { id: 'thread' }),
      line(0, 'event_msg', { type: 'task_started' }),
      line(1, 'event_msg', { type: 'user_message', message: text }),
      ...rounds.flat(),
      line(calls * 10, 'event_msg', { type: 'task_complete', last_agent_message: text }),
    ].map(parseRolloutLine),
  );
  const turn = assembleTurn(segments[0] as (typeof segments)[0], meta);
  const options = { userId: 'dev', tags: {} };
  return buildSpans(turn, meta, { root: identityOf(turn) }, options, openPolicy, sha256);
}

function encodedBytes(specs: readonly SpanSpec[]): number {
  return ProtobufTraceSerializer.serializeRequest(toReadableSpans(specs, '0.169.0'))?.length ?? 0;
}

const code = 'const total = items.reduce((sum, item) => sum + item.price * item["quantity"], 0);\n'.repeat(
  1500,
);

test.each([
  ['of code', code],
  ['full of quotes, which JSON doubles each time it is put into JSON', '"'.repeat(20_000)],
  ['of characters of three bytes', '€'.repeat(7000)],
  ['of control characters, of which JSON makes six', '\u0001'.repeat(10_000)],
])('500 calls with 10 to 20 KB each way %s are less than 20 MB on the wire', (_, text) => {
  const specs = longTurn(500, text.slice(0, 20_000));
  expect(specs).toHaveLength(1 + 500 + 500);
  expect(brokenInvariants(specs)).toEqual([]);
  expect(encodedBytes(specs)).toBeLessThan(20 * MB);
  expect(specs[0]?.attributes['codex.content.clipped_bytes']).toBeGreaterThan(5 * MB);
});

test('a turn of 2000 calls is less than twice that', () => {
  expect(encodedBytes(longTurn(2000, code.slice(0, 3000)))).toBeLessThan(40 * MB);
});

test('a turn of ten calls keeps 64 KiB of each message, the default', () => {
  const specs = longTurn(10, code + code);
  const [, , tool] = specs;
  const { output } = JSON.parse(String(tool?.attributes['mlflow.spanOutputs'])) as { output: string };
  expect(Buffer.byteLength(output)).toBeGreaterThan(65_000);
  expect(Buffer.byteLength(output)).toBeLessThanOrEqual(65_536);
  expect(output).toMatch(/\[… \d+ bytes cut by mlflow-codex …\]/);
});

test("a response's input says what it left out, keeps the prompt and the newest messages", () => {
  const specs = longTurn(50, code.slice(0, 30_000));
  const last = specs.filter(({ name }) => name.startsWith('chat')).at(-1);
  const { messages } = JSON.parse(String(last?.attributes['mlflow.spanInputs'])) as {
    messages: { role: string; content: string | null; tool_call_id?: string }[];
  };
  const note = messages.find(({ content }) => content?.includes('left out by mlflow-codex'));
  expect(note?.content).toMatch(
    /^\[… \d+ earlier messages of this turn, \d+ bytes, left out by mlflow-codex …\]$/,
  );
  expect(messages.filter(({ role }) => role === 'user')).toHaveLength(1);
  expect(messages.at(-1)?.tool_call_id).toBe('call_48');
});
