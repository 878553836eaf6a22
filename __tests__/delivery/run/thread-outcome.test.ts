import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { bothPasses, type Drained, failedBy } from '../../../src/delivery/run/thread-outcome.js';
import { newState } from '../../../src/delivery/store/thread-state.js';

/** What two passes over a thread come to, and one that failed. */

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('two passes', () => {
  const at = (start: number) => ({ file: 't', start });
  const first: Drained = {
    kind: 'drained',
    state: newState('t', at(0)),
    sent: 1,
    rejected: 2,
    lost: 3,
    imported: 4,
    pending: '503',
    isLive: true,
    agents: [{ callId: 'c', agentThreadId: 'one', timeMs: 1 }],
    sinceMs: 700,
    located: new Map([['a', at(1)]]),
  };
  const { pending: _, ...rest } = first;
  const second: Drained = {
    ...rest,
    state: newState('t', at(5)),
    sent: 10,
    rejected: 20,
    lost: 30,
    imported: 40,
    isLive: false,
    agents: [{ callId: 'd', agentThreadId: 'two', timeMs: 2 }],
    sinceMs: 900,
    located: new Map([['b', at(2)]]),
  };

  test('have done what both have, and leave what the second leaves', () => {
    const both = {
      kind: 'drained',
      state: second.state,
      sent: 11,
      rejected: 22,
      lost: 33,
      imported: 44,
      isLive: false,
      agents: [...first.agents, ...second.agents],
      sinceMs: 700,
      located: new Map([
        ['a', at(1)],
        ['b', at(2)],
      ]),
    };
    expect(bothPasses(first, second)).toStrictEqual(both);
    expect(bothPasses(second, first)).toMatchObject({ pending: '503', isLive: true, sinceMs: 700 });
  });
});

describe('a pass that failed', () => {
  test.each<[string, unknown, object]>([
    [
      'the file, where Node names one',
      caught(() => readFileSync('/none/x')),
      { reason: 'the recording cannot be read (ENOENT)', file: '/none/x' },
    ],
    [
      'what was thrown',
      caught(() => (undefined as unknown as { x: unknown }).x),
      { reason: expect.stringMatching(/^internal error: TypeError at /) },
    ],
    [
      'no file that is none',
      Object.assign(new Error('x'), { code: 'EIO', path: 7 }),
      { reason: 'the recording cannot be read (EIO)' },
    ],
  ])('tells %s', (_, error, expected) => {
    expect(failedBy(error)).toStrictEqual({ kind: 'failed', ...expected });
  });

  test('tells something of nothing as well', () => {
    expect(failedBy(undefined)).toMatchObject({ kind: 'failed', reason: expect.any(String) });
    expect(failedBy(null)).not.toHaveProperty('file');
  });
});
