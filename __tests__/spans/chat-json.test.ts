import { describe, expect, test } from '@jest/globals';
import { Conversation, chatMessage } from '../../src/spans/chat-json.js';
import type { ChatMessage } from '../../src/turn/turn.js';
import { gateOf } from './turn-parts.js';

describe('a message in chat-completions shape', () => {
  const call = { id: 'c', name: 'look', arguments: '{"at": "it"}' };
  const told = { id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } };

  test.each([
    ['a text', { role: 'user', content: 'a' }, { role: 'user', content: 'a' }],
    ['no text', { role: 'assistant', content: '' }, { role: 'assistant', content: '' }],
    [
      'calls alone, whose content is null',
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'assistant', content: null, tool_calls: [told] },
    ],
    [
      'a text, its thoughts and a call',
      { role: 'assistant', content: 'a', reasoning: 'b', toolCalls: [call, { ...call, id: 'd' }] },
      { role: 'assistant', content: 'a', reasoning: 'b', tool_calls: [told, { ...told, id: 'd' }] },
    ],
    [
      'empty thoughts',
      { role: 'assistant', content: 'a', reasoning: '' },
      { role: 'assistant', content: 'a', reasoning: '' },
    ],
    [
      'arguments that are no JSON',
      { role: 'assistant', content: '', toolCalls: [{ ...call, arguments: '{at' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...told, function: { name: 'look', arguments: '{at' } }],
      },
    ],
    [
      'a result',
      { role: 'tool', content: '', toolCallId: 'c' },
      { role: 'tool', content: '', tool_call_id: 'c' },
    ],
  ] as [string, ChatMessage, object][])('of %s', (_, message, expected) => {
    expect(chatMessage(message, gateOf())).toStrictEqual(expected);
  });

  test('whose arguments are cut stays JSON, and its thoughts are cut like its text', () => {
    const long = 'x'.repeat(5000);
    const message = {
      role: 'assistant',
      content: long,
      reasoning: long,
      toolCalls: [{ ...call, arguments: `{"a":"${long}"}` }],
    };
    const { content, reasoning, tool_calls } = chatMessage(
      message as ChatMessage,
      gateOf({ maxContentBytes: 1000 }),
    ) as {
      content: string;
      reasoning: string;
      tool_calls: { function: { arguments: string } }[];
    };
    const { a } = JSON.parse(tool_calls[0]?.function.arguments ?? '');
    for (const text of [content, reasoning, a]) {
      expect(text).toMatch(/^x+\n\[… \d+ bytes cut by mlflow-codex …\]\nx+$/);
      expect(text.length).toBeLessThan(1001);
    }
  });
});

/** A message of 100 bytes in JSON, which takes one more in a list. */
const message = (role: ChatMessage['role'], mark: string): ChatMessage => {
  const around = JSON.stringify({ role, content: '' }).length;
  return { role, content: mark.padEnd(100 - around, '.') };
};
const CONTENT = { user: 72, assistant: 67 };

/** What a response was told of these messages with room for so many of them: marks, and notes as `-count:bytes`. */
function told(messages: readonly ChatMessage[], room: number, from = 0, to = messages.length) {
  const gate = Object.assign(gateOf(), { inputBytes: room * 101 });
  const json = new Conversation(messages, gate).slice(from, to);
  const marks = (JSON.parse(json) as { role: string; content: string | null }[]).map(({ role, content }) => {
    const note = /^\[… (\d+) earlier messages of this turn, (\d+) bytes, left out by mlflow-codex …\]$/.exec(
      content ?? '',
    );
    return note && role === 'system' ? `-${note[1]}:${note[2]}` : (content ?? 'null').replace(/\.+$/, '');
  });
  return [marks.join(' '), gate.cutBytes];
}

const said = (marks: string) =>
  [...marks].map((mark) => message(mark === mark.toUpperCase() ? 'user' : 'assistant', mark));
