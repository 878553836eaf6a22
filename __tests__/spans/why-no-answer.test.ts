import { describe, expect, test } from '@jest/globals';
import { preparedTurns, recording } from '../turn/recordings.js';
import { event, inputsOf, outputsOf, response, spansOf } from './made-up-turn.js';

const aborted = { type: 'turn_aborted', reason: 'replaced' };
const failed = { type: 'task_complete', last_agent_message: null, error: { message: 'no room left' } };
const says = (text: string) =>
  response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });

describe('a turn without an answer', () => {
  test.each([
    ['interrupted', aborted, 'interrupted: replaced'],
    ['failed', failed, 'no room left'],
  ])('that was %s says so, and why, where an answer would be', (outcome, end, reason) => {
    const [root] = spansOf([], { end });
    expect(outputsOf(root)).toEqual({ outcome, reason });
    expect(root?.status).toEqual({ code: 'ERROR', message: reason });
  });

  test('keeps what the model had said before, which is no answer', () => {
    const [root] = spansOf([says('I will look')], { end: aborted });
    expect(outputsOf(root)).toEqual({
      outcome: 'interrupted',
      reason: 'interrupted: replaced',
      said: 'I will look',
    });
  });

  test('says nothing of it where only metadata may leave', () => {
    const [root] = spansOf([], { end: failed, policy: { mode: 'metadata' } });
    expect(root?.attributes).not.toHaveProperty('mlflow.spanOutputs');
    expect(JSON.stringify(root)).not.toContain('no room');
  });
});

describe('every failure is an exception event with the type and message of its span', () => {
  test.each(['0.169.0-code-mode/failing-commands', '0.169.0-classic/declined', '0.169.0-classic/http-500'])(
    '%s',
    async (name) => {
      const spans = (await preparedTurns(recording(name))).flatMap(({ specs }) => specs);
      const failures = spans.filter(({ status }) => status.code === 'ERROR');
      expect(failures.length).toBeGreaterThan(1);
      for (const { status, events, attributes, endMs } of spans) {
        const expected = {
          name: 'exception',
          timeMs: endMs,
          attributes: {
            'exception.type': attributes['error.type'],
            'exception.message': status.code === 'ERROR' ? status.message : '',
          },
        };
        expect(events).toEqual(status.code === 'ERROR' ? [expected] : []);
      }
    },
  );
});

describe('a request that an interrupt cut off', () => {
  const note = response({
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: '<turn_aborted>The user interrupted the previous turn.</turn_aborted>' },
    ],
  });
  const heard = (lines: Parameters<typeof spansOf>[0]) => {
    const cut = spansOf(lines, { end: aborted })
      .filter(({ name }) => name === 'chat')
      .at(-1);
    return inputsOf(cut).messages.map(({ content }: { content: string }) => content);
  };

  test('had not been told what Codex wrote after the cut', () => {
    expect(heard([note])).toEqual(['do it']);
  });

  test('had been told the results of the tools before it', () => {
    const lines = [
      response({ type: 'function_call', name: 'look', arguments: '{}', call_id: 'c' }),
      event({ type: 'token_count', info: null }),
      response({ type: 'function_call_output', call_id: 'c', output: 'seen' }),
      note,
    ];
    expect(heard(lines)).toEqual(['do it', null, 'seen']);
  });
});
