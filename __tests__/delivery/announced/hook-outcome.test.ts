import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type HookOutcome, hookOutcome } from '../../../src/delivery/announced/hook-outcome.js';
import type { Drained, ThreadOutcome } from '../../../src/delivery/run/thread-outcome.js';
import type { TurnReport } from '../../../src/delivery/run/turn-report.js';
import { newState, type ThreadState, type TurnEntry } from '../../../src/delivery/store/thread-state.js';
import { home } from '../../support/test-home.js';

/** What the log says of an announced turn, from what was done. */

const turnId = '01a21080-0000-7000-8000-00000000000f';
const MAIL = '/none/mail.json';
const HERE = { file: 't', start: 20 };

interface Scene {
  readonly reports?: readonly Partial<TurnReport>[];
  readonly turnId?: string | undefined;
}

function outcomeOf(outcome: ThreadOutcome, scene: Scene = {}): Promise<HookOutcome> {
  const run = home.run();
  for (const report of scene.reports ?? [])
    run.report({ threadId: 't', turnId, at: HERE, outcome: 'sent', ms: 1, ...report } as TurnReport);
  const announced = { threadId: 't', atMs: 0, mail: MAIL, ...('turnId' in scene ? scene : { turnId }) };
  return hookOutcome(run, announced as Parameters<typeof hookOutcome>[1], outcome);
}

function drained(more: Partial<Drained> & { at?: typeof HERE | undefined } = {}): Drained {
  const { at = HERE, ...rest } = more;
  return {
    kind: 'drained',
    state: state(),
    sent: 0,
    rejected: 0,
    lost: 0,
    imported: 0,
    isLive: false,
    agents: [],
    sinceMs: Number.POSITIVE_INFINITY,
    located: new Map('at' in more && !more.at ? [] : [[MAIL, at]]),
    ...rest,
  };
}

/** A thread whose turns before the thirtieth byte are dealt with, and which begins at the tenth. */
function state(more: Partial<ThreadState> = {}): ThreadState {
  return { ...newState('t', { file: 't', start: 10 }), files: { t: { cursor: 30 } }, ...more };
}

const withEntry = (entry: Partial<TurnEntry>) =>
  drained({ state: state({ turns: [{ ...HERE, turnId, status: 'retry', ...entry }] }) });

describe('of a thread that was not drained, the log says', () => {
  test.each<[ThreadOutcome, HookOutcome]>([
    [{ kind: 'busy' }, { outcome: 'pending', detail: 'left to another hook at work on this thread' }],
    [{ kind: 'unannounced' }, { outcome: 'pending', detail: 'the turn is not in its recording yet' }],
    [
      { kind: 'segment', threadId: 'x' },
      { outcome: 'pending', detail: 'the turn is not in its recording yet' },
    ],
    [
      { kind: 'skipped', why: 'disabled', reason: 'the reason', hasPending: true },
      { outcome: 'untraced', detail: 'the reason' },
    ],
    [
      { kind: 'elsewhere', hasPending: true },
      { outcome: 'pending', detail: 'left to a hook with the same MLFLOW_TRACKING_URI' },
    ],
    [{ kind: 'no recording' }, { outcome: 'problem', detail: 'the recording of this thread is gone' }],
    [
      { kind: 'not saved', reason: 'the reason' },
      { outcome: 'pending', detail: 'the reason' },
    ],
    [
      { kind: 'failed', reason: 'EIO', file: '/f' },
      { outcome: 'problem', detail: 'EIO' },
    ],
  ])('%j: %j', async (outcome, expected) => {
    expect(await outcomeOf(outcome)).toEqual(expected);
  });
});

describe('of a turn that was not tried in this run, the log says what is remembered', () => {
  test.each<[string, Drained, HookOutcome]>([
    ['it was sent', drained(), { outcome: 'sent', detail: 'sent before' }],
    [
      'it was passed by',
      withEntry({ status: 'skipped' }),
      { outcome: 'untraced', detail: 'the folder the turn was had in is not traced' },
    ],
    [
      'it was passed by for a reason',
      withEntry({ status: 'skipped', message: 'not of the share' }),
      { outcome: 'untraced', detail: 'not of the share' },
    ],
    ['it was refused', withEntry({ status: 'rejected' }), { outcome: 'rejected', detail: 'refused before' }],
    ['it was given up', withEntry({ status: 'lost' }), { outcome: 'lost', detail: 'given up before' }],
    [
      'it waits behind others',
      withEntry({ status: 'enqueued' }),
      { outcome: 'pending', detail: 'the turn was not come to' },
    ],
    [
      'it goes on',
      { ...withEntry({ status: 'enqueued' }), isLive: true },
      { outcome: 'pending', detail: 'the turn has not ended yet' },
    ],
    [
      'the server is down',
      { ...withEntry({ status: 'retry' }), isLive: true, pending: '503' },
      { outcome: 'pending', detail: '503' },
    ],
    [
      'it is still to be read',
      drained({ at: { file: 't', start: 30 } }),
      { outcome: 'pending', detail: 'the turn was not come to' },
    ],
    [
      'it lies before the thread’s first',
      drained({ at: { file: 't', start: 0 } }),
      { outcome: 'pending', detail: 'the turn was not come to' },
    ],
  ])('%s', async (_, outcome, expected) => {
    expect(await outcomeOf(outcome)).toEqual(expected);
  });
});

