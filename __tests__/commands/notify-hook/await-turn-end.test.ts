import { linkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { NotifyPayload } from '../../../src/codex/notify-payload.js';
import { awaitTurnEnd } from '../../../src/commands/notify-hook/await-turn-end.js';
import type { ThreadFile } from '../../support/delivery-thread.js';
import { home } from '../../support/test-home.js';

/** No test waits for so long. */
const LONG_MS = 600_000;
const payload = (threadId: string, more: Partial<NotifyPayload> = {}): NotifyPayload => ({
  threadId,
  inputMessages: [],
  ...more,
});
const wait = (told: NotifyPayload, waitMs = LONG_MS) => awaitTurnEnd(home.codexHome, told, waitMs);

/** Ends a turn a little later. @returns whether that was done */
function endLater(thread: ThreadFile, turnId: string): () => boolean {
  let isDone = false;
  setTimeout(() => {
    thread.end(turnId, 'complete');
    isDone = true;
  }, 30);
  return () => isDone;
}

describe('the end of a turn', () => {
  test('is waited for where it is not written yet, in a recording that is found or named', async () => {
    for (const isNamed of [false, true]) {
      const thread = home.thread();
      const turnId = thread.begin();
      const isDone = endLater(thread, turnId);
      const named = isNamed ? { recording: thread.path } : {};
      await wait(payload(isNamed ? 'unknown' : thread.threadId, { turnId, ...named }));
      expect(isDone()).toBe(true);
    }
  });

  test('is not waited for where it is written, though another turn goes on', async () => {
    const thread = home.thread();
    const turnId = thread.turn();
    thread.begin();
    await wait(payload(thread.threadId, { turnId }));
  });

  test('is not waited for where nothing tells which turn it is, or where nothing is recorded', async () => {
    const thread = home.thread();
    thread.begin();
    await wait(payload(thread.threadId));
    await wait(payload(thread.threadId, { turnId: '0' }));
    await wait(payload('01a2106f-04b1-75d3-abf7-1a312e155fb5', { turnId: 'u' }));
  });

  test('is waited for no longer than there is time, also where the recording cannot be read', async () => {
    const thread = home.thread();
    await wait(payload(thread.threadId, { turnId: thread.begin() }), 20);
    const recording = path.join(home.codexHome, 'not-there.jsonl');
    await wait(payload(thread.threadId, { turnId: 'u', recording }), 20);
    await wait(payload(thread.threadId, { isSessionEnd: true, recording }), 20);
  });

  test('is waited for by a recording that can be read only later', async () => {
    const other = home.thread();
    const turnId = other.turn();
    const recording = path.join(home.codexHome, 'later.jsonl');
    let isThere = false;
    setTimeout(() => {
      isThere = true;
      linkSync(other.path, recording);
    }, 30);
    await wait(payload(other.threadId, { turnId, recording }));
    expect(isThere).toBe(true);
  });
});

describe('at a session’s end', () => {
  test('the last turn’s end is waited for, whichever it is', async () => {
    const thread = home.thread();
    const isDone = endLater(thread, thread.begin());
    await wait(payload(thread.threadId, { isSessionEnd: true }));
    expect(isDone()).toBe(true);
    await wait(payload(thread.threadId, { isSessionEnd: true }));
  });

  test('the named turn’s end is waited for where one is named', async () => {
    const thread = home.thread();
    thread.turn();
    const turnId = thread.begin();
    const isDone = endLater(thread, turnId);
    await wait(payload(thread.threadId, { turnId, isSessionEnd: true }));
    expect(isDone()).toBe(true);
  });
});
