import { describe, expect, test } from '@jest/globals';
import { parseRolloutLine } from '../../src/codex/lines/parse-rollout-line.js';
import { splitTurns } from '../../src/codex/segments/split-turns.js';
import { assembleTurn } from '../../src/turn/assemble-turn.js';
import type { Turn } from '../../src/turn/turn.js';
import { completed, event, item, line, thread } from './made-up-turn.js';

/**
 * Turns whose end line has `last_agent_message: null`. The lines are those that Codex 0.171.0 and
 * 0.140.0 wrote when the scripted model answered so.
 */
const plan = '# Tidy up\n- drop the old list\n';
const tagged = `<proposed_plan>\n${plan}</proposed_plan>`;
const says = (text: string) =>
  item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const usage = { input_tokens: 1000, output_tokens: 50, total_tokens: 1050 };
const record = (id: string) => line('token_usage_record', { thread_id: thread, response_id: id, usage });
const count = (total: number) =>
  event({
    type: 'token_count',
    info: { last_token_usage: usage, total_token_usage: { ...usage, total_tokens: total } },
  });

/** A turn as Codex from 0.152 on ends it: the line has `started_at`, and `error` where it failed. */
const modern = (lines: string[], end: object = {}) => turnOf(lines, { started_at: 1_795_573_000, ...end });
/** A turn as Codex up to 0.140 ends it. */
const older = (lines: string[], end: object = {}) => turnOf(lines, end);

function turnOf(lines: string[], end: object): Turn {
  const { segments, meta } = splitTurns(
    [
      line('session_meta', { id: thread }),
      event({ type: 'task_started' }),
      event({ type: 'user_message', message: 'do it' }),
      ...lines,
      event({ type: 'task_complete', last_agent_message: null, ...end }),
    ].map(parseRolloutLine),
  );
  return assembleTurn(segments[0] as (typeof segments)[0], meta);
}

describe('a plan', () => {
  const item = completed({ type: 'Plan', id: 'plan_1', text: plan });

  test.each([
    ['0.140', older([item, says(tagged), count(1050)])],
    ['0.171', modern([item, says(tagged), record('resp_1')])],
  ])('alone is the answer of a completed turn (%s)', (_, turn) => {
    expect(turn).toMatchObject({ outcome: 'completed', answer: plan.trimEnd() });
    expect(turn.error).toBeUndefined();
    expect(turn.modelCalls).toMatchObject([{ outcome: 'completed', usage: { totalTokens: 1050 } }]);
  });

  test('stands in the answer where the model had put it', () => {
    const lines = [item, says(`Here it is.\n${tagged}\nTell me.`), record('resp_1')];
    const turn = modern(lines, { last_agent_message: 'Here it is.\nTell me.' });
    expect(turn.answer).toBe(`Here it is.\n${plan}Tell me.`);
  });

  test('of an earlier message comes before the last one', () => {
    const lines = [item, says(tagged), record('resp_1'), says('Shall I?'), record('resp_2')];
    expect(modern(lines, { last_agent_message: 'Shall I?' }).answer).toBe(`${plan.trimEnd()}\n\nShall I?`);
  });

  test('is told as it was said to those who read the response', () => {
    const turn = modern([item, says(tagged), record('resp_1')]);
    expect(turn.modelCalls[0]?.output?.content).toBe(tagged);
  });

  test('is none where somebody only writes about its tags', () => {
    const turn = modern([says(tagged), record('resp_1')], { last_agent_message: tagged });
    expect(turn.answer).toBe(tagged);
  });
});

describe('a turn without words at its end has completed', () => {
  const search = item({ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'x' } });
  const picture = item({ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: '' });
  const thought = item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] });

  test.each([
    ['a search', [search]],
    ['a picture', [picture]],
    ['a thought', [thought]],
    ['an empty message', [says('')]],
    ['nothing', []],
  ])('%s came', (_, items) => {
    for (const turn of [modern([...items, record('resp_1')]), older([...items, count(1050)])]) {
      expect(turn.outcome).toBe('completed');
      expect(turn.modelCalls.map(({ outcome, usage }) => [outcome, usage?.totalTokens])).toEqual([
        ['completed', 1050],
      ]);
    }
  });

  test('nothing came after a tool had run: two responses were served and two are told', () => {
    const call = item({ type: 'function_call', name: 'look', arguments: '{"x":1}', call_id: 'call_1' });
    const output = item({ type: 'function_call_output', call_id: 'call_1', output: 'seen' });
    const now = modern([says('I look.'), call, record('resp_1'), output, record('resp_2')]);
    // 0.140 writes the tokens of the first response after the tool's output.
    const then = older([says('I look.'), call, output, count(1050), count(2100)]);
    for (const turn of [now, then]) {
      expect(turn.outcome).toBe('completed');
      expect(turn.modelCalls.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    }
  });
});

test('a search that a provider reports no tokens of has been answered, too', () => {
  const search = item({ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'x' } });
  expect(older([search]).outcome).toBe('completed');
});

describe('a turn has failed', () => {
  test('where its end names an error, by that', () => {
    const turn = modern([], { error: { message: 'no', codex_error_info: 'other' } });
    expect(turn).toMatchObject({ outcome: 'failed', error: { message: 'no', code: 'other' } });
    expect(turn.modelCalls).toMatchObject([{ outcome: 'failed' }]);
  });

  test('by the name of its kind where the error comes with facts', () => {
    const info = { response_stream_disconnected: { http_status_code: null } };
    const turn = modern([], { error: { message: 'cut', codex_error_info: info } });
    expect(turn.error?.code).toBe('response_stream_disconnected');
  });

  test('where an older Codex got no response to what was said last', () => {
    expect(older([])).toMatchObject({ outcome: 'failed', modelCalls: [{ outcome: 'failed' }] });
    const call = item({ type: 'function_call', name: 'look', arguments: '{"x":1}', call_id: 'call_1' });
    const output = item({ type: 'function_call_output', call_id: 'call_1', output: 'seen' });
    const turn = older([call, output, count(1050), count(1050)]);
    expect(turn.outcome).toBe('failed');
    expect(turn.modelCalls.map(({ outcome }) => outcome)).toEqual(['completed', 'failed']);
  });

  test('where an older Codex told its user an error', () => {
    const told = event({ type: 'error', message: 'quota', codex_error_info: 'usage_limit_exceeded' });
    const turn = older([says('half an'), count(1050), told]);
    expect(turn).toMatchObject({
      outcome: 'failed',
      error: { message: 'quota', code: 'usage_limit_exceeded' },
    });
  });
});