const A = CONTENT.assistant;
const U = CONTENT.user;

describe('what a response was told', () => {
  test('is made for messages of one size: a hundred bytes', () => {
    expect([...'Ua'].map((mark) => JSON.stringify(said(mark)[0]).length)).toEqual([100, 100]);
    expect(said('Ua').map(({ content }) => content.length)).toEqual([U, A]);
  });

  test.each([
    ['all where there is just room', 'Uabc', 4, 'U a b c', 0],
    ['the prompt, the newest, and no more', 'Uabc', 3, `U -1:${A} b c`, A],
    ['the prompt alone where there is no room beside it', 'Uabc', 1, `U -3:${3 * A}`, 3 * A],
    ['of answers alone the newest', 'abcd', 2, `-2:${2 * A} c d`, 2 * A],
    ['the newest prompt before older ones', 'UabVcd', 3, `-3:${U + 2 * A} V c d`, U + 2 * A],
    [
      'the newest prompt apart from what there is room for',
      'UabVcdef',
      3,
      `-3:${U + 2 * A} V -2:${2 * A} e f`,
      U + 4 * A,
    ],
    ['a prompt at the end once', 'abU', 3, 'a b U', 0],
    ['nothing of nothing', '', 3, '', 0],
  ])('%s', (_, marks, room, expected, cutBytes) => {
    expect(told(said(marks), room)).toEqual([expected, cutBytes]);
  });

  test('is never more than there is room for, to the byte', () => {
    const bytes = (inputBytes: number) => told(said('abc'), inputBytes / 101)[0];
    expect([bytes(303), bytes(302), bytes(202), bytes(201)]).toEqual([
      'a b c',
      `-1:${A} b c`,
      `-1:${A} b c`,
      `-2:${2 * A} c`,
    ]);
  });

  test('is what lies between two places of the turn, whose prompt may lie before them', () => {
    expect(told(said('UaVbWc'), 9, 1, 4)).toEqual(['a V b', 0]);
    expect(told(said('Uabcd'), 2, 1, 4)).toEqual([`-1:${A} b c`, A]);
    expect(told(said('UabcV'), 2, 0, 4)).toEqual([`U -2:${2 * A} c`, 2 * A]);
    expect(told(said('abU'), 3, 2, 2)).toEqual(['', 0]);
    expect(told(said('abU'), 3, 2, 3)).toEqual(['U', 0]);
  });

  test('fills what is left of its room from the oldest on, where the newest is too long', () => {
    const long = { role: 'tool', content: 'x'.repeat(400), toolCallId: 'c' } as const;
    expect(told([...said('Uab'), long, ...said('cd')], 5)).toEqual([`U a b -1:400 c d`, 400]);
    expect(told([...said('Uab'), long, ...said('cd')], 4)).toEqual([`U a -2:${A + 400} c d`, A + 400]);
    expect(told([...said('ab'), long], 3)).toEqual(['a b -1:400', 400]);
  });

  test('keeps the oldest, the prompt and the newest apart where there is no room between them', () => {
    const long = { role: 'tool', content: 'x'.repeat(400), toolCallId: 'c' } as const;
    expect(told([...said('a'), long, ...said('V'), long, ...said('c')], 3)).toEqual([
      'a -1:400 V -1:400 c',
      800,
    ]);
  });

  test('has no room less for messages that say nothing', () => {
    const silent = { role: 'assistant', content: '' } as const;
    expect(told([...said('a'), silent, ...said('b'), silent, ...said('c')], 3)).toEqual(['a b c', 0]);
  });

  test('leaves out a prompt that is longer than all the room', () => {
    const long = { role: 'user', content: 'x'.repeat(700) } as const;
    const gate = gateOf({ maxContentBytes: 700 }, 1_000_000);
    // Of a turn of very many spans one message may have as much as one whole input: 2 KiB.
    expect(gate.inputBytes).toBe(2048);
    const huge = { role: 'user', content: 'x'.repeat(3000) } as const;
    const crowded = gateOf({ maxContentBytes: 65_536 }, 1_000_000);
    expect(new Conversation([huge], crowded).slice(0, 1)).toBe(
      '[{"role":"system","content":"[… 1 earlier messages of this turn, 3000 bytes, left out by mlflow-codex …]"}]',
    );
    // It was not prepared first: nothing was cut from it.
    expect(crowded.cutBytes).toBe(3000);
    expect(new Conversation([long], gate).slice(0, 1)).toBe(JSON.stringify([long]));
  });

  test.each([
    [
      'thoughts',
      { role: 'assistant', content: '', reasoning: 'b' },
      '[{"role":"assistant","content":"","reasoning":"b"}]',
    ],
    [
      'a call',
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'look', arguments: '{}' }] },
      '[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]}]',
    ],
    [
      'an empty result',
      { role: 'tool', content: '', toolCallId: 'c' },
      '[{"role":"tool","content":"","tool_call_id":"c"}]',
    ],
    ['nothing, as a response of which only the tokens are known', { role: 'assistant', content: '' }, '[]'],
    ['empty thoughts', { role: 'assistant', content: '', reasoning: '' }, '[]'],
    ['nothing, as an empty prompt', { role: 'user', content: '' }, '[]'],
  ] as [string, ChatMessage, string][])('holds a message of %s', (_, only, json) => {
    expect(new Conversation([only], gateOf()).slice(0, 1)).toBe(json);
  });

  test('counts of what it leaves out the thoughts and the arguments too, and no message that says nothing', () => {
    const silent = { role: 'assistant', content: '' } as const;
    const thoughtful = {
      role: 'assistant',
      content: 'x'.repeat(50),
      reasoning: 'y'.repeat(60),
      toolCalls: [
        { id: 'c', name: 'look', arguments: '{"a":"é"}' },
        { id: 'd', name: 'look', arguments: '{}' },
      ],
    } as const;
    expect(told([...said('U'), silent, thoughtful, silent, ...said('a')], 2)).toEqual([`U -1:122 a`, 122]);
    expect(told([...said('U'), silent, silent, ...said('a')], 2)).toEqual(['U a', 0]);
  });

  test('does not keep a prompt that says nothing before others', () => {
    const empty = { role: 'user', content: '' } as const;
    expect(told([...said('Uab'), empty, ...said('cd')], 2)).toEqual([`U -3:${3 * A} d`, 3 * A]);
  });

  test('is prepared again once four MiB of others were', () => {
    const messages = Array.from(
      { length: 66 },
      () => ({ role: 'user', content: 'x'.repeat(70_000) }) as const,
    );
    const gate = gateOf();
    const conversation = new Conversation(messages, gate);
    /** Whether the text of this message had to be cut for it. */
    const isPrepared = (index: number) => {
      const before = gate.cutBytes;
      conversation.slice(index, index + 1);
      return gate.cutBytes > before;
    };
    // Cut to 64 KiB, 64 of them are more than 4 MiB, and 63 are less.
    for (let index = 0; index < 64; index++) expect(isPrepared(index)).toBe(true);
    expect([isPrepared(0), isPrepared(63)]).toEqual([false, false]);
    expect([isPrepared(64), isPrepared(64), isPrepared(0), isPrepared(64), isPrepared(0)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  test('is prepared once for all responses that read it, and each time counted as cut', () => {
    const gate = gateOf({ maxContentBytes: 1000 });
    const conversation = new Conversation([{ role: 'user', content: 'x'.repeat(1500) }], gate);
    const first = conversation.slice(0, 1);
    const cut = gate.cutBytes;
    expect(cut).toBeGreaterThan(500);
    expect(conversation.slice(0, 1)).toBe(first);
    expect(gate.cutBytes).toBe(cut);
  });
});
