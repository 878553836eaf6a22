// @ts-check
/**
 * Jest's reporter that finds out which test file runs which line of `src/`, and writes it into the file
 * that `MUTATION_COVERAGE_FILE` names (covering-tests.mjs says in which form).
 */
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

// Both come with jest.
const fromJest = createRequire(createRequire(require.resolve('jest')).resolve('@jest/core'));
const ofReporters = createRequire(fromJest.resolve('@jest/reporters'));
const { createCoverageMap } = ofReporters('istanbul-lib-coverage');
const { createSourceMapStore } = ofReporters('istanbul-lib-source-maps');

class CoverageReporter {
  /** @param {{ rootDir: string }} globalConfig */
  constructor({ rootDir }) {
    this.rootDir = rootDir;
    /** @type {{ test: string, coverage: unknown }[]} */
    this.results = [];
    /** @type {import('./covering-tests.mjs').Coverage} */
    this.coverage = { failed: [], durations: {}, tests: {}, sources: {} };
  }

  /** @param {{ path: string }} test @param {any} result */
  onTestResult(test, result) {
    const name = path.relative(this.rootDir, test.path);
    this.coverage.durations[name] = result.perfStats.runtime;
    const hasFailed = result.numFailingTests > 0 || result.testExecError;
    if (hasFailed) this.coverage.failed.push(name);
    // One that failed is run again.
    else this.coverage.tests[name] = sha256Of(test.path);
    if (result.coverage) this.results.push({ test: name, coverage: result.coverage });
  }

  async onRunComplete() {
    for (const { test, coverage } of this.results) {
      // What jest runs is the translated file; the map leads back to the lines of the source.
      const map = await createSourceMapStore().transformCoverage(createCoverageMap(coverage));
      for (const full of map.files()) this.#note(test, full, map.fileCoverageFor(full));
    }
    writeFileSync(process.env['MUTATION_COVERAGE_FILE'] ?? 'coverage.json', JSON.stringify(this.coverage));
  }

  /** @param {string} test @param {string} full @param {any} covered */
  #note(test, full, covered) {
    const name = path.relative(this.rootDir, full);
    const tests = this.coverage.sources[name]?.tests ?? {};
    this.coverage.sources[name] = { sha256: sha256Of(full), tests };
    for (const line of linesRun(covered)) tests[line] = [...(tests[line] ?? []), test];
  }
}

/**
 * The lines that were run. A statement that spans lines (the block of an `if`) does not speak for the
 * statements in it; the parameters of a function were run where it was called.
 * @param {any} covered istanbul's coverage of one file
 */
function linesRun({ statementMap, s, fnMap, f }) {
  /** @type {Map<number, { span: number, run: boolean }>} */
  const lines = new Map();
  const note = (/** @type {number} */ from, /** @type {number} */ to, /** @type {boolean} */ run) => {
    for (let line = from; line <= to; line++) {
      const span = line === from ? 0 : to - from;
      const known = lines.get(line);
      if (!known || span < known.span) lines.set(line, { span, run });
      else if (span === known.span) known.run ||= run;
    }
  };
  for (const id of Object.keys(statementMap)) {
    note(statementMap[id].start.line, statementMap[id].end.line, s[id] > 0);
  }
  for (const id of Object.keys(fnMap)) note(fnMap[id].decl.start.line, fnMap[id].loc.start.line, f[id] > 0);
  return [...lines].filter(([, { run }]) => run).map(([line]) => line);
}

/** @param {string} file */
function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

module.exports = CoverageReporter;
