import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import { collectModelCalls } from '../../src/turn/responses/model-calls.js';
import {
  argumentsText,
  assistantMessage,
  finishDraft,
  type ResponseDraft,
} from '../../src/turn/responses/response-draft.js';
import { ResponseDrafts } from '../../src/turn/responses/response-drafts.js';

const draft = (more: Partial<ResponseDraft> = {}): ResponseDraft => ({
  purpose: 'response',
  startMs: 10,
  endMs: 20,
  inputFrom: 0,
  inputTo: 1,
  texts: [],
  reasoning: [],
  toolCalls: [],
  open: false,
  early: false,
  ...more,
});

test.each([
  ['{"a":1}', 'function', '{"a":1}'],
  [{ a: 1 }, 'function', '{"a":1}'],
  [undefined, 'function', '{}'],
  [null, 'hosted', '{}'],
  ['text', 'custom', '{"input":"text"}'],
])('the arguments %j of a %s tool are the text %s', (input, form, text) => {
  expect(argumentsText(input, form)).toBe(text);
});

test('what the model said is one message', () => {
  const calls = [{ id: 'a', name: 'b', arguments: '{}' }];
  expect(assistantMessage(draft({ texts: ['a', 'b'], reasoning: ['c', 'd'], toolCalls: calls }))).toEqual({
    role: 'assistant',
    content: 'a\n\nb',
    reasoning: 'c\n\nd',
    toolCalls: calls,
  });
  expect(assistantMessage(draft())).toEqual({ role: 'assistant', content: '' });
});

test('a response has its id for a key, else its place, and an output where it said something', () => {
  expect(finishDraft(draft(), 3)).toEqual({
    key: 'response 3',
    purpose: 'response',
    outcome: 'completed',
    startMs: 10,
    endMs: 20,
    inputFrom: 0,
    inputTo: 1,
  });
  const usage = { inputTokens: 1 } as never;
  const compaction = draft({ responseId: 'r', model: 'm', usage, purpose: 'compaction', endMs: 5 });
  expect(finishDraft(compaction, 0)).toEqual({
    key: 'r',
    responseId: 'r',
    purpose: 'compaction',
    outcome: 'completed',
    startMs: 10,
    endMs: 10,
    model: 'm',
    usage,
    inputFrom: 0,
    inputTo: 1,
  });
  const toolCalls = [{ id: 'a', name: 'b', arguments: '' }];
  for (const [said, output] of [
    [{ texts: ['x'] }, { content: 'x' }],
    [{ reasoning: ['x'] }, { content: '', reasoning: 'x' }],
    [{ toolCalls }, { content: '', toolCalls }],
  ] as const)
    expect(finishDraft(draft(said as never), 0).output).toEqual({ role: 'assistant', ...output });
});

describe('a summary that replaces the context', () => {
  let ms = 0;
  const event = (kind: string, more: object = {}) =>
    ({ kind, timeMs: ++ms, ...more }) as unknown as RolloutEvent;
  const usage = (responseId: string) =>
    event('token_usage_record', { responseId, usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } });
  const answer = (text: string) => event('message', { role: 'assistant', content: [{ type: 'text', text }] });
  const call = event('tool_call', { callId: 'c', name: 'exec_command', form: 'function', input: '{}' });
  const purposes = (...events: RolloutEvent[]) =>
    collectModelCalls(events, { startMs: 0, isQuoted: false }).modelCalls.map(({ purpose, model }) =>
      [purpose, model].filter(Boolean).join(' '),
    );
  const compacted = (more: object = {}) => event('compacted', { summary: 'short', ...more });

  test('is the response that it names', () => {
    const two = [answer('a'), usage('one'), answer('b'), usage('two')];
    expect(purposes(...two, compacted({ responseId: 'one' }))).toEqual(['compaction', 'response']);
    expect(purposes(...two, compacted({ responseId: 'two', model: 'm' }))).toEqual([
      'response',
      'compaction m',
    ]);
  });

  test('is the last response where it names none, if that said something and called nothing', () => {
    expect(purposes(answer('a'), usage('one'), answer('b'), usage('two'), compacted())).toEqual([
      'response',
      'compaction',
    ]);
    expect(purposes(answer('a'), call, usage('one'), compacted())).toEqual(['response']);
    expect(purposes(compacted())).toEqual([]);
  });

  test('is what the model is told from then on, after what the user has said in the turn', () => {
    const prompt = event('user_message', { content: [{ type: 'text', text: 'do it' }] });
    const events = [prompt, answer('a'), usage('one'), compacted(), answer('b'), usage('two')];
    const { transcript, modelCalls } = collectModelCalls(events, { startMs: 0, isQuoted: false });
    const told = transcript.slice(modelCalls[1]?.inputFrom, modelCalls[1]?.inputTo);
    expect(told.map(({ role, content }) => `${role}: ${content}`)).toEqual(['user: do it', 'user: short']);
  });
});

