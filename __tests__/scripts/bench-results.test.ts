import { describe, expect, it } from '@jest/globals';
import type { Runs } from '../../scripts/bench/measure.mjs';
import { comparison, tables } from '../../scripts/bench/report.mjs';
import { resultsOf } from '../../scripts/bench/results.mjs';

const runs = (name: string, cpuMs: number[], bytes = 0): Runs => ({
  name,
  cpuMs,
  memoryMb: cpuMs.map(() => 40),
  wallMs: cpuMs,
  bytes,
  requests: bytes > 0 ? 1 : 0,
});

// The second round fell into a busy moment.
const busy = [
  runs('node -e 0', [20, 60, 20]),
  runs('bare POST', [30, 90, 30], 1000),
  runs('hook, typical turn', [60, 180, 63], 1000),
  runs('hook, typical turn, redaction off', [57, 170, 60], 1000),
];

describe('results', () => {
  it('compare programs round by round, so that a busy moment falls on both', () => {
    const { figures, rows } = resultsOf(busy, 'v20.20.2');
    expect(figures).toMatchObject({
      'hook / bare POST of the same bytes': 2,
      'redaction, on a typical turn': 3,
      'hook: memory over node -e 0': 0,
    });
    expect(rows.find(({ name }) => name === 'hook, typical turn')).toMatchObject({ cpuMs: 63, bytes: 1000 });
  });

  it('have no figure of what was not measured', () => {
    const { figures } = resultsOf(busy, 'v20.20.2');
    expect(Object.keys(figures)).not.toContain('sync: memory');
    expect(Object.keys(figures)).not.toContain('idle hook / node -e 0');
  });

  it('are told as tables with the goals', () => {
    const text = tables(resultsOf(busy, 'v20.20.2'), 3);
    expect(text).toContain('| hook, typical turn | 63 | 3.15 | 40 | 63 | 1.0 | 1 |');
    expect(text).toContain('| hook / bare POST of the same bytes | 2 | ≤ 1.8 (Node 18, 20: 2.0) |');
  });
});

describe('a comparison', () => {
  const before = resultsOf(busy, 'v20.20.2');

  it('says that nothing has moved where all is as it was', () => {
    expect(comparison(before, before)).toContain('nothing has moved');
  });

  it('names what has moved, by figure and by the bytes sent', () => {
    const after = resultsOf(
      busy.map((some) => (some.name === 'hook, typical turn' ? runs(some.name, [45, 135, 45], 1500) : some)),
      'v20.20.3',
    );
    const said = comparison(after, before);
    expect(said).toContain('hook / bare POST of the same bytes: 2 -> 1.5 (-25 %)');
    expect(said).toContain('hook, typical turn: sends 1000 -> 1500 bytes (+50 %)');
  });
});
