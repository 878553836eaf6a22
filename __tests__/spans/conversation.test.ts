import { describe, expect, test } from '@jest/globals';
import { Conversation } from '../../src/spans/chat-json.js';
import { ContentGate } from '../../src/spans/content.js';
import type { ChatMessage } from '../../src/turn/turn.js';
import { preparedTurns, recording } from '../turn/recordings.js';
import { spansOf } from './made-up-turn.js';

/** Room for four of these messages: each is 1000 bytes and what JSON puts around it. */
const gate = () => new ContentGate({ mode: 'full', redactor: undefined, maxContentBytes: 1100 }, 1);
const long = (role: ChatMessage['role'], mark: string): ChatMessage => ({
  role,
  content: mark.padEnd(1000, '.'),
});

function told(messages: readonly ChatMessage[], opened = gate()) {
  const json = new Conversation(messages, opened).slice(0, messages.length);
  const kept = (JSON.parse(json) as { role: string; content: string }[]).map(({ content }) =>
    content.replace(/\.+$/, ''),
  );
  return { kept, cutBytes: opened.cutBytes };
}

describe('a request that was told more than one input holds', () => {
  test('keeps what the user said last, though it stands in the middle of what there is no room for', () => {
    const messages = [
      long('user', 'prompt'),
      ...['a', 'b', 'c'].map((mark) => long('assistant', mark)),
      long('user', 'steering'),
      ...['d', 'e', 'f', 'g'].map((mark) => long('assistant', mark)),
    ];
    const { kept } = told(messages);
    expect(kept).toContain('steering');
    expect(kept.at(-1)).toBe('g');
    expect(kept).toHaveLength(6);
  });

  test('counts to the byte what was said and is left out, as its notes do', () => {
    const messages = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((mark) => long('assistant', mark));
    const { kept, cutBytes } = told(messages);
    const notes = kept.flatMap(
      (content) => content.match(/(\d+) earlier messages of this turn, (\d+) bytes/) ?? [],
    );
    expect(notes.slice(1)).toEqual(['3', '3000']);
    expect(cutBytes).toBe(3000);
  });

  test('is told whole where there is room', () => {
    expect(told([long('user', 'prompt'), long('assistant', 'a')])).toEqual({
      kept: ['prompt', 'a'],
      cutBytes: 0,
    });
  });
});

test('the bytes cut from a turn are those that its marks name, every time a text is told', () => {
  const text = 'x'.repeat(5000);
  const spans = spansOf(
    [['response_item', { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }]],
    { prompt: text, answer: text, policy: { maxContentBytes: 1000 } },
  );
  const marks = [...JSON.stringify(spans).matchAll(/\[… (\d+) bytes cut/g)].map(([, bytes]) => Number(bytes));
  expect(marks).toHaveLength(4);
  expect(spans[0]?.attributes['codex.content.clipped_bytes']).toBe(
    marks.reduce((sum, bytes) => sum + bytes, 0),
  );
});

test.each(['0.140.0-classic', '0.169.0-classic', '0.169.0-code-mode'])(
  'a response that only let the provider search has stopped: nobody here answers it (%s)',
  async (version) => {
    const [turn] = await preparedTurns(recording(`${version}/web-search`));
    const [llm] = turn?.specs.filter(({ kind }) => kind === 'CLIENT') ?? [];
    expect(llm?.attributes['gen_ai.response.finish_reasons']).toEqual(['stop']);
  },
);

test('a response that calls a tool of Codex’s waits for it', async () => {
  const [turn] = await preparedTurns(recording('0.169.0-classic/shell'));
  const reasons = turn?.specs
    .filter(({ kind }) => kind === 'CLIENT')
    .map(({ attributes }) => attributes['gen_ai.response.finish_reasons']);
  expect(reasons).toEqual([['tool_calls'], ['stop']]);
});
