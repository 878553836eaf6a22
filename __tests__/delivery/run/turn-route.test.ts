import { describe, expect, test } from '@jest/globals';
import type { DeliveryRun } from '../../../src/delivery/run/delivery-run.js';
import { reportOf } from '../../../src/delivery/run/turn-report.js';
import { routeOfTurn } from '../../../src/delivery/run/turn-route.js';
import type { TurnOutcome } from '../../../src/delivery/sending/send-turn.js';
import { home } from '../../support/test-home.js';

/** Where one turn of a thread goes, and what is told of it. */

const THREADS = { kind: 'problem', detail: 'the thread’s' } as const;
const meta = (more: object) => ({ kind: 'session_meta', threadId: 't', timeMs: 1, ...more }) as const;

describe('a turn', () => {
  const routeOf = (turn: object, run: DeliveryRun = home.run()) =>
    routeOfTurn(run, turn as Parameters<typeof routeOfTurn>[1], THREADS);

  test('goes where its own folder says', async () => {
    const run = home.run();
    const route = await routeOf({ cwd: '/somewhere', meta: meta({}) }, run);
    expect(route).toBe(await run.route('/somewhere'));
    expect(route.kind).toBe('deliver');
  });

  test.each([
    ['it names no folder', { meta: meta({}) }],
    ['nothing is known of its session', {}],
    [
      'it is an agent’s',
      { cwd: '/somewhere', meta: meta({ parentThreadId: 'p', subagent: 'thread_spawn' }) },
    ],
    ['it is an agent’s of which no kind is told', { cwd: '/somewhere', meta: meta({ parentThreadId: 'p' }) }],
    ['it is a reviewer’s of Codex up to 0.80', { cwd: '/somewhere', meta: meta({ subagent: 'review' }) }],
    [
      'it is a reviewer’s of approvals',
      { cwd: '/a', meta: meta({ parentThreadId: 'p', subagent: 'guardian' }) },
    ],
  ])('goes where its thread goes where %s', async (_, turn) => {
    expect(await routeOf(turn)).toBe(THREADS);
  });

  test.each([
    ['another agent had it', { isImported: true, cwd: '/a' }, 'imported from another agent'],
    [
      'it is of Codex’s memory',
      { cwd: '/a', meta: meta({ subagent: 'memory' }) },
      'a helper of Codex, of no thread',
    ],
  ])('goes nowhere where %s', async (_, turn, detail) => {
    expect(await routeOf(turn)).toEqual({ kind: 'skip', outcome: 'untraced', detail });
  });
});

describe('of a turn that was tried', () => {
  const told = (outcome: Partial<TurnOutcome>, more: object = {}) =>
    reportOf(
      't',
      { file: 'u', start: 5, end: 9, turnId: 'a', ...more } as Parameters<typeof reportOf>[1],
      { refusals: 0, ...outcome } as TurnOutcome,
      12,
    );
  const base = { threadId: 't', turnId: 'a', at: { file: 'u', start: 5 }, ms: 12 };
  const sent = { kind: 'sent' } as const;
  const tool = { onlyItems: ['call'] };
  const { turnId: _, ...part } = base;
  const word = 'a tool of turn a that outlived it';

  test.each<[string, Partial<TurnOutcome>, object, object]>([
    ['it was sent', { result: sent }, {}, { ...base, outcome: 'sent' }],
    [
      'it was sent without something',
      { result: sent, note: 'cut', isReduced: true },
      {},
      { ...base, outcome: 'sent', detail: 'cut', isReduced: true },
    ],
    [
      'it was refused',
      { result: { kind: 'rejected', status: 413, message: 'what the server said' }, note: 'n' },
      {},
      { ...base, outcome: 'rejected', detail: '413' },
    ],
    [
      'it waits',
      { result: { kind: 'pending', reason: '503', blocked: false, step: 'uploading' } },
      {},
      { ...base, outcome: 'pending', detail: '503 while uploading' },
    ],
    ['a tool of it was sent', { result: sent }, tool, { ...part, outcome: 'sent', detail: word }],
    [
      'a tool of it was refused',
      { result: { kind: 'rejected', status: 413, message: '' } },
      tool,
      { ...part, outcome: 'rejected', detail: `${word}: 413` },
    ],
    ['it has no id', { result: sent }, { turnId: undefined }, { ...part, outcome: 'sent' }],
  ])('it is told that %s', (_, outcome, more, expected) => {
    expect(told(outcome, more)).toStrictEqual(expected);
  });
});
