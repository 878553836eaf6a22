import { expect, test } from '@jest/globals';
import { oneTurnOf } from '../../../src/delivery/recording/one-turn.js';
import { isTurnOver } from '../../../src/delivery/recording/turn-end.js';
import { newState, type TurnEntry } from '../../../src/delivery/store/thread-state.js';
import { paperThread } from '../../support/paper-thread.js';

/** A recording as if it held one turn alone, and when a turn is over. */

const late = [{ file: 't', start: 12, end: 13, turnId: 'a', item: 'tool' }];
const whole = paperThread({ t: ['a', 'b', 'c'] }, late);
const one = oneTurnOf(whole, { file: 't', start: 10 });

async function idsFrom(cursor: number | undefined, at = { file: 't', start: 10 }): Promise<unknown[]> {
  const ids: unknown[] = [];
  const cursorIn = (file: string) => (file === 't' && cursor !== undefined ? { cursor } : undefined);
  for await (const turn of oneTurnOf(whole, at).turns(cursorIn)) ids.push(turn.turnId);
  return ids;
}

test('one turn is met from its own cursor or an earlier one on, and no other', async () => {
  expect(await idsFrom(0)).toEqual(['b']);
  expect(await idsFrom(10)).toEqual(['b']);
  expect(await idsFrom(11)).toEqual([]);
  expect(await idsFrom(undefined)).toEqual([]);
  expect(await idsFrom(0, { file: 't', start: 15 })).toEqual([]);
});

test('all else is that of the recording', async () => {
  const state = newState('t', { file: 't', start: 0 });
  expect([one.threadId, one.files]).toEqual(['t', ['t']]);
  expect(await one.locate({ threadId: 't', turnId: 'a', atMs: 0 }, undefined)).toEqual({
    file: 't',
    start: 10,
  });
  expect(await one.turnAt({ file: 't', start: 20 })).toMatchObject({ turnId: 'c' });
  expect(await one.turnById('a')).toMatchObject({ start: 0 });
  expect(await one.lateItemAt({ file: 't', start: 12 })).toMatchObject({ end: 13 });
  const other = oneTurnOf(
    {
      ...whole,
      fits: async ({ threadId }) => threadId !== 't',
      firstLine: async () => ({ cwd: '/a' }) as never,
    },
    { file: 't', start: 10 },
  );
  expect(await other.fits(state)).toBe(false);
  expect(await other.firstLine()).toEqual({ cwd: '/a' });
});

test.each<[string, object, TurnEntry['status'] | undefined, boolean]>([
  ['with an end', { isOver: true }, undefined, true],
  ['without one', {}, undefined, false],
  ['whose writer is gone', { isAbandoned: async (ms: number) => ms === 7 }, undefined, true],
  ['that was announced, of a Codex that writes no start', { started: false }, 'enqueued', true],
  ['that was announced, of one that does', {}, 'enqueued', false],
  ['that was not announced, of one that writes no start', { started: false }, 'retry', false],
])('a turn %s is over or not', async (_, more, status, isOver) => {
  const { turnAt } = paperThread({ t: [{ turnId: 'a', isOver: false, ...more }] });
  const turn = await turnAt({ file: 't', start: 0 });
  const turns = status ? [{ file: 't', start: 0, status }] : [];
  const state = { ...newState('t', { file: 't', start: 0 }), turns };
  expect(turn && (await isTurnOver(turn, state, 7))).toBe(isOver);
  expect(turn && (await isTurnOver({ ...turn, isOver: true }, undefined, 7))).toBe(true);
});
