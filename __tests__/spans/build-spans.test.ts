import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/platform/sha256.js';
import { buildSpans, identityOf, spansOf, type WantedCalls } from '../../src/spans/build-spans.js';
import type { ContentPolicy } from '../../src/spans/content.js';
import { Redactor } from '../../src/spans/redaction/redactor.js';
import type { TurnPlacement } from '../../src/spans/span-context.js';
import type { Turn } from '../../src/turn/turn.js';
import { openPolicy } from '../turn/recordings.js';
import { modelCall, toolCall, turnOf } from './turn-parts.js';

const root = { threadId: 'thread', turnKey: 'turn' };
const agentOf = { root, parentSpanId: 'a'.repeat(16), agentName: 'a' };

function build(
  turn: Partial<Turn>,
  placement: TurnPlacement = { root },
  policy: Partial<ContentPolicy> = {},
  wanted?: WantedCalls,
) {
  const options = { userId: 'dev', tags: {} };
  return buildSpans(
    turnOf(turn),
    undefined,
    placement,
    options,
    { ...openPolicy, ...policy },
    sha256,
    wanted,
  );
}

describe("a turn's spans", () => {
  const call = (id: string, startMs: number, endMs: number, children: ReturnType<typeof toolCall>[] = []) =>
    toolCall({ id, name: id, startMs, endMs, children });
  const turn = {
    modelCalls: [
      modelCall({ key: '1', startMs: 5000, endMs: 6000 }),
      modelCall({ key: '0', startMs: 1000, endMs: 1500 }),
    ],
    toolCalls: [
      call('late', 4000, 4500),
      call('script', 2000, 3000, [call('inner', 2500, 2600, [call('deep', 2550, 2560)])]),
      call('long', 2000, 3500),
    ],
  };

  test('are its AGENT, then its calls by their start, and of one start by their end', () => {
    expect(build(turn).map(({ name }) => name)).toEqual([
      'invoke_agent codex',
      'chat',
      'script',
      'long',
      'inner',
      'deep',
      'late',
      'chat',
    ]);
  });

  test('come one by one, the AGENT last', () => {
    const one = spansOf(turnOf(turn), undefined, { root }, { userId: 'dev', tags: {} }, openPolicy, sha256);
    expect([...one].map(({ name }) => name).slice(-2)).toEqual(['chat', 'invoke_agent codex']);
  });

  test('lie below the AGENT, and what a script ran below its script', () => {
    const spans = build(turn);
    const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
    const parents = spans.map(({ name, parentSpanId = '' }) => `${name} < ${names.get(parentSpanId)}`);
    expect(parents.slice(1)).toEqual([
      'chat < invoke_agent codex',
      'script < invoke_agent codex',
      'long < invoke_agent codex',
      'inner < script',
      'deep < inner',
      'late < invoke_agent codex',
      'chat < invoke_agent codex',
    ]);
  });

  test('are those that are wanted, a tool whose script is not among them too', () => {
    const wanted = {
      modelCall: ({ key }: { key: string }) => key === '1',
      toolCall: ({ id }: { id: string }) => id === 'inner',
    };
    expect(build(turn, undefined, {}, wanted).map(({ name }) => name)).toEqual([
      'invoke_agent codex',
      'inner',
      'chat',
    ]);
  });

  test('of an agent are in the session of its root, those of a root say so once', () => {
    const sessions = (placement?: TurnPlacement) =>
      build(turn, placement).map(({ attributes }) => attributes['session.id'] ?? '-');
    expect(sessions(agentOf)).toEqual(Array(8).fill('thread'));
    expect(sessions()).toEqual(['thread', ...Array(7).fill('-')]);
  });
});

test('the tools a model is offered stand on the first response of a root’s turn, wherever that is', () => {
  const turn = {
    tools: [{ name: 'look' }],
    modelCalls: [modelCall({ key: '0', startMs: 5000 }), modelCall({ key: '1', startMs: 6000 })],
    toolCalls: [toolCall()],
  };
  const with_ = (placement?: TurnPlacement) =>
    build(turn, placement).flatMap(({ name, startMs, attributes }) =>
      'mlflow.chat.tools' in attributes ? [`${attributes['mlflow.spanType']} ${name} ${startMs}`] : [],
    );
  expect(with_()).toEqual(['LLM chat 5000']);
  expect(with_(agentOf)).toEqual([]);
});

