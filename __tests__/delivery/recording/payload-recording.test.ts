import { describe, expect, test } from '@jest/globals';
import type { NotifyPayload } from '../../../src/codex/notify-payload.js';
import { payloadRecording } from '../../../src/delivery/recording/payload-recording.js';
import { newState } from '../../../src/delivery/store/thread-state.js';

/** An id that was made 500 ms after the epoch. */
const turnId = '00000000-01f4-7000-8000-000000000000';
const payload = (more: object = {}) =>
  ({
    threadId: 't',
    turnId,
    cwd: '/a',
    inputMessages: ['one', 'two'],
    lastAssistantMessage: 'done',
    ...more,
  }) as NotifyPayload;
const recordingOf = (more: object = {}, endMs = 900) => payloadRecording(payload(more), endMs);
const turnOf = async (...made: Parameters<typeof recordingOf>) =>
  (await recordingOf(...made).turnById('x'))?.assemble([]);
async function turns(cursor: number | undefined) {
  const found = [];
  const cursorIn = () => (cursor === undefined ? undefined : { cursor });
  for await (const turn of recordingOf().turns(cursorIn)) found.push(turn);
  return found;
}

describe('a turn that nothing records', () => {
  test('is its last prompt, its answer and one response between', async () => {
    expect(await turnOf()).toStrictEqual({
      threadId: 't',
      turnId,
      cwd: '/a',
      startMs: 500,
      endMs: 900,
      outcome: 'completed',
      prompts: ['two'],
      answer: 'done',
      transcript: [
        { role: 'user', content: 'two' },
        { role: 'assistant', content: 'done' },
      ],
      modelCalls: [
        {
          key: 'response 0',
          purpose: 'response',
          outcome: 'completed',
          startMs: 500,
          endMs: 900,
          inputFrom: 0,
          inputTo: 1,
          output: { role: 'assistant', content: 'done' },
        },
      ],
      toolCalls: [],
      subAgents: [],
      foreignTurnIds: [],
      skippedLines: 0,
      unrecorded: true,
    });
  });

  test('begins no later than it was announced', async () => {
    expect(await turnOf({}, 300)).toMatchObject({ startMs: 300, endMs: 300 });
    expect(await turnOf({ turnId: undefined })).toMatchObject({ startMs: 900, endMs: 900 });
  });

  test('may lack everything', async () => {
    const bare = { turnId: undefined, cwd: undefined, inputMessages: [], lastAssistantMessage: undefined };
    const times = { startMs: 900, endMs: 900 };
    const response = {
      key: 'response 0',
      purpose: 'response',
      outcome: 'completed',
      inputFrom: 0,
      inputTo: 0,
    };
    expect(await turnOf(bare)).toStrictEqual({
      threadId: 't',
      ...times,
      outcome: 'completed',
      prompts: [],
      transcript: [],
      modelCalls: [{ ...response, ...times }],
      toolCalls: [],
      subAgents: [],
      foreignTurnIds: [],
      skippedLines: 0,
      unrecorded: true,
    });
  });

  test('may have a prompt without an answer, or an answer without a prompt', async () => {
    expect(await turnOf({ lastAssistantMessage: undefined })).toMatchObject({
      transcript: [{ role: 'user', content: 'two' }],
      modelCalls: [{ inputTo: 1 }],
    });
    const unasked = await turnOf({ inputMessages: [] });
    const output = { role: 'assistant', content: 'done' };
    expect(unasked).toMatchObject({
      prompts: [],
      transcript: [output],
      modelCalls: [{ inputTo: 0, output }],
    });
  });
});

describe('the recording in its place', () => {
  test('has this one turn, until the cursor is behind it', async () => {
    expect(await turns(0)).toStrictEqual([
      {
        file: 't',
        start: 0,
        end: 1,
        turnId,
        meta: undefined,
        isOver: true,
        started: true,
        isAbandoned: expect.any(Function),
        assemble: expect.any(Function),
      },
    ]);
    expect(await turns(1)).toEqual([]);
    expect(await turns(undefined)).toEqual([]);
  });

  test('finds it by its place, and has nothing else', async () => {
    const recording = recordingOf();
    expect([recording.threadId, recording.files]).toEqual(['t', ['t']]);
    expect(await recording.turnAt({ file: 't', start: 0 })).toBeDefined();
    expect(await recording.turnAt({ file: 't', start: 5 })).toBeUndefined();
    expect(await (await recording.turnById('x'))?.isAbandoned(0)).toBe(true);
    expect(await recording.firstLine()).toBeUndefined();
    expect(await recording.lateItemAt({ file: 't', start: 0 })).toBeUndefined();
    expect(await recording.locate({ threadId: 't', atMs: 0 }, undefined)).toEqual({ file: 't', start: 0 });
    expect(await recording.fits(newState('t', { file: 't', start: 0 }))).toBe(true);
  });
});
