import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { openProgress, progressText } from '../../../src/commands/sync/progress.js';
import { summaryLine, ZERO_COUNTS } from '../../../src/commands/sync/sync-counts.js';
import type { CommandIo } from '../../../src/terminal/io.js';

/** What is written to stderr, at times that a test sets. */
function open(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const clock = { ms: 0 };
  const progress = openProgress({ stderr } as Partial<CommandIo> as CommandIo, false, () => clock.ms);
  return { progress, clock, written: () => String(stderr.read() ?? '') };
}

describe('how far sync is', () => {
  it.each([
    [{ done: 0, all: 225, turns: 0, elapsedMs: 30 }, '0/225 threads, 0 sent'],
    [{ done: 9, all: 225, turns: 4, elapsedMs: 900 }, '9/225 threads, 4 sent'],
    [{ done: 9, all: 225, turns: 4, elapsedMs: 2000 }, '9/225 threads, 4 sent, 2.0 turns/s, about 48 s left'],
    [
      { done: 25, all: 225, turns: 900, elapsedMs: 30_000 },
      '25/225 threads, 900 sent, 30 turns/s, about 4 min left',
    ],
    [{ done: 1, all: 101, turns: 0, elapsedMs: 60_000 }, '1/101 threads, 0 sent, about 2 h left'],
    [{ done: 225, all: 225, turns: 10, elapsedMs: 10_000 }, '225/225 threads, 10 sent, 1.0 turns/s'],
  ])('%j: %s', (at, told) => {
    expect(progressText(at)).toBe(told);
  });

  it('moves with every turn on a terminal, not more often than can be seen, and takes the bar away', () => {
    const { progress, clock, written } = open(true);
    progress.step(1, 4);
    expect(written()).toBe('\r[######..................] 1/4 threads, 0 sent\u001b[K');
    clock.ms = 99;
    progress.sent();
    expect(written()).toBe('');
    clock.ms = 100;
    progress.sent();
    expect(written()).toContain('1/4 threads, 2 sent');
    progress.end();
    progress.end();
    expect(written()).toBe('\r\u001b[K');
  });

  it('is a line for 25 threads elsewhere', () => {
    const { progress, written } = open(false);
    for (let done = 1; done <= 60; done++) progress.step(done, 60);
    progress.end();
    expect(written()).toBe('25/60 threads, 0 sent\n50/60 threads, 0 sent\n');
  });
});

describe('what a stopped sync leaves', () => {
  it.each([
    [
      2,
      216,
      'left: 2 turns, and 216 threads that were not looked at. The same command goes on where this one stopped',
    ],
    [0, 1, 'left: 1 thread that was not looked at. The same command goes on where this one stopped'],
    [1, 0, 'left: 1 turn. The same command goes on where this one stopped'],
    [0, 0, 'nothing is left'],
  ])('%i turns and %i threads', (pending, notLookedAt, told) => {
    const counts = { ...ZERO_COUNTS, sent: 4, pending };
    const why = [{ pending, why: 'out of time' }];
    expect(summaryLine(counts, why, { notLookedAt })).toBe(
      `sync: stopped; 4 sent, 0 already there, ${pending} pending, 0 rejected\n${told}`,
    );
  });
});
