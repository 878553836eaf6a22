// @ts-check
/**
 * Which tests run which line: a mutant is shown only to tests that could notice it, and one in a line
 * that no test runs needs no run at all.
 */
import { createHash } from 'node:crypto';

/**
 * @typedef {object} Coverage
 * @property {string[]} failed test files that failed
 * @property {Record<string, number>} durations of the test files, in ms
 * @property {Record<string, string>} tests the SHA-256 of each test file
 * @property {Record<string, { sha256: string, tests: Record<string, string[]> }>} sources by file of `src/`: the test
 *   files by line
 */

/**
 * The tests that run a line: those of its file and folder before others, short ones before long ones, the first
 * one and as many more as take no longer than `budgetMs`. Of a file that has changed since, all that run any line of it.
 * @param {Coverage} coverage @param {string} file @param {number} line @param {string} source @param {number} budgetMs
 * @returns {string[]}
 */
export function coveringTests(coverage, file, line, source, budgetMs) {
  const known = coverage.sources[file];
  if (!known) return [];
  const unchanged = known.sha256 === createHash('sha256').update(source).digest('hex');
  const tests = unchanged ? (known.tests[line] ?? []) : [...new Set(Object.values(known.tests).flat())];
  const place = file.replace(/\.ts$/, '').split('/').slice(1);
  const near = (/** @type {string} */ test) => {
    const parts = test
      .replace(/\.test\.ts$/, '')
      .split('/')
      .slice(1);
    const away = place.findIndex((part, index) => part !== parts[index]);
    return away < 0 ? place.length : away;
  };
  const long = (/** @type {string} */ test) => coverage.durations[test] ?? 0;
  let sum = 0;
  return [...tests]
    .sort((a, b) => near(b) - near(a) || long(a) - long(b))
    .filter((test, index) => {
      sum += long(test);
      return index === 0 || sum <= budgetMs;
    });
}

/**
 * What is known once some tests have been run again: of these, only what was found now.
 * @param {Coverage} known @param {Coverage} again @returns {Coverage}
 */
export function withCoverage(known, again) {
  const isOld = (/** @type {string} */ test) => again.durations[test] === undefined;
  /** @type {Coverage} */
  const merged = {
    failed: [...known.failed.filter(isOld), ...again.failed],
    durations: { ...known.durations, ...again.durations },
    tests: { ...known.tests, ...again.tests },
    sources: {},
  };
  for (const name of Object.keys({ ...known.sources, ...again.sources })) {
    const [before, now] = [known.sources[name], again.sources[name]];
    /** @type {Record<string, string[]>} */
    const tests = {};
    for (const [line, of] of Object.entries(before?.tests ?? {})) tests[line] = of.filter(isOld);
    for (const [line, of] of Object.entries(now?.tests ?? {})) tests[line] = [...(tests[line] ?? []), ...of];
    // Lines that were counted in two states of a file are of neither.
    const sha256 = before && now && before.sha256 !== now.sha256 ? '' : (now ?? before)?.sha256;
    merged.sources[name] = { sha256: sha256 ?? '', tests };
  }
  return merged;
}
