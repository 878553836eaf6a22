import { describe, expect, test } from '@jest/globals';
import { PassState, UNWRITABLE } from '../../../src/delivery/run/pass-state.js';
import { newState, type ThreadState } from '../../../src/delivery/store/thread-state.js';
import { deliveryDesk } from '../../support/delivery-desk.js';
import { paperContent } from '../../support/paper-thread.js';

/** When a thread's state is written, and what a pass has to tell in the end. */

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const thread: ThreadState = newState('t', { file: 't', start: 0 });
const since = '2026-01-01T00:00:00.000Z';
const store = async () => (await deliveryDesk()).store;

describe('a state', () => {
  test('is written where there is none, or another one', async () => {
    const target = await store();
    const pass = new PassState(target, thread, undefined);
    expect([pass.saveChanges(), target.saves]).toEqual([true, 1]);
    expect([pass.saveChanges(), target.saves]).toEqual([true, 1]);
    pass.settle({ file: 't', start: 0, end: 10 }, { status: 'delivered' });
    expect([pass.saveChanges(), target.saves]).toEqual([true, 2]);
    expect(target.load('t')).toEqual({ kind: 'state', state: pass.thread });
  });

  test('is not written where it says what is stored', async () => {
    const target = await store();
    const pass = new PassState(target, { ...thread }, thread);
    expect([pass.saveChanges(), target.saves]).toEqual([true, 0]);
    // That it could be, is tried before anything is sent; once is enough.
    expect([pass.canSave(), pass.canSave(), target.saves]).toEqual([true, true, 1]);
  });

  test('that cannot be written is none', async () => {
    const target = await store();
    target.takes = 0;
    const pass = new PassState(target, thread, undefined);
    expect([pass.save(), pass.saveChanges(), pass.canSave()]).toEqual([false, false, false]);
    target.takes = 1;
    expect([pass.canSave(), pass.saveChanges(), target.saves]).toEqual([true, true, 1]);
  });
});

describe('why turns wait', () => {
  test('is noted at once, with the time since when they do', async () => {
    const target = await store();
    const pass = new PassState(target, thread, thread);
    expect(pass.wait(UNWRITABLE)).toBe(false);
    const waiting = {
      since: expect.stringMatching(TIME),
      reason: 'the state folder cannot be written',
      blocked: true,
    };
    expect(target.load('t')).toEqual({ kind: 'state', state: { ...thread, waiting } });
    expect(pass.result().pending).toBe('the state folder cannot be written');
  });

  test('keeps the time of the first reason', async () => {
    const waiting = { since, reason: '401', blocked: true };
    const pass = new PassState(await store(), { ...thread, waiting }, undefined);
    pass.note({ reason: '503', blocked: false });
    expect(pass.thread.waiting).toEqual({ since, reason: '503', blocked: false });
  });

  test('is said in the end, also where something was sent after it', async () => {
    const target = await store();
    const pass = new PassState(target, thread, thread);
    pass.note({ reason: '503', blocked: false });
    pass.settle({ file: 't', start: 0, end: 10 }, { status: 'delivered' });
    expect(pass.thread).not.toHaveProperty('waiting');
    pass.finish();
    expect(pass.thread.waiting).toMatchObject({ reason: '503', blocked: false });
    expect(target).toMatchObject({ saves: 1, finished: 1 });
  });

  test('is taken away in the end where nothing waits any more', async () => {
    const target = await store();
    const waiting = { since, reason: '401', blocked: true };
    const known = { ...thread, waiting };
    const pass = new PassState(target, known, known);
    pass.finish();
    expect(target.load('t')).toEqual({ kind: 'state', state: thread });
    expect(pass.result()).not.toHaveProperty('pending');
  });
});

test('a state is put in one piece in the end where it could be written, and a failure of that is none', async () => {
  const target = await store();
  target.takes = 0;
  new PassState(target, thread, undefined).finish();
  expect(target.finished).toBe(0);
  target.takes = 5;
  target.finish = () => {
    throw new Error('EROFS');
  };
  const pass = new PassState(target, thread, undefined);
  pass.finish();
  expect(pass.result().kind).toBe('drained');
});

test('a pass tells what it has done', async () => {
  const pass = new PassState(await store(), thread, thread);
  const agents = (agentThreadId: string) => [{ callId: 'c', agentThreadId, timeMs: 1 }];
  expect(pass.result()).toEqual({
    kind: 'drained',
    state: thread,
    sent: 0,
    rejected: 0,
    lost: 0,
    imported: 0,
    isLive: false,
    agents: [],
    sinceMs: Number.POSITIVE_INFINITY,
  });
  pass.countSent(paperContent('a', { subAgents: agents('one'), startMs: 900 }));
  pass.countSent(paperContent('b', { subAgents: agents('two'), startMs: 700 }));
  pass.countSent(paperContent('c', { startMs: 800 }));
  pass.isLive = true;
  pass.lose({ file: 't', start: 5, turnId: 'x', status: 'retry', client: 'an-editor' });
  expect(pass.result()).toEqual({
    kind: 'drained',
    state: pass.thread,
    sent: 3,
    rejected: 0,
    lost: 1,
    imported: 0,
    isLive: true,
    agents: [...agents('one'), ...agents('two')],
    sinceMs: 700,
  });
  expect(pass.thread).toEqual({
    ...thread,
    // Of a turn that is gone nobody knows the end.
    files: { t: { cursor: 5 } },
    turns: [
      {
        file: 't',
        start: 5,
        turnId: 'x',
        status: 'lost',
        message: 'the turn is no longer in the recording',
        at: expect.stringMatching(TIME),
      },
    ],
  });
});