describe('the responses of a turn', () => {
  const usage = (totalTokens: number) => ({
    inputTokens: totalTokens - 1,
    outputTokens: 1,
    totalTokens,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    reasoningOutputTokens: 0,
  });
  const call = (callId: string, timeMs: number, form = 'function') =>
    ({ kind: 'tool_call', callId, timeMs, name: 'look', form, input: '{}' }) as never;
  const user = (content: string) => ({ role: 'user', content }) as const;
  const tool = { role: 'tool', toolCallId: 'c', content: 'x' } as const;
  const opened = () => new ResponseDrafts(5);
  const times = ({ all }: ResponseDrafts) => all.map(({ startMs, endMs }) => [startMs, endMs]);

  test('wait for what the model was told last, and last until their last item', () => {
    const drafts = opened();
    drafts.say('a', 20);
    drafts.say('b', 30);
    drafts.hear(tool, 40);
    drafts.say('c', 60);
    expect(times(drafts)).toEqual([
      [5, 30],
      [40, 60],
    ]);
    expect(drafts.all.map(({ texts }) => texts)).toEqual([['a', 'b'], ['c']]);
    drafts.hear(tool, 35);
    drafts.say('d', 70);
    expect(times(drafts).at(-1)).toEqual([40, 70]);
  });

  test('never begin after their first item', () => {
    const drafts = opened();
    drafts.waitFrom(50);
    drafts.say('a', 20);
    expect(times(drafts)).toEqual([[20, 20]]);
  });

  test('end with their tokens', () => {
    const drafts = opened();
    drafts.say('a', 20);
    drafts.count(drafts.current(20), usage(7));
    drafts.say('b', 30);
    expect(drafts.all.map(({ texts, usage: own }) => [texts, own?.totalTokens])).toEqual([
      [['a'], 7],
      [['b'], undefined],
    ]);
  });

  test('make a call once, however often it is recorded', () => {
    const drafts = opened();
    drafts.call(call('c', 20));
    drafts.call(call('c', 30));
    expect(drafts.all).toMatchObject([{ endMs: 20, toolCalls: [{ id: 'c', arguments: '{}' }] }]);
    expect(drafts.callTimes.size).toBe(0);
  });

  test('answer what was said to the model, where they say something or search themselves', () => {
    const isOpenAfter = (act: (drafts: ResponseDrafts) => void) => {
      const drafts = opened();
      drafts.prompt('do it', 10);
      expect(drafts.unanswered).toBe(true);
      act(drafts);
      return drafts.unanswered;
    };
    expect(isOpenAfter((drafts) => drafts.say('a', 20))).toBe(false);
    expect(isOpenAfter((drafts) => drafts.call(call('c', 20, 'hosted')))).toBe(false);
    expect(isOpenAfter((drafts) => drafts.call(call('c', 20)))).toBe(true);
    expect(isOpenAfter((drafts) => drafts.count(drafts.current(20), usage(7)))).toBe(false);
    expect(
      isOpenAfter((drafts) => {
        const draft = drafts.current(20);
        drafts.hear(user('more'), 30);
        drafts.count(draft, usage(7));
      }),
    ).toBe(true);
  });

  test('whose tokens come first (0.60) are dated by these, and take calls after outputs too', () => {
    const drafts = opened();
    drafts.early = { usage: usage(7), timeMs: 20 };
    drafts.call(call('c', 50));
    drafts.hear(tool, 51);
    drafts.call(call('d', 52));
    expect(drafts.all).toMatchObject([{ startMs: 5, endMs: 20, usage: { totalTokens: 7 } }]);
    expect([...drafts.callTimes]).toEqual([
      ['c', 20],
      ['d', 20],
    ]);
    drafts.say('next', 60);
    expect(drafts.all).toHaveLength(2);
    expect([drafts.early, drafts.settleEarly()]).toEqual([undefined, undefined]);
    const steered = opened();
    steered.early = { usage: usage(7), timeMs: 20 };
    steered.call(call('c', 50));
    steered.hear(user('stop'), 51);
    steered.call(call('d', 52));
    expect(steered.all.map(({ toolCalls }) => toolCalls.length)).toEqual([1, 1]);
  });

  test('of which only the tokens are recorded are there as well', () => {
    const drafts = opened();
    drafts.early = { usage: usage(7), timeMs: 20 };
    expect(drafts.settleEarly()).toMatchObject({ usage: { totalTokens: 7 }, endMs: 20, open: false });
    expect(drafts.all).toHaveLength(1);
  });

  test('have the model of the settings, those before the first settings too', () => {
    const drafts = opened();
    drafts.say('a', 10);
    drafts.useModel(undefined);
    expect(drafts.all[0]).not.toHaveProperty('model');
    drafts.useModel('m');
    drafts.hear(tool, 20);
    drafts.useModel('n');
    drafts.say('b', 30);
    drafts.useModel(undefined);
    drafts.hear(tool, 40);
    drafts.say('c', 50);
    expect(drafts.all.map(({ model }) => model)).toEqual(['m', 'n', 'n']);
  });

  test('read a prompt once, though the line before holds its words too', () => {
    const told = (...before: string[]) => {
      const drafts = opened();
      for (const text of before) drafts.hear(user(text), 10);
      drafts.prompt('do it', 10);
      return drafts.transcript().map(({ content }) => content);
    };
    expect(told()).toEqual(['do it']);
    expect(told('do it')).toEqual(['do it']);
    expect(told('[image]\ndo it', 'a', 'b')).toEqual(['[image]\ndo it', 'a', 'b']);
    expect(told('do it', 'a', 'b', 'c')).toEqual(['do it', 'a', 'b', 'c', 'do it']);
    expect(told('')).toEqual(['do it']);
    const waiting = opened();
    waiting.hear(user('do it'), 10);
    waiting.prompt('do it', 50);
    waiting.say('a', 60);
    expect(times(waiting)).toEqual([[50, 60]]);
    const drafts = opened();
    drafts.quote('do it');
    drafts.prompt('do it', 10);
    expect(drafts.transcript()).toHaveLength(2);
  });

  test('read what stands in the context when they are made', () => {
    const drafts = opened();
    drafts.hear(user('a'), 10);
    drafts.say('b', 20);
    drafts.hear(user('c'), 30);
    drafts.say('d', 40);
    expect(drafts.all.map(({ inputFrom, inputTo }) => [inputFrom, inputTo])).toEqual([
      [0, 1],
      [0, 3],
    ]);
    expect(drafts.transcript().map(({ role, content }) => `${role} ${content}`)).toEqual([
      'user a',
      'assistant b',
      'user c',
      'assistant d',
    ]);
  });

  test('are no summary where only its tokens came before (0.60 to 0.128): it is one by itself', () => {
    const drafts = opened();
    drafts.say('a', 10);
    drafts.count(drafts.current(10), usage(7));
    drafts.early = { usage: usage(9), timeMs: 20 };
    const summary = 'Another language model started to solve this problem and more:\nshort';
    drafts.compacted({ kind: 'compacted', timeMs: 30, summary });
    expect(drafts.all).toMatchObject([
      { purpose: 'response', texts: ['a'] },
      { purpose: 'compaction', texts: ['short'], usage: { totalTokens: 9 } },
    ]);
    drafts.say('b', 40);
    expect(drafts.all.at(-1)).toMatchObject({ startMs: 30, inputFrom: 2, inputTo: 3 });
  });
});

