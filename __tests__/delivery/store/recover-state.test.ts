import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder } from '../../../scripts/lab/temporary-folder.mjs';
import { appendLog, type LogEntry } from '../../../src/delivery/store/journal.js';
import { rebuildSent, rebuildState, wasSent } from '../../../src/delivery/store/recover-state.js';
import { cursorOf } from '../../../src/delivery/store/thread-state.js';
import { removeFolder } from '../../support/remove-folder.js';

/** A thread's state that is made anew of its recording and of what the log says. */

let stateDir: string;
beforeEach(async () => {
  stateDir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(stateDir));

const IDS = ['a', 'b', 'c', 'd'].map((letter) => `0199a000-0000-7000-8000-00000000000${letter}`);
const [A, B, C, D] = IDS as [string, string, string, string];

/** A recording of four turns of ten bytes each, of which the last may be going on. */
function recording({ isOver = true, ids = IDS as readonly (string | undefined)[] } = {}) {
  const turns = ids.map((turnId, index) => ({
    turnId,
    file: 't',
    start: index * 10,
    end: index * 10 + 10,
    isOver: isOver || index < ids.length - 1,
    ...(index === 1 && { total: 500 }),
  }));
  return {
    threadId: 't',
    async *turns() {
      yield* turns;
    },
  };
}

function log(turn: string, outcome: string, more: Partial<LogEntry> = {}): void {
  const entry = { time: '2026-05-05T12:00:00.000Z', thread: 't', turn, ms: 1, ...more };
  appendLog(stateDir, { ...entry, outcome: outcome as LogEntry['outcome'] });
}

describe('a damaged state', () => {
  test('is of no use where the log knows nothing of the thread: it begins as a new one', async () => {
    log(A, 'sent', { thread: 'other' });
    log(B, 'untraced');
    expect(await rebuildState(stateDir, recording())).toBeUndefined();
  });

  test('begins with the first turn that the log tells of: what was sent is, all later ones are to be', async () => {
    log(B, 'pending');
    log(C, 'sent');
    const state = await rebuildState(stateDir, recording());
    expect(state).toMatchObject({ origin: { file: 't', start: 10 }, delivered: 1 });
    expect(state && cursorOf(state, 't')).toMatchObject({ cursor: 40 });
    expect(state?.turns).toMatchObject([
      { turnId: B, start: 10, status: 'enqueued', total: 500 },
      { turnId: D, start: 30, status: 'enqueued' },
    ]);
  });

  test('keeps that a server refused a turn, with its answer', async () => {
    log(A, 'sent');
    log(B, 'rejected', { detail: '422' });
    log(C, 'refused', { detail: 'no status' });
    const state = await rebuildState(stateDir, recording());
    const refused = {
      file: 't',
      status: 'rejected',
      at: '2026-05-05T12:00:00.000Z',
      message: 'refused before the state was lost',
    };
    expect(state?.turns).toStrictEqual([
      { turnId: B, start: 10, total: 500, ...refused, httpStatus: 422 },
      { turnId: C, start: 20, ...refused },
      { turnId: D, file: 't', start: 30, status: 'enqueued' },
    ]);
  });

  test('keeps of a refusal no more than the log says', async () => {
    log(A, 'sent');
    log(B, 'rejected');
    log(C, 'rejected', { detail: '4220 bytes' });
    log(D, 'rejected', { detail: 'sync: 413' });
    const state = await rebuildState(stateDir, recording());
    expect(state?.turns.map(({ turnId, httpStatus }) => [turnId, httpStatus])).toStrictEqual([
      [B, undefined],
      [C, undefined],
      [D, 413],
    ]);
  });

  test('is not made of lines that name no turn', async () => {
    appendLog(stateDir, { time: '2026-05-05T12:00:00.000Z', thread: 't', ms: 1, outcome: 'sent' });
    expect(await rebuildState(stateDir, recording({ ids: [undefined, B] }))).toBeUndefined();
  });

  test('is read from the beginning of every file', async () => {
    log(A, 'sent');
    const asked: unknown[] = [];
    const { turns, threadId } = recording();
    await rebuildState(stateDir, {
      threadId,
      turns: (cursorIn) => {
        asked.push(cursorIn());
        return turns();
      },
    });
    expect(asked).toStrictEqual([{ cursor: 0 }]);
  });

  test('takes a turn that was refused and then sent for sent', async () => {
    log(A, 'rejected', { detail: '400' });
    log(A, 'sent');
    expect(await rebuildState(stateDir, recording())).toMatchObject({ delivered: 1 });
  });

  test('leaves a turn that may be going on to be read from the cursor on', async () => {
    log(A, 'sent');
    const state = await rebuildState(stateDir, recording({ isOver: false }));
    expect(state && cursorOf(state, 't')).toMatchObject({ cursor: 30 });
    expect(state?.turns.map(({ turnId }) => turnId)).toEqual([B, C]);
  });

  test('passes a last turn that was sent, though nothing tells of its end', async () => {
    log(D, 'sent');
    const state = await rebuildState(stateDir, recording({ isOver: false }));
    expect(state && cursorOf(state, 't')).toMatchObject({ cursor: 40 });
  });

  test('begins with no turn that has no id, and wants one that comes later', async () => {
    log(B, 'sent');
    const state = await rebuildState(stateDir, recording({ ids: [undefined, B, undefined, D] }));
    expect(state).toMatchObject({ origin: { file: 't', start: 10 }, delivered: 1 });
    expect(state?.turns.map(({ start, status }) => [start, status])).toEqual([
      [20, 'enqueued'],
      [30, 'enqueued'],
    ]);
  });

  test('is made of what a log of state version 1 says, too', async () => {
    log(C, 'owed');
    expect(await rebuildState(stateDir, recording())).toMatchObject({ origin: { start: 20 } });
  });
});

describe('a state that is not there', () => {
  test('is made anew only where the log says that a turn was sent', async () => {
    log(A, 'pending');
    log(B, 'rejected');
    expect(await rebuildSent(stateDir, recording())).toBeUndefined();
    log(B, 'sent');
    expect(await rebuildSent(stateDir, recording())).toMatchObject({ origin: { start: 0 }, delivered: 1 });
  });

  test('is not made of an id that does not tell turns apart (Codex up to 0.80)', async () => {
    log('0', 'sent');
    expect(await rebuildSent(stateDir, recording({ ids: ['0', '0'] }))).toBeUndefined();
  });
});

test.each([
  ['of that thread and id', 't', A, true],
  ['of another thread', 'u', A, false],
  ['that was put off', 't', B, false],
  ['without an id', 't', undefined, false],
  ['of an id that is no one turn’s', 't', '0', false],
])('whether the log says that a turn %s was sent', (_, thread, turn, expected) => {
  log(A, 'sent');
  log(B, 'pending');
  log('0', 'sent');
  expect(wasSent(stateDir, thread, turn)).toBe(expected);
});
