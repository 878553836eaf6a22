// @ts-check
import { runProcess } from './run-process.mjs';

/** @typedef {import('./subjects.mjs').Subject} Subject */

/**
 * All runs of one subject, in the order of the rounds: of one round are the runs at the same index.
 * @typedef {{ name: string, cpuMs: number[], memoryMb: number[], wallMs: number[], bytes: number, requests: number }} Runs
 */

/** Rounds for what takes seconds. */
const LONG_ROUNDS = 3;

/**
 * Runs all subjects once for warm-up and then round by round, one after the other, so that whatever else the
 * machine does falls on all of them alike.
 * @param {Subject[]} subjects
 * @param {{ rounds: number, dir: string, sink: import('./sink.mjs').Sink, progress: (line: string) => void }} options
 * @returns {Promise<Runs[]>}
 */
export async function measure(subjects, { rounds, dir, sink, progress }) {
  /** @type {Runs[]} */
  const all = subjects.map(({ name }) => ({
    name,
    cpuMs: [],
    memoryMb: [],
    wallMs: [],
    bytes: 0,
    requests: 0,
  }));
  for (let round = -1; round < rounds; round++) {
    progress(round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`);
    for (const [i, subject] of subjects.entries()) {
      if (subject.isLong && round >= LONG_ROUNDS) continue;
      const runs = all[i];
      if (!runs) continue;
      subject.before?.();
      sink.takeSizes();
      const usage = await runProcess({ ...subject.run, dir });
      await subject.after?.();
      const sizes = sink.takeSizes();
      runs.bytes = sizes.reduce((sum, size) => sum + size, 0);
      runs.requests = sizes.length;
      if (round < 0) continue;
      for (const key of /** @type {const} */ (['cpuMs', 'memoryMb', 'wallMs'])) runs[key].push(usage[key]);
    }
  }
  return all;
}