describe('the tokens of a response', () => {
  const usage = (inputTokens: number, outputTokens: number, totalTokens = inputTokens + outputTokens) => ({
    inputTokens,
    outputTokens,
    totalTokens,
  });
  const event = (kind: string, timeMs: number, more: object = {}) =>
    ({ kind, timeMs, ...more }) as unknown as RolloutEvent;
  const said = (timeMs: number) =>
    event('message', timeMs, { role: 'assistant', content: [{ type: 'text', text: 'a' }] });
  const count = (total: number, last = usage(total - 1, 1), timeMs = 50) =>
    event('token_count', timeMs, { last, total: { totalTokens: total } });
  const tokens = (events: RolloutEvent[], previousTotal?: number) =>
    collectModelCalls(events, { startMs: 0, previousTotal, isQuoted: false }).modelCalls.map(
      (call) => call.usage?.totalTokens,
    );

  test('are counted where the total has changed', () => {
    expect(tokens([said(10), count(7), count(7), said(20), count(12, usage(4, 1))])).toEqual([7, 5]);
    expect(tokens([said(10), count(7)], 7)).toEqual([undefined]);
    expect(tokens([said(10), count(7, usage(0, 0))])).toEqual([undefined]);
    expect(tokens([said(10), count(7, usage(3, 0))])).toEqual([3]);
    expect(tokens([said(10), count(7, usage(0, 1))])).toEqual([1]);
  });

  test('that come with nothing are of a response of their own', () => {
    expect(tokens([said(10), count(7), count(12, usage(4, 1))])).toEqual([7, 5]);
    expect(tokens([count(7), count(12, usage(4, 1)), said(60)])).toEqual([7, 5]);
  });

  test('are recorded with their response, each once', () => {
    const record = (responseId: string | undefined, total: number) =>
      event('token_usage_record', 50, { ...(responseId && { responseId }), usage: usage(total - 1, 1) });
    expect(tokens([said(10), record('r', 7), record('r', 7), record('s', 9)])).toEqual([7, 9]);
    expect(tokens([said(10), record(undefined, 7), record(undefined, 8)])).toEqual([7, 8]);
    expect(tokens([said(10), count(99), record('r', 7)])).toEqual([7]);
  });

  test.each([
    ['a hook', 'developer', 'mind the gap'],
    ['a warning of Codex’s', 'user', 'Warning: apply_patch was requested via exec_command.'],
  ])('are one response’s though %s speaks to the model while that goes on', (_, role, text) => {
    const call = (callId: string, timeMs: number) =>
      event('tool_call', timeMs, { callId, name: 'look', form: 'function', input: '{}' });
    const told = event('message', 20, { role, content: [{ type: 'text', text }] });
    const record = event('token_usage_record', 40, { responseId: 'r', usage: usage(6, 1) });
    for (const count7 of [record, count(7)]) {
      expect(tokens([call('c', 10), told, call('d', 30), count7])).toEqual([7]);
      expect(tokens([call('c', 10), told, count7])).toEqual([7]);
    }
  });
});

