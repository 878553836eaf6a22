import { describe, expect, test } from '@jest/globals';
import type { Served } from '../../scripts/lab/responses-api.mjs';
import type { PreparedTurn } from '../../src/delivery/sending/prepared/prepare-turn.js';
import type { SpanSpec } from '../../src/spans/span-spec.js';
import { brokenInvariants, callIdOf, typeOf } from './invariants.js';
import { preparedTurns, recordings } from './recordings.js';

/**
 * What holds of every turn of every recording, compared with what the scripted model served: the
 * tables beside this test say what the spans of single recordings are.
 */
/** Killed before it had written the call: 0.60 writes a call only together with its output. */
const callsNeverWritten = ['0.60.1-classic/interrupt-in-tool'];
const recorded = recordings().filter(({ rollouts }) => rollouts.length > 0);

describe('every recording', () => {
  test('is of one of ten versions, in either tool mode', () => {
    expect([...new Set(recorded.map(({ version }) => version))]).toHaveLength(10);
    expect(recorded.length).toBeGreaterThan(250);
  });

  describe.each(recorded.map((recording) => [recording.name, recording] as const))('%s', (_, recording) => {
    let prepared: PreparedTurn[];
    let spans: SpanSpec[];
    test('gives the same spans each time it is read', async () => {
      prepared = await preparedTurns(recording);
      spans = prepared.flatMap(({ specs }) => specs);
      expect(prepared.length).toBeGreaterThan(0);
      expect(await preparedTurns(recording)).toEqual(prepared);
    });

    test('is understood to the last line', () => {
      expect(prepared.map(({ turn }) => turn.skippedLines)).toEqual(prepared.map(() => 0));
      expect(spans.filter((span) => 'codex.lines.skipped' in span.attributes)).toEqual([]);
    });

    test('keeps the invariants, turn by turn', () => {
      expect(prepared.flatMap(({ specs }) => brokenInvariants(specs))).toEqual([]);
    });

    test('is whole: each span once, below one that is there', () => {
      const ids = spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`);
      expect(new Set(ids).size).toBe(ids.length);
      const orphans = spans.filter(
        ({ traceId, parentSpanId }) =>
          parentSpanId !== undefined && !ids.includes(`${traceId} ${parentSpanId}`),
      );
      expect(orphans).toEqual([]);
      const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
      expect(roots.map(({ name }) => name)).toEqual(roots.map(() => 'invoke_agent codex'));
    });

    test('has the tokens the model served, response by response', () => {
      // No Codex before 0.150 records which tokens were written to the cache.
      const isTold = Number(recording.version.split('.')[1]) >= 150;
      const reported = recording.served.flatMap((response) => {
        const { usage } = response;
        if (!usage) return [];
        return [{ response, tokens: tokens(isTold ? usage : { ...usage, cacheWrite: 0 }) }];
      });
      const told = spans.filter((span) => 'mlflow.chat.tokenUsage' in span.attributes);
      const pairs = pairUp(
        told,
        reported.map(({ response }) => response),
      );
      expect(pairs).toHaveLength(reported.length);
      expect(told).toHaveLength(reported.length);
      for (const [span, response] of pairs) {
        const expected = reported.find((one) => one.response === response)?.tokens;
        expect([response.responseId, tokensOf(span)]).toEqual([response.responseId, expected]);
      }
    });

    test('has a TOOL for each call that was served, with its name and arguments', () => {
      const tools = new Map(
        spans.filter((span) => typeOf(span) === 'TOOL').map((span) => [callIdOf(span), span]),
      );
      if (callsNeverWritten.includes(recording.name)) {
        expect([...tools]).toEqual([]);
        return;
      }
      for (const call of recording.served.filter(({ end }) => end === 'completed').flatMap(callsOf)) {
        const span = tools.get(call.id);
        expect([call.id, span?.name]).toEqual([call.id, call.name]);
        expect(JSON.parse(String(span?.attributes['mlflow.spanInputs'] ?? '{}'))).toEqual(call.input);
      }
    });

    test('has an LLM for each text that was served whole', () => {
      const outputs = spans
        .filter((span) => typeOf(span) === 'LLM')
        .map((span) => String(span.attributes['mlflow.spanOutputs']));
      for (const { items } of recording.served.filter(({ end }) => end === 'completed')) {
        for (const text of textsOf(items)) {
          expect(outputs.filter((output) => output.includes(JSON.stringify(text).slice(1, -1)))).not.toEqual(
            [],
          );
        }
      }
    });
  });
});

/**
 * Each LLM with the response it is of: by the response's id where the recording has it (from about 0.150
 * on), else by the calls and the text in it; what says nothing (a compaction) by its place among those.
 */
function pairUp(llms: readonly SpanSpec[], served: readonly Served[]): [SpanSpec, Served][] {
  const left = [...served];
  const byOwn = (span: SpanSpec) => {
    const id = span.attributes['gen_ai.response.id'];
    if (id !== undefined) return (response: Served) => response.responseId === id;
    const output = String(span.attributes['mlflow.spanOutputs'] ?? '');
    return ({ items }: Served) => {
      const marks = [...items.flatMap(({ call_id: callId }) => callId ?? []), ...textsOf(items)].filter(
        Boolean,
      );
      return marks.length > 0 && marks.every((mark) => output.includes(JSON.stringify(mark).slice(1, -1)));
    };
  };
  const take = (span: SpanSpec, fits: (response: Served) => boolean): [SpanSpec, Served][] => {
    const index = left.findIndex(fits);
    return index < 0 ? [] : [[span, left.splice(index, 1)[0] as Served]];
  };
  const pairs = llms.flatMap((span) => take(span, byOwn(span)));
  const rest = llms.filter((span) => !pairs.some(([paired]) => paired === span));
  return [...pairs, ...rest.flatMap((span) => take(span, () => true))];
}

function tokens({ input, cached, cacheWrite, output, reasoning }: NonNullable<Served['usage']>): string {
  return [input, cached, cacheWrite, output, reasoning].join(' ');
}

function tokensOf({ attributes }: SpanSpec): string {
  return [
    attributes['gen_ai.usage.input_tokens'],
    attributes['gen_ai.usage.cache_read.input_tokens'] ?? 0,
    attributes['gen_ai.usage.cache_creation.input_tokens'] ?? 0,
    attributes['gen_ai.usage.output_tokens'],
    attributes['gen_ai.usage.reasoning.output_tokens'] ?? 0,
  ].join(' ');
}

function callsOf({ items }: Served): { id: string; name: string; input: unknown }[] {
  return items.flatMap((item) => {
    if (item.call_id === undefined) return [];
    const { command, ...rest } =
      item.type === 'function_call' ? JSON.parse(String(item['arguments'])) : { input: item['input'] };
    // Every tool that runs a command is shown like `exec_command`.
    const input = command === undefined ? rest : { cmd: command, ...rest };
    const namespace = String(item['namespace'] ?? '');
    const server = namespace.startsWith('mcp__') ? `${namespace}__` : '';
    return [{ id: item.call_id, name: `${server}${item['name']}`, input }];
  });
}

function textsOf(items: Served['items']): string[] {
  return items
    .filter((item) => item.type === 'message')
    .map((item) => (item['content'] as { text: string }[])[0]?.text ?? '');
}
