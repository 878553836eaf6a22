import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/platform/sha256.js';
import { buildLiveSpans, type LiveOptions } from '../../../src/spans/live/running-turn-spans.js';
import type { ToolCall, Turn } from '../../../src/turn/turn.js';
import { openPolicy } from '../../turn/recordings.js';
import { modelCall, toolCall, turnOf } from '../turn-parts.js';

const usage = {
  inputTokens: 1,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 1,
  reasoningOutputTokens: 0,
  totalTokens: 2,
};
const asks = {
  role: 'assistant',
  content: '',
  toolCalls: [{ id: 'c', name: 'look', arguments: '{}' }],
} as const;
const says = { role: 'assistant', content: 'done' } as const;
const response = (key: string, endMs: number, output: typeof asks | typeof says = asks) =>
  modelCall({ key, startMs: endMs - 10, endMs, usage, output });
const call = (id: string, endMs: number, some: Partial<ToolCall> = {}) =>
  toolCall({ id, startMs: endMs - 10, endMs, ...some });

/** What a pass sends of a running turn: its closed spans' keys, its spans in order, and whether there is more. */
function pass(turn: Partial<Turn>, open: readonly string[] = [], live: Partial<LiveOptions> = {}) {
  const running = turnOf({ outcome: 'incomplete', ...turn });
  const { specs, closed, isMore } = buildLiveSpans(
    {
      turn: running,
      meta: undefined,
      placement: { root: { threadId: 'thread', turnKey: 'turn' } },
      openCalls: new Set(open),
    },
    { nowMs: 9000, withUsage: true, sent: new Set(), maxClosed: 100, ...live },
    { userId: 'dev', tags: {} },
    openPolicy,
    sha256,
  );
  return { spans: specs.map(({ name, endMs }) => [name, endMs]), closed, isMore };
}

const agent = ['invoke_agent codex', 9000];

describe('a pass over a running turn sends', () => {
  test('its AGENT, and each response and call that is over, known by their own ids', () => {
    expect(
      pass({
        modelCalls: [response('0', 2000), { ...response('1', 4000), responseId: 'resp' }],
        toolCalls: [call('a', 3000)],
      }),
    ).toEqual({
      spans: [agent, ['chat', 2000], ['look', 3000], ['chat', 4000]],
      closed: ['response 0', 'call a', 'response resp'],
      isMore: false,
    });
  });

  test('what was sent before no more', () => {
    const sent = new Set(['response 0', 'call a']);
    const turn = { modelCalls: [response('0', 2000), response('1', 4000)], toolCalls: [call('a', 3000)] };
    expect(pass(turn, [], { sent })).toEqual({
      spans: [agent, ['chat', 4000]],
      closed: ['response 1'],
      isMore: false,
    });
  });

  test('calls under way each time, until now, and never as closed', () => {
    const sent = new Set(['response 0']);
    const turn = { modelCalls: [response('0', 2000)], toolCalls: [call('a', 3000), call('b', 3000)] };
    expect(pass(turn, ['b'], { sent })).toEqual({
      spans: [agent, ['look', 3000], ['look', 9000]],
      closed: ['call a'],
      isMore: false,
    });
  });

  test('what a script ran apart from its script, which is still under way', () => {
    const script = call('script', 4000, {
      children: [call('inner', 3000, { children: [call('deep', 2900)] })],
    });
    expect(pass({ toolCalls: [script] }, ['script']).closed).toEqual(['call deep', 'call inner']);
  });

  test('no more closed spans than it may, those that ended first', () => {
    const toolCalls = [call('c', 5000), call('a', 3000), call('b', 4000)];
    const of = (maxClosed: number) => pass({ toolCalls }, [], { maxClosed });
    expect(of(2)).toEqual({
      spans: [agent, ['look', 3000], ['look', 4000]],
      closed: ['call a', 'call b'],
      isMore: true,
    });
    expect(of(3)).toMatchObject({ closed: ['call a', 'call b', 'call c'], isMore: false });
  });
});

describe('a pass waits with', () => {
  test('a response whose tokens are not recorded yet: its id may still be another', () => {
    const { usage: _, ...without } = response('0', 2000);
    expect(pass({ modelCalls: [without, response('1', 3000)] }).closed).toEqual(['response 1']);
  });

  test('the last response where it asks for nothing: the turn’s end follows at once', () => {
    const modelCalls = [response('0', 2000, says), response('1', 3000, says)];
    expect(pass({ modelCalls }).closed).toEqual(['response 0']);
  });

  test('a call that an interrupt cut off: its own times come after the turn’s end', () => {
    const failed = (id: string, type: string) => call(id, 3000, { failure: { type, message: 'failed' } });
    expect(pass({ toolCalls: [failed('a', 'aborted'), failed('b', 'exit_code')] })).toEqual({
      spans: [agent, ['look', 3000]],
      closed: ['call b'],
      isMore: false,
    });
  });
});
