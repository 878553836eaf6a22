import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { openProgress, progressText } from '../../../src/commands/sync/progress.js';
import { summaryLine, ZERO_COUNTS } from '../../../src/commands/sync/sync-counts.js';
import type { CommandIo } from '../../../src/terminal/io.js';

/** What is written to stderr, at times that a test sets. */
function open(isTTY: boolean, isSilent = false) {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const clock = { ms: 5000 };
  const progress = openProgress({ stderr } as Partial<CommandIo> as CommandIo, isSilent, () => clock.ms);
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
    [{ done: 0, all: 2, turns: 0, elapsedMs: 5000 }, '0/2 threads, 0 sent'],
    [{ done: 2, all: 1, turns: 0, elapsedMs: 5000 }, '2/1 threads, 0 sent'],
    [{ done: 0, all: 2, turns: 1, elapsedMs: 999 }, '0/2 threads, 1 sent'],
    [{ done: 1, all: 2, turns: 1, elapsedMs: 999 }, '1/2 threads, 1 sent'],
    [{ done: 0, all: 2, turns: 1, elapsedMs: 1000 }, '0/2 threads, 1 sent, 1.0 turns/s'],
    [{ done: 0, all: 2, turns: 99, elapsedMs: 10_000 }, '0/2 threads, 99 sent, 9.9 turns/s'],
    [{ done: 0, all: 2, turns: 10, elapsedMs: 1000 }, '0/2 threads, 10 sent, 10 turns/s'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 1000 }, '1/2 threads, 0 sent, about 1 s left'],
    [{ done: 99, all: 100, turns: 0, elapsedMs: 1000 }, '99/100 threads, 0 sent, about 1 s left'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 89_000 }, '1/2 threads, 0 sent, about 89 s left'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 90_000 }, '1/2 threads, 0 sent, about 2 min left'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 89 * 60_000 }, '1/2 threads, 0 sent, about 89 min left'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 90 * 60_000 }, '1/2 threads, 0 sent, about 2 h left'],
    [{ done: 1, all: 2, turns: 0, elapsedMs: 50 * 3_600_000 }, '1/2 threads, 0 sent, about 50 h left'],
  ])('%j: %s', (at, told) => {
    expect(progressText(at)).toBe(told);
  });

  it('moves with every turn on a terminal, not more often than can be seen, and takes the bar away', () => {
    const { progress, clock, written } = open(true);
    progress.sent();
    expect(written()).toBe('\r[........................] 0/0 threads, 1 sent\u001b[K');
    progress.step(1, 4);
    expect(written()).toBe('\r[######..................] 1/4 threads, 1 sent\u001b[K');
    clock.ms = 5099;
    progress.sent();
    expect(written()).toBe('');
    clock.ms = 5100;
    progress.sent();
    expect(written()).toBe('\r[######..................] 1/4 threads, 3 sent\u001b[K');
    clock.ms = 7000;
    progress.step(1, 1);
    expect(written()).toBe('\r[########################] 1/1 threads, 3 sent, 1.5 turns/s\u001b[K');
    progress.end();
    progress.end();
    expect(written()).toBe('\r\u001b[K');
    progress.sent();
    expect(written()).toMatch(/^\r\[#{24}\]/);
  });

  it('is told of nothing where a document is wanted', () => {
    const { progress, written } = open(true, true);
    progress.step(25, 50);
    progress.sent();
    progress.end();
    expect(written()).toBe('');
  });

  it('is a line for 25 threads elsewhere', () => {
    const { progress, written } = open(false);
    for (let done = 0; done <= 60; done++) progress.step(done, 60);
    progress.sent();
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