test('a tool that answers nothing has answered: the model’s input holds its empty answer', () => {
  const drafts = new ResponseDrafts(0);
  drafts.hear({ role: 'tool', toolCallId: 'c', content: '' }, 10);
  drafts.hear({ role: 'user', content: '' }, 10);
  expect(drafts.transcript()).toEqual([{ role: 'tool', toolCallId: 'c', content: '' }]);
});

test('a turn’s lines make its responses: their model, their reasoning, and what they were told', () => {
  const event = (kind: string, timeMs: number, more: object = {}) =>
    ({ kind, timeMs, ...more }) as unknown as RolloutEvent;
  const words = (text: string) => [{ type: 'text', text }];
  const { modelCalls, transcript } = collectModelCalls(
    [
      event('turn_context', 0, { model: 'm' }),
      event('message', 10, { role: 'developer', content: words('rules') }),
      event('message', 10, { role: 'user', content: words('do it') }),
      event('reasoning', 20, { text: ['a', 'b'] }),
      event('reasoning', 30, { text: ['c'] }),
      event('agent_message', 40, { content: words('hurry') }),
      event('message', 50, { role: 'assistant', content: words('done') }),
      event('message', 60, { role: 'user', content: words('thanks') }),
    ],
    { startMs: 0, isQuoted: false },
  );
  const response = { purpose: 'response', outcome: 'completed', model: 'm', inputFrom: 0 };
  expect(modelCalls).toEqual([
    {
      ...response,
      key: 'response 0',
      startMs: 10,
      endMs: 30,
      inputTo: 2,
      output: { role: 'assistant', content: '', reasoning: 'a\n\nb\n\nc' },
    },
    {
      ...response,
      key: 'response 1',
      startMs: 40,
      endMs: 50,
      inputTo: 4,
      output: { role: 'assistant', content: 'done' },
    },
  ]);
  expect(transcript.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    'system: rules',
    'user: do it',
    'assistant: ',
    'user: hurry',
    'assistant: done',
    'user: thanks',
  ]);
});

describe('what the model said last', () => {
  const event = (kind: string, more: object = {}) =>
    ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
  const said = (text: string) =>
    event('message', { role: 'assistant', content: [{ type: 'text', text }].filter(() => text !== '') });
  const last = (events: RolloutEvent[], isQuoted = false) =>
    collectModelCalls(events, { startMs: 0, isQuoted }).lastText;

  test('is no summary, and nothing that Codex says in its name', () => {
    expect(last([said('a'), said('b')])).toBe('b');
    expect(
      last([said('a'), event('tool_output', { callId: 'c', content: [] }), event('reasoning', { text: [] })]),
    ).toBe('a');
    expect(last([event('reasoning', { text: [] }), event('compaction_item'), said('short')])).toBeUndefined();
    expect(last([said('a')], true)).toBeUndefined();
    expect(last([said('')])).toBeUndefined();
  });

  test('answers what another agent or a tool told it', () => {
    const unanswered = (...events: RolloutEvent[]) =>
      collectModelCalls(events, { startMs: 0, isQuoted: false }).unanswered;
    const told = event('agent_message', { content: [] });
    const output = event('tool_output', { callId: 'c', content: [] });
    const context = event('message', { role: 'developer', content: [{ type: 'text', text: 'x' }] });
    expect([unanswered(told), unanswered(output), unanswered(context)]).toEqual([true, true, false]);
    expect([unanswered(told, said('a')), unanswered(output, said('a'))]).toEqual([false, false]);
  });
});
