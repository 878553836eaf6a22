import { describe, expect, test } from '@jest/globals';
import { parseRolloutLine } from '../../../src/codex/lines/parse-rollout-line.js';

const parsed = (payload: object) =>
  parseRolloutLine(JSON.stringify({ timestamp: '2026-11-25T00:00:00.000Z', type: 'response_item', payload }));
const text = (words: string) => ({ type: 'input_text', text: words });

describe('what one agent says to another', () => {
  test('is an agent message, with the task where it gives one', () => {
    const payload = { type: 'agent_message', author: '/root', content: [text('do it')] };
    expect(parsed(payload)).toMatchObject({
      kind: 'agent_message',
      author: '/root',
      content: [{ type: 'text', text: 'do it' }],
    });
    expect(parsed(payload)).not.toHaveProperty('task');
    expect(parsed({ ...payload, trigger_turn: true })).toMatchObject({ task: 'do it' });
    const task = 'Message Type: NEW_TASK\nSender: /root\nPayload:\nread\nall';
    expect(parsed({ ...payload, content: [text(task)] })).toMatchObject({ task: 'read\nall' });
  });

  test('has no content where a provider has encrypted it', () => {
    const payload = { type: 'agent_message', author: '/root', content: [{ type: 'encrypted', data: 'x' }] };
    expect(parsed(payload)).toMatchObject({ kind: 'agent_message', content: [] });
  });
});

describe('an agent’s message as JSON in the assistant’s name (0.120, 0.128)', () => {
  const json = (more: object = {}) =>
    JSON.stringify({ author: '/root', recipient: '/root/a', trigger_turn: true, content: 'do it', ...more });
  const message = (content: object[], role = 'assistant') => parsed({ type: 'message', role, content });
  const output = (words: string) => ({ type: 'output_text', text: words });

  test('is an agent message', () => {
    expect(message([output(json())])).toMatchObject({ kind: 'agent_message', author: '/root' });
  });

  test.each([
    ['of more parts', [output(json()), output('and more')], 'assistant'],
    ['of the user’s', [output(json())], 'user'],
    ['without a recipient', [output(json({ recipient: '' }))], 'assistant'],
    ['without a word on a turn', [output(json({ trigger_turn: 'yes' }))], 'assistant'],
    ['that is broken JSON', [output(json().slice(0, -1))], 'assistant'],
    ['that begins otherwise', [output(` ${json()}`)], 'assistant'],
  ])('%s is a message like others', (_, content, role) => {
    expect(message(content, role)).toMatchObject({ kind: 'message', role });
  });
});
