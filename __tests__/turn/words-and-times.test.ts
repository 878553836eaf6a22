import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../src/codex/lines/rollout-event.js';
import { chatRole, imageNote, textOf } from '../../src/turn/chat-message.js';
import { completeModelCalls } from '../../src/turn/responses/open-request.js';
import { skillsOf } from '../../src/turn/skills.js';
import { subAgentsOf } from '../../src/turn/sub-agents.js';
import type { ModelCall } from '../../src/turn/turn.js';
import { inside, withTimes } from '../../src/turn/turn-times.js';

const event = (kind: string, timeMs: number, more: object = {}) =>
  ({ kind, timeMs, ...more }) as unknown as RolloutEvent;
const text = (words: string) => ({ type: 'text', text: words });

test('a time is within its turn', () => {
  const turn = { startMs: 10, endMs: 20 };
  expect([5, 10, 15, 20, 25].map((timeMs) => inside(timeMs, turn))).toEqual([10, 10, 15, 20, 20]);
});

test('a line that tells no time has that of the line before, the first ones that of the first that tells one', () => {
  const times = (list: number[], fallback = 7) =>
    withTimes(
      list.map((timeMs) => event('message', timeMs)),
      fallback,
    ).map(({ timeMs }) => timeMs);
  expect(times([Number.NaN, 10, Number.NaN, 12])).toEqual([10, 10, 10, 12]);
  expect(times([Number.NaN])).toEqual([7]);
  expect(times([3, 4])).toEqual([3, 4]);
});

describe('the text of a message', () => {
  test('has its parts on lines of their own, and names what is no text', () => {
    const parts = [text('a'), text('b\n'), text('c'), { type: 'image' }, { type: 'other', kind: 'audio' }];
    expect(textOf(parts as never)).toBe('a\nb\nc\n[image]\n[audio]');
    expect(textOf([])).toBe('');
  });

  test('says of a picture where it is from, its type and its size', () => {
    expect(imageNote({ source: 'a.png', mediaType: 'image/png', bytes: 0 })).toBe(
      '[image: a.png, image/png, 0 bytes]',
    );
    expect(imageNote({ bytes: 5 })).toBe('[image: 5 bytes]');
    expect(imageNote({})).toBe('[image]');
  });

  test.each([
    ['assistant', 'assistant'],
    ['user', 'user'],
    ['system', 'system'],
    ['developer', 'system'],
  ])('of %s is one of %s', (role, expected) => {
    expect(chatRole(role)).toBe(expected);
  });
});

describe('the skills of a turn', () => {
  const given = (role: string, words: string) => event('message', 0, { role, content: [text(words)] });
  const call = (input: object, children: object[] = []) => ({ input, children }) as never;

  test('are those that Codex put into the context in the user’s name, and no other’s words', () => {
    expect(skillsOf([given('user', '<skill>\n<name> paint </name>')], [])).toEqual(['paint']);
    expect(skillsOf([given('assistant', '<skill><name>paint</name>')], [])).toEqual([]);
    expect(skillsOf([given('user', 'x <skill><name>paint</name>')], [])).toEqual([]);
    expect(skillsOf([event('reasoning', 0)], [])).toEqual([]);
  });

  test('are those whose SKILL.md was read, by scripts too, each once', () => {
    const read = call({ cmd: 'cat a/one/SKILL.md b\\two\\SKILL.md' }, [
      { input: { command: ['cat', 'x/one/SKILL.md'] }, children: [] },
    ]);
    expect(skillsOf([given('user', '<skill><name>one</name>')], [read])).toEqual(['one', 'two']);
    expect(skillsOf([], [call({ cmd: 'cat SKILL.md x/SKILL.mdx' })])).toEqual([]);
  });
});