describe('of a turn that is in no recording, the log says', () => {
  const lost = (more: Partial<TurnEntry>): Drained =>
    drained({
      at: undefined,
      state: state({ turns: [{ file: 'none', start: 0, status: 'lost', ...more } as TurnEntry] }),
    });
  const waits = { outcome: 'pending', detail: 'the turn is not in its recording yet' };

  test.each<[string, Drained, object]>([
    ['that it is not there yet', drained({ at: undefined }), waits],
    [
      'why it was given up',
      lost({ turnId, message: 'no recording has it' }),
      { outcome: 'lost', detail: 'no recording has it' },
    ],
    ['that it was given up', lost({ turnId }), { outcome: 'lost', detail: 'given up before' }],
    ['nothing of another turn', lost({ turnId: 'x' }), waits],
    ['nothing of one that waits', lost({ turnId, status: 'enqueued' }), waits],
  ])('%s', async (_, outcome, expected) => {
    expect(await outcomeOf(outcome)).toEqual(expected);
  });

  test('nothing of a lost turn without an id where its own has none either', async () => {
    expect(await outcomeOf(lost({}), { turnId: undefined })).toEqual(waits);
  });
});

describe('of a turn that was tried in this run, the log says what came of it', () => {
  test.each<[string, Partial<TurnReport>, HookOutcome]>([
    ['it was sent', {}, { outcome: 'sent' }],
    ['it waits', { outcome: 'pending', detail: '503' }, { outcome: 'pending', detail: '503' }],
    [
      'something was left out',
      { detail: 'all content left out', isReduced: true },
      { outcome: 'sent', detail: 'all content left out', isReduced: true },
    ],
  ])('%s', async (_, report, expected) => {
    expect(await outcomeOf(withEntry({}), { reports: [report] })).toEqual(expected);
  });

  test('last', async () => {
    const reports = [
      { outcome: 'pending' as const, detail: '503' },
      { outcome: 'rejected' as const, detail: '400' },
    ];
    expect(await outcomeOf(drained(), { reports })).toEqual({ outcome: 'rejected', detail: '400' });
  });

  const others = { outcome: 'pending' as const, detail: 'another’s' };
  test.each<[string, Partial<TurnReport>]>([
    ['in another thread', { threadId: 'u' }],
    ['in another file', { at: { file: 'u', start: 20 } }],
    ['at another place', { at: { file: 't', start: 0 } }],
  ])('and nothing of one %s', async (_, more) => {
    expect(await outcomeOf(drained(), { reports: [{ ...others, ...more }] })).toEqual({
      outcome: 'sent',
      detail: 'sent before',
    });
  });

  test.each<[string, Scene, HookOutcome]>([
    ['by its id, where its place is not known', { reports: [others] }, others],
    [
      'and nothing of one with another id',
      { reports: [{ ...others, turnId: 'x' }] },
      { outcome: 'pending', detail: 'left to another hook at work on this thread' },
    ],
    [
      'and nothing of one of another thread with its id',
      { reports: [{ ...others, threadId: 'u' }] },
      { outcome: 'pending', detail: 'left to another hook at work on this thread' },
    ],
    [
      'but not by an id that many have (Codex up to 0.80)',
      { turnId: '0', reports: [{ ...others, turnId: '0' }] },
      { outcome: 'pending', detail: 'left to another hook at work on this thread' },
    ],
  ])('%s', async (_, scene, expected) => {
    expect(await outcomeOf({ kind: 'busy' }, scene)).toEqual(expected);
  });
});

describe('a turn whose announcement another process has taken up before', () => {
  const sentTurn = async () => {
    const thread = home.thread();
    const id = thread.turn();
    await home.hook(thread.payload(id));
    const outcome = { ...drained({ at: undefined }), state: home.state(thread.threadId) };
    const mail = path.join(home.stateDir, 'mail.json');
    return { outcome, mail, announced: { threadId: thread.threadId, turnId: id, atMs: 0, mail } };
  };

  test('is looked up in its recording, and is sent where that says so', async () => {
    const { announced, outcome } = await sentTurn();
    expect(await hookOutcome(home.run(), announced, outcome)).toEqual({
      outcome: 'sent',
      detail: 'sent before',
    });
  });

  test('is not while its announcement is still there, nor where nothing is recorded', async () => {
    const { announced, outcome, mail } = await sentTurn();
    const waits = { outcome: 'pending', detail: 'the turn is not in its recording yet' };
    const unknown = { ...announced, threadId: '01a21080-0000-7000-8000-000000000001' };
    expect(await hookOutcome(home.run(), unknown, outcome)).toEqual(waits);
    writeFileSync(mail, '{}');
    expect(await hookOutcome(home.run(), announced, outcome)).toEqual(waits);
  });
});