describe('what is not in the spans of a turn', () => {
  const losses = (turn: Partial<Turn>, policy: Partial<ContentPolicy>, placement?: TurnPlacement) =>
    Object.entries(build(turn, placement, policy)[0]?.attributes ?? {}).filter(([key]) =>
      key.startsWith('codex.content'),
    );
  const secret = 'password: hunter2secret';

  test('is told by its AGENT: how many bytes were cut, how many secrets taken out, of which kinds', () => {
    const turn = { prompts: [`${secret}${' x'.repeat(100)}`], answer: 'y'.repeat(500) };
    expect(losses(turn, { maxContentBytes: 300, redactor: new Redactor() })).toEqual([
      ['codex.content.clipped_bytes', 241],
      ['codex.content.redacted', 1],
      ['codex.content.redacted_kinds', ['password']],
    ]);
  });

  test('is nothing where all was sent', () => {
    expect(losses({ prompts: ['a'], answer: 'b' }, { redactor: new Redactor() })).toEqual([]);
    // One byte is a loss.
    expect(losses({ prompts: ['a'.repeat(101)] }, { maxContentBytes: 100 })).toHaveLength(1);
  });

  test('has numbers of its own in each agent’s part of a trace', () => {
    const marked = (placement: TurnPlacement, threadId: string) =>
      String(
        build({ threadId, prompts: [secret] }, placement, { redactor: new Redactor() })[0]?.attributes[
          'mlflow.spanInputs'
        ],
      ).match(/#(\d+)/)?.[1];
    expect(marked({ root }, 'thread')).toBe('1');
    // 1001 and 1000 times the first 4 hex digits of the SHA-256 of `marks:<thread>:turn`.
    expect(marked(agentOf, 'agent')).toBe('47616001');
    expect(marked(agentOf, 'other')).toBe('35010001');
  });
});

test('a turn without a usable id is known by its start', () => {
  expect(identityOf(turnOf({ turnId: '0' }))).toStrictEqual({ threadId: 'thread', turnKey: '1000' });
  expect(identityOf(turnOf())).toStrictEqual({ threadId: 'thread', turnKey: 'turn' });
});

test('each span of a crowded turn has a smaller share of the content', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => toolCall({ id: `${n}`, children: [toolCall({ id: `c${n}` })] }));
  const sent = (toolCalls: ReturnType<typeof toolCall>[]) => {
    const [agent] = build({ prompts: ['x'.repeat(70_000)], toolCalls, modelCalls: [modelCall()] });
    const { messages } = JSON.parse(String(agent?.attributes['mlflow.spanInputs']));
    return Buffer.byteLength(messages[0].content);
  };
  expect(sent([])).toBe(65_535);
  // Each a byte less than its share. 12 MiB for twice a hundred spans: the AGENT, a response, 49 calls and what each of them ran.
  expect(sent(many(49))).toBe(62_913);
  expect(sent(many(49).slice(0, 48))).toBe(64_197);
});

test('calls of the same time come in the order of the turn', () => {
  const toolCalls = [toolCall({ id: '1', name: 'first' }), toolCall({ id: '2', name: 'second' })];
  expect(build({ toolCalls }).map(({ name }) => name)).toEqual(['invoke_agent codex', 'first', 'second']);
  const ends = [toolCall({ id: '1', name: 'longer', endMs: 4001 }), toolCall({ id: '2', name: 'shorter' })];
  expect(build({ toolCalls: ends }).map(({ name }) => name)).toEqual([
    'invoke_agent codex',
    'shorter',
    'longer',
  ]);
});

test('a response that asked for a search alone has stopped, one that asked for a tool waits for it', () => {
  const reasons = (form: 'hosted' | 'function') => {
    const asked = {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call', name: 'look', arguments: '{}' }],
    } as const;
    const [, llm] = build({ modelCalls: [modelCall({ output: asked })], toolCalls: [toolCall({ form })] });
    return llm?.attributes['gen_ai.response.finish_reasons'];
  };
  expect([reasons('hosted'), reasons('function')]).toEqual([['stop'], ['tool_calls']]);
});