describe('the request that was under way when a turn ended', () => {
  const response = (more: object = {}): ModelCall =>
    ({
      key: 'r',
      purpose: 'response',
      outcome: 'completed',
      startMs: 10,
      endMs: 20,
      usage: {},
      ...more,
    }) as never;
  const prompt = (timeMs: number) => event('user_message', timeMs, { content: [text('go')] });
  const output = (timeMs: number) => event('tool_output', timeMs, { callId: 'c', content: [] });
  const completed = (calls: ModelCall[], events: RolloutEvent[], more: object = {}) =>
    completeModelCalls(calls, {
      outcome: 'interrupted',
      startMs: 0,
      endMs: 100,
      toolCalls: [],
      events,
      review: false,
      transcript: [],
      ...more,
    } as never);
  const ended = (...turn: Parameters<typeof completed>) =>
    completed(...turn).map(({ outcome, startMs, endMs }) => `${outcome} ${startMs}-${endMs}`);

  test('goes from what the model was last told to the end', () => {
    expect(ended([], [prompt(30)])).toEqual(['cut 30-100']);
    expect(ended([response()], [prompt(5), output(30)])).toEqual(['completed 10-20', 'cut 30-100']);
    expect(ended([response()], [prompt(30)], { outcome: 'failed' })).toEqual([
      'completed 10-20',
      'failed 30-100',
    ]);
  });

  test('began with what came after the last response, in time or in the file', () => {
    const said = (timeMs: number) => event('message', timeMs, { role: 'assistant', content: [text('x')] });
    expect(ended([response()], [output(30), said(15)])).toEqual(['completed 10-20', 'cut 30-100']);
    expect(ended([response()], [said(15), output(15)])).toEqual(['completed 10-20', 'cut 15-100']);
    expect(ended([response()], [output(15), said(15)])).toEqual(['completed 10-20']);
    expect(ended([response()], [output(20), said(20)])).toEqual(['completed 10-20']);
    expect(ended([response()], [output(21), said(20)])).toEqual(['completed 10-20', 'cut 21-100']);
  });

  test.each(['tool_call', 'reasoning'])('had not begun where a %s was written after it', (kind) => {
    const written = event(kind, 15, { callId: 'c' });
    expect(ended([response()], [output(15), written])).toEqual(['completed 10-20']);
    expect(ended([response()], [written, output(15)])).toEqual(['completed 10-20', 'cut 15-100']);
  });

  test('is not the user’s message, nor what Codex tells the model, that is written after it', () => {
    const told = event('message', 15, { role: 'user', content: [text('x')] });
    expect(ended([response()], [output(15), told])).toEqual(['completed 10-20', 'cut 15-100']);
  });

  test('is none while a tool runs, or after one that was cut off', () => {
    const call = (more: object = {}) => ({ id: 'c', form: 'function', ...more });
    expect(ended([response()], [prompt(30)], { toolCalls: [call()] })).toEqual(['completed 10-20']);
    expect(ended([response()], [prompt(30)], { toolCalls: [call({ form: 'hosted' })] })).toHaveLength(2);
    expect(ended([response()], [output(30)], { toolCalls: [call()] })).toHaveLength(2);
    const aborted = call({ failure: { type: 'aborted' } });
    expect(ended([response()], [output(30)], { toolCalls: [aborted] })).toEqual(['completed 10-20']);
    const other = { ...aborted, id: 'd', form: 'hosted' };
    expect(ended([response()], [output(30)], { toolCalls: [call(), other] })).toHaveLength(2);
    const failed = call({ failure: { type: 'exit_code' } });
    expect(ended([response()], [output(30)], { toolCalls: [failed] })).toHaveLength(2);
  });

  test('was told the transcript up to its last prompt or output', () => {
    const transcript = [
      { role: 'user', content: 'go' },
      { role: 'tool', content: 'x', toolCallId: 'c' },
      { role: 'user', content: 'please go on' },
      { role: 'assistant', content: 'go' },
    ];
    const inputTo = (events: RolloutEvent[], told: object[] = transcript) =>
      completed([], events, { transcript: told })[0]?.inputTo;
    expect([inputTo([prompt(5), output(30)]), inputTo([output(5), prompt(30)])]).toEqual([2, 3]);
    expect(inputTo([prompt(30)], transcript.slice(1, 2))).toBe(1);
    const another = { role: 'user', content: 'what Codex tells it' };
    expect(inputTo([prompt(30)], [transcript[0] as object, another])).toBe(1);
  });

  test('is a response of its own, which reads what the last one read and more', () => {
    const open = {
      key: 'response 0',
      purpose: 'response',
      outcome: 'cut',
      startMs: 30,
      endMs: 100,
      inputFrom: 0,
      inputTo: 1,
    };
    const transcript = [{ role: 'user', content: 'go' }];
    expect(completed([], [prompt(30)], { transcript })).toEqual([open]);
    expect(completed([response({ inputFrom: 4 })], [prompt(30)], { transcript, model: 'm' })[1]).toEqual({
      ...open,
      key: 'response 1',
      inputFrom: 4,
      model: 'm',
    });
    // A clock was set back: it does not leave the turn.
    expect(completed([], [prompt(-5)], { transcript })[0]?.startMs).toBe(0);
  });

  test('leaves the time to the first token to the first response, where that lies in it', () => {
    const first = (firstTokenMs: number, more: object = {}) =>
      completeModelCalls([response(more), response({ startMs: 30, endMs: 40 })], {
        outcome: 'completed',
        startMs: 0,
        endMs: 100,
        toolCalls: [],
        events: [],
        review: false,
        transcript: [],
        firstTokenMs,
      } as never).map(({ timeToFirstTokenMs }) => timeToFirstTokenMs);
    expect([first(10), first(15), first(20)]).toEqual([
      [0, undefined],
      [5, undefined],
      [10, undefined],
    ]);
    for (const none of [first(9), first(21), first(15, { outcome: 'cut' })])
      expect(none).toEqual([undefined, undefined]);
  });

  test('is none of a turn that has completed, and none of a review', () => {
    expect(ended([], [prompt(30)], { outcome: 'completed' })).toEqual([]);
    expect(ended([], [prompt(30)], { review: true })).toEqual([]);
    expect(ended([], [])).toEqual([]);
  });

  test('is the response that was cut off, unless its calls are there whole', () => {
    const cut = response({ usage: undefined });
    expect(ended([cut], [prompt(5)])).toEqual(['cut 10-100']);
    expect(ended([cut], [prompt(20)])).toEqual(['cut 10-100']);
    expect(ended([response(), response({ usage: undefined, startMs: 30, endMs: 40 })], [prompt(5)])).toEqual([
      'completed 10-20',
      'cut 30-100',
    ]);
    expect(ended([response({ usage: undefined, output: { toolCalls: [] } })], [prompt(5)])).toEqual([
      'completed 10-20',
    ]);
    expect(ended([response({ usage: undefined, output: { content: 'x' } })], [prompt(5)])).toEqual([
      'cut 10-100',
    ]);
  });

  test('is the response without tokens, where these are written at once, though its tools have answered (0.171)', () => {
    const cut = response({ usage: undefined, output: { toolCalls: [] } });
    const modern = event('task_started', 0, { rootTurnId: 'r' });
    const late = { endMs: 2000 };
    expect(ended([cut], [modern, prompt(5)])).toEqual(['cut 10-100']);
    expect(ended([cut], [modern, prompt(5), output(1995)], late)).toEqual(['cut 10-2000']);
    expect(ended([cut], [event('token_usage_record', 0), output(1995)], late)).toEqual(['cut 10-2000']);
    // It was tried again after that output, or the file is an older one.
    expect(ended([cut], [modern, output(900)], late)).toEqual(['completed 10-20', 'cut 900-2000']);
    expect(ended([cut], [prompt(5), output(1995)], late)).toEqual(['completed 10-20', 'cut 1995-2000']);
    const older = event('task_started', 0);
    expect(ended([cut], [older, output(1995)], late)).toEqual(['completed 10-20', 'cut 1995-2000']);
    expect(ended([cut], [modern, output(1500)], late)).toEqual(['cut 10-2000']);
    expect(ended([cut], [modern, output(1499)], late)).toEqual(['completed 10-20', 'cut 1499-2000']);
    expect(ended([cut], [modern, prompt(1995)], late)).toEqual(['completed 10-20', 'cut 1995-2000']);
    const failed = { ...late, outcome: 'failed' };
    expect(ended([cut], [modern, output(1995)], failed)).toEqual(['completed 10-20', 'failed 1995-2000']);
  });
});

test('the agents of a turn are those it started or spoke to, not those that tell of their end', () => {
  const agent = '01a21080-0000-7000-8000-000000000002';
  const told = (activity: string) => event('sub_agent', 5, { callId: 'a', agentThreadId: agent, activity });
  const link = { callId: 'a', agentThreadId: agent, timeMs: 5 };
  expect(subAgentsOf([told('started'), told('completed'), told('interacted')])).toEqual([link, link]);
  const output = (words: string) => event('tool_output', 5, { callId: 'a', content: [text(words)] });
  expect(subAgentsOf([output(`{"agent_id":"${agent}","x":1}`), output('{"agent_id":"short"}')])).toEqual([
    link,
  ]);
});
