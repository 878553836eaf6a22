import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSafeId, isTitleThread, parseNotifyPayload } from '../../src/codex/notify-payload.js';
import { recordings } from '../turn/recordings.js';

const complete = {
  type: 'agent-turn-complete',
  'thread-id': '01a21080-3806-71b0-8d3d-a41cbbfe89bc',
  'turn-id': '01a21080-3819-7922-9d4a-896f7354051c',
  cwd: '/home/dev/project',
  client: 'codex_exec',
  'input-messages': ['one', 'two'],
  'last-assistant-message': 'three',
};

describe('a payload of the notifier', () => {
  test('is read whole', () => {
    expect(parseNotifyPayload(JSON.stringify(complete))).toEqual({
      kind: 'turn',
      payload: {
        threadId: complete['thread-id'],
        turnId: complete['turn-id'],
        cwd: '/home/dev/project',
        client: 'codex_exec',
        inputMessages: ['one', 'two'],
        lastAssistantMessage: 'three',
      },
    });
  });

  test('of every recorded version is a turn of a recorded thread', () => {
    for (const { notify, rollouts } of recordings()) {
      for (const payload of notify) {
        const parsed = parseNotifyPayload(JSON.stringify(payload));
        expect(parsed.kind).toBe('turn');
        if (parsed.kind !== 'turn' || rollouts.length === 0) continue;
        const { threadId } = parsed.payload;
        expect(rollouts.filter((file) => file.includes(threadId))).not.toEqual([]);
      }
    }
  });

  test('needs no more than a thread', () => {
    const bare = { type: complete.type, 'thread-id': 'a', 'input-messages': null, cwd: '', 'turn-id': 7 };
    expect(parseNotifyPayload(JSON.stringify(bare))).toEqual({
      kind: 'turn',
      payload: { threadId: 'a', inputMessages: [] },
    });
  });

  test.each([
    ['something else that is announced', { ...complete, type: 'approval-requested' }, 'other'],
    ['no type', { ...complete, type: undefined }, 'other'],
    ['no thread', { ...complete, 'thread-id': '' }, 'malformed'],
    [
      'a thread that is a way out of our folder',
      { ...complete, 'thread-id': '../../etc/passwd' },
      'malformed',
    ],
    ['a thread with a zero byte', { ...complete, 'thread-id': 'a\u0000b' }, 'malformed'],
    ['a thread that is no text', { ...complete, 'thread-id': ['a'] }, 'malformed'],
    ['a list', [complete], 'malformed'],
    ['null', null, 'malformed'],
  ])('with %s is none of a turn', (_, payload, kind) => {
    expect(parseNotifyPayload(JSON.stringify(payload))).toMatchObject({ kind });
  });

  test('that is missing or no JSON is said to be so, without a word of its content', () => {
    expect(parseNotifyPayload(undefined)).toEqual({ kind: 'malformed', reason: 'no payload given' });
    expect(parseNotifyPayload('{"type":"agent-turn-complete","secret')).toEqual({
      kind: 'malformed',
      reason: 'payload of 37 characters is not JSON',
    });
  });

  test('of any text whatever is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['turn', 'other', 'malformed']).toContain(parseNotifyPayload(text).kind);
      }),
    );
  });
});

test('an id that may become a file name holds nothing but letters, digits, - and _', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      if (isSafeId(id)) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]*$/);
    }),
  );
  expect([isSafeId('a'.repeat(129)), isSafeId('-rf'), isSafeId('..')]).toEqual([false, false, false]);
});

describe("a title thread of Codex's own", () => {
  const payload = (...inputMessages: string[]) => ({ threadId: 'a', inputMessages });
  const asked =
    'Generate a concise, single-line task title for this prompt.\n\nUser prompt:\nrepair the cart';

  test('is known by its words', () => {
    expect(isTitleThread(payload(asked))).toBe(true);
  });

  test.each([
    ['a user who asks for a title', payload('Generate a concise, single-line title for my talk')],
    ['a user who quotes it', payload(`Why do you say "${asked}"?`)],
    ['a thread of several messages', payload(asked, 'and now?')],
    ['an agent', payload()],
  ])('is not %s', (_, other) => {
    expect(isTitleThread(other)).toBe(false);
  });
});
