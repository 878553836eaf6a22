import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/codex/lines/rollout-event.js';
import { openCalls } from '../../../src/turn/tools/open-calls.js';
import { userShellRuns } from '../../../src/turn/tools/user-shell.js';

const event = (kind: string, more: object = {}) => ({ kind, timeMs: 0, ...more }) as unknown as RolloutEvent;
const text = (words: string) => [{ type: 'text', text: words }];
const call = (more: object = {}) =>
  event('tool_call', { callId: 'c', name: 'exec_command', form: 'function', ...more });
const output = event('tool_output', { callId: 'c', content: text('x') });
const item = (id = 'c') => event('tool_item', { id, name: 'exec_command' });
const said = event('message', { role: 'assistant', content: [] });
const open = (...events: RolloutEvent[]) => [...openCalls(events)];

describe('a call of a turn that goes on', () => {
  test('is under way until its output and its item are there', () => {
    expect(open(call())).toEqual(['c']);
    expect(open(call(), output)).toEqual(['c']);
    expect(open(call(), output, item())).toEqual([]);
    expect(open(call(), item())).toEqual([]);
  });

  test.each([
    ['a message', said],
    ['reasoning', event('reasoning')],
    ['a count of tokens', event('token_count')],
    ['a record of tokens', event('token_usage_record')],
  ])('with half of it is over once the model goes on with %s', (_, next) => {
    expect(open(call(), output, next)).toEqual([]);
    expect(open(call(), next, output)).toEqual(['c']);
    expect(open(call(), next)).toEqual(['c']);
  });

  test.each([
    ['what Codex tells the model', event('message', { role: 'user', content: [] })],
    ['another call', call({ callId: 'd' })],
  ])('is not over for %s', (_, next) => {
    expect(open(call(), output, next)).toContain('c');
  });

  test('at the provider is over once the model goes on', () => {
    const search = call({ form: 'hosted', name: 'web_search' });
    expect([open(search), open(search, said)]).toEqual([['c'], []]);
  });

  test('that one of two scripts ran, of which neither is answered, is not over: its place is not clear', () => {
    const script = (callId: string) => call({ callId, name: 'exec', form: 'custom', input: '' });
    const answered = (callId: string) => event('tool_output', { callId, content: text('x') });
    expect(open(script('s'), item(), script('t'), said)).not.toContain('c');
    expect(open(script('s'), script('t'), item(), said)).toContain('c');
    expect(open(script('s'), script('t'), item(), said, answered('s'))).not.toContain('c');
  });

  test('of which only the item is there is over at once where a script ran it', () => {
    expect(open(item())).toEqual(['c']);
    expect(open(item(), said)).toEqual([]);
    const script = call({ callId: 's', name: 'exec', form: 'custom', input: '' });
    expect(open(script, item())).toEqual(['s']);
    expect(open(call(), output, said, item('loose'))).toEqual(['loose']);
  });

  test('that left a command running is under way', () => {
    const running = event('tool_output', {
      callId: 'c',
      content: text('Process running with session ID 7\nOutput:\n'),
    });
    expect(open(call(), running, said)).toEqual(['c']);
  });
});

describe('a command in the user’s own shell', () => {
  const told = (more: { code?: number; seconds?: string; output?: string }) =>
    event('message', {
      timeMs: 5000,
      role: 'user',
      content: text(
        `<user_shell_command>\n<command>\nls\n</command>\n<result>\nExit code: ${more.code ?? 0}\n` +
          `Duration: ${more.seconds ?? '0.5'} seconds\nOutput:\n${more.output ?? 'a\nb'}\n</result>\n</user_shell_command>`,
      ),
    });

  test('is a run with its output, its exit code and its time', () => {
    expect(userShellRuns([said, told({ code: -1, seconds: '1.5' })])).toEqual([
      {
        kind: 'tool_item',
        timeMs: 5000,
        id: 'user_shell 1',
        name: 'exec_command',
        input: { command: 'ls' },
        output: { output: 'a\nb' },
        exitCode: -1,
        startMs: 3500,
        endMs: 5000,
      },
    ]);
  });

  test('that printed nothing has no output', () => {
    expect(userShellRuns([told({ output: ' ' })])[0]).not.toHaveProperty('output');
  });

  test('is told in the user’s name alone, and in this form alone', () => {
    const form = told({}) as { content: unknown };
    expect(userShellRuns([event('message', { role: 'assistant', content: form.content })])).toEqual([]);
    expect(
      userShellRuns([event('message', { role: 'user', content: text('<user_shell_command>') })]),
    ).toEqual([]);
    expect(userShellRuns([event('reasoning')])).toEqual([]);
  });
});
