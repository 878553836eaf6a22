import { describe, expect, it } from '@jest/globals';
import {
  addCounts,
  type SyncCounts,
  summaryLine,
  ZERO_COUNTS,
} from '../../../src/commands/sync/sync-counts.js';

const NONE = '0 sent, 0 already there, 0 pending, 0 rejected';
const line = (counts: Partial<SyncCounts>, threads: { pending: number; why?: string }[] = []) =>
  summaryLine({ ...ZERO_COUNTS, ...counts }, threads);

it('threads are added up number by number', () => {
  const one = {
    ...{ sent: 1, reduced: 2, alreadyThere: 3, pending: 4, rejected: 5 },
    ...{ lost: 6, givenUpNow: 7, goingOn: 8, imported: 9, untraced: 10 },
  };
  expect(addCounts(one, addCounts(one, ZERO_COUNTS))).toEqual({
    ...{ sent: 2, reduced: 4, alreadyThere: 6, pending: 8, rejected: 10 },
    ...{ lost: 12, givenUpNow: 14, goingOn: 16, imported: 18, untraced: 20 },
  });
});

describe('the line that sync ends with', () => {
  it.each<[Partial<SyncCounts>, string]>([
    [{}, NONE],
    [{ sent: 3, alreadyThere: 2, pending: 4, rejected: 1 }, '3 sent, 2 already there, 4 pending, 1 rejected'],
    [
      { sent: 2, reduced: 1 },
      '2 sent (1 without all content: the server refused it), 0 already there, 0 pending, 0 rejected',
    ],
    [{ lost: 1 }, `${NONE}, 1 lost`],
    [{ goingOn: 1 }, `${NONE}, 1 still going on`],
    [{ imported: 1 }, `${NONE}, 1 imported turn left out`],
    [{ imported: 2 }, `${NONE}, 2 imported turns left out`],
    [{ untraced: 1 }, `${NONE}, 1 thread in folders that are not traced`],
    [{ untraced: 2 }, `${NONE}, 2 threads in folders that are not traced`],
    [
      { lost: 2, goingOn: 3, imported: 4, untraced: 5 },
      `${NONE}, 2 lost, 3 still going on, 4 imported turns left out, 5 threads in folders that are not traced`,
    ],
    // Of what was given up in this run the exit code speaks, and the numbers of the rejected and the lost.
    [{ givenUpNow: 1 }, NONE],
  ])('for %j is: %s', (counts, told) => {
    expect(line(counts)).toBe(`sync: ${told}`);
  });

  it.each<[{ pending: number; why?: string }[], string]>([
    [[{ pending: 1, why: '503' }], '\npending because: 503 (mlflow-codex status says more)'],
    [
      [
        { pending: 1, why: '503' },
        { pending: 2, why: '401' },
        { pending: 1, why: '503' },
      ],
      '\npending because: 503; 401 (mlflow-codex status says more)',
    ],
    // A folder that is not traced has a reason as well, and nothing pending.
    [[{ pending: 0, why: 'no config' }], ''],
    [[{ pending: 1 }], ''],
  ])('says why turns are pending: %j', (threads, hint) => {
    expect(line({}, threads)).toBe(`sync: ${NONE}${hint}`);
  });
});
