// @ts-check
import os from 'node:os';
import { FIGURES } from './figures.mjs';

/** @typedef {import('./measure.mjs').Runs} Runs */

/**
 * A row of the table: medians of CPU time, memory and time on the clock; what was sent.
 * @typedef {{ name: string, cpuMs: number, memoryMb: number, wallMs: number, bytes: number, requests: number }} Row
 */

/**
 * What was measured with one Node. `figures`: by name, what says the same on another machine.
 * @typedef {{ node: string, machine: string, rows: Row[], figures: Record<string, number> }} Results
 */

/** @param {Runs[]} all @param {string} node its version @returns {Results} */
export function resultsOf(all, node) {
  const rows = all.map(({ name, cpuMs, memoryMb, wallMs, bytes, requests }) => ({
    name,
    cpuMs: rounded(median(cpuMs), 1),
    memoryMb: rounded(median(memoryMb), 1),
    wallMs: rounded(median(wallMs), 1),
    bytes,
    requests,
  }));
  const byName = new Map(all.map((runs) => [runs.name, runs]));
  const figures = FIGURES.flatMap(({ name, kind, of, by }) => {
    const [a, b] = [byName.get(of), by === undefined ? undefined : byName.get(by)];
    if (!a || (by !== undefined && !b)) return [];
    return [[name, rounded(KINDS[kind](a, b), 2)]];
  });
  return {
    node,
    machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}`,
    rows,
    figures: Object.fromEntries(figures),
  };
}

/** @type {Record<import('./figures.mjs').Figure['kind'], (of: Runs, by: Runs | undefined) => number>} */
const KINDS = {
  // Of each round, so that a busy moment falls on both.
  'times as much CPU': (of, by) => median(pairs(of, by).map(([a, b]) => a / b)),
  'ms of CPU more': (of, by) => median(pairs(of, by).map(([a, b]) => a - b)),
  'MB more': (of, by) => median(of.memoryMb) - median(by?.memoryMb ?? []),
  MB: (of) => median(of.memoryMb),
  's of CPU': (of) => median(of.cpuMs) / 1000,
};

/** The CPU times of two subjects, round by round. @param {Runs} of @param {Runs | undefined} by @returns {[number, number][]} */
function pairs(of, by) {
  return of.cpuMs.flatMap((ms, i) => {
    const other = by?.cpuMs[i];
    /** @type {[number, number][]} */
    const pair = other === undefined ? [] : [[ms, other]];
    return pair;
  });
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
}

/** @param {number} value @param {number} digits */
function rounded(value, digits) {
  return Number(value.toFixed(digits));
}
