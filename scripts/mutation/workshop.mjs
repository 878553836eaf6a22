// @ts-check
/**
 * A copy of the project in which one file at a time is made wrong, so that the working tree is never
 * touched and an interrupted run leaves nothing behind in it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { withCoverage } from './covering-tests.mjs';

/** @typedef {import('./find-mutants.mjs').Mutant} Mutant */
/** @typedef {'noticed' | 'too long' | 'survived' | 'does not compile'} Fate */
/** @typedef {{ result: 'passed' | 'failed' | 'too long', by: string }} TestRun by: the first test that failed */

/** What a copy does without; the first two are led to by links. */
const notCopied = ['node_modules', 'dist', '.git', '.cache'];
/** All unit tests take one to two minutes on a quiet machine. */
const allTestsMs = 20 * 60_000;
/** What `npm run test:unit` leaves out as well. */
const notUnit = ['/node_modules/', '/e2e/', '/soak/'];

export class Workshop {
  /** @param {string} dir @param {ts.LanguageService} types @param {Map<string, { version: number, text: string }>} edited */
  constructor(dir, types, edited) {
    this.dir = dir;
    this.types = types;
    this.edited = edited;
    /** What ends the tests that run now. */
    this.endTests = () => {};
  }

  /** @param {string} root of the project */
  static async open(root) {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'mlflow-codex-mutation-'));
    const names = (await readdir(root)).filter((name) => !notCopied.includes(name));
    for (const name of names) await cp(path.join(root, name), path.join(dir, name), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
    await symlink(path.join(root, 'dist'), path.join(dir, 'dist')).catch(() => {});
    /** @type {Map<string, { version: number, text: string }>} */
    const edited = new Map();
    return new Workshop(dir, typesOf(dir, edited), edited);
  }

  /**
   * What becomes of a mutant.
   * @param {string} file of `src/`, relative
   * @param {Mutant} mutant
   * @param {readonly string[]} tests the files of tests that run its line, in the order in which to run them
   * @param {number} timeoutMs of all its tests
   * @returns {Promise<{ fate: Fate, by: string }>} by: the test that noticed it
   */
  async fateOf(file, mutant, tests, timeoutMs) {
    const full = path.join(this.dir, file);
    const source = await readFile(full, 'utf8');
    const wrong = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
    if (!this.#compiles(full, wrong)) {
      this.#compiles(full, source);
      return { fate: 'does not compile', by: '' };
    }
    if (tests.length === 0) return { fate: 'survived', by: 'no test runs this line' };
    try {
      await writeFile(full, wrong);
      return fateBy(await this.#runTests(tests, timeoutMs));
    } finally {
      await writeFile(full, source);
      this.#compiles(full, source);
    }
  }

  /**
   * Which tests run which line, by a run of all unit tests without a mutant.
   * @param {string | undefined} kept where it is kept and, where it is there, taken from: then only tests that are new or
   *   have changed are run
   * @returns {Promise<import('./covering-tests.mjs').Coverage>}
   */
  async coverage(kept) {
    const text = kept && (await readFile(kept, 'utf8').catch(() => undefined));
    if (!text) return this.#cover([], kept ?? path.join(this.dir, 'coverage.json'));
    const known = JSON.parse(text);
    const changed = await this.#changedSince(known);
    if (changed.length === 0) return known;
    const now = withCoverage(known, await this.#cover(changed, path.join(this.dir, 'coverage.json')));
    await writeFile(kept, JSON.stringify(now));
    return now;
  }

  /** @param {import('./covering-tests.mjs').Coverage} known */
  async #changedSince({ tests }) {
    const changed = [];
    for (const found of await readdir(path.join(this.dir, '__tests__'), { recursive: true })) {
      const name = path.join('__tests__', found);
      if (!name.endsWith('.test.ts') || notUnit.some((part) => name.includes(part))) continue;
      const text = await readFile(path.join(this.dir, name));
      if (tests[name] !== createHash('sha256').update(text).digest('hex')) changed.push(name);
    }
    return changed;
  }

  /** @param {readonly string[]} tests none: all @param {string} file where it is written */
  async #cover(tests, file) {
    const reporter = path.join(this.dir, 'scripts', 'mutation', 'coverage-reporter.cjs');
    const chosen = tests.length > 0 ? ['--runTestsByPath', ...tests] : [];
    const options = ['--maxWorkers=100%', '--coverage', '--coverageReporters=none'];
    const sources = '--collectCoverageFrom=src/**/*.ts';
    const variables = { MUTATION_COVERAGE_FILE: file };
    await this.#jest([...chosen, ...options, sources, `--reporters=${reporter}`], allTestsMs, variables);
    return JSON.parse(await readFile(file, 'utf8'));
  }

  /** @param {readonly string[]} tests @param {number} timeoutMs @returns {Promise<TestRun>} */
  #runTests(tests, timeoutMs) {
    const order = path.join(this.dir, 'scripts', 'mutation', 'test-order.cjs');
    const inOrder = ['--runInBand', '--bail', '--testSequencer', order];
    return this.#jest(['--runTestsByPath', ...tests, ...inOrder], timeoutMs, {});
  }

  /**
   * @param {readonly string[]} args
   * @param {number} timeoutMs
   * @param {Record<string, string>} variables of its environment
   * @returns {Promise<TestRun>}
   */
  #jest(args, timeoutMs, variables) {
    const jest = path.join(this.dir, 'node_modules', 'jest', 'bin', 'jest.js');
    const options = ['--testPathIgnorePatterns', ...notUnit];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--experimental-vm-modules', jest, ...args, ...options], {
        cwd: this.dir,
        env: { ...process.env, ...variables },
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let told = '';
      child.stderr.setEncoding('utf8').on('data', (text) => (told += text));
      this.endTests = () => {
        if (child.pid && child.exitCode === null && child.signalCode === null)
          process.kill(-child.pid, 'SIGKILL');
      };
      const timer = setTimeout(this.endTests, timeoutMs);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const by = told.match(/^ {2}● (.*)$/m)?.[1] ?? '';
        resolve({ result: signal ? 'too long' : code === 0 ? 'passed' : 'failed', by });
      });
    });
  }

  async close() {
    this.endTests();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** @param {string} full @param {string} text */
  #compiles(full, text) {
    const version = (this.edited.get(full)?.version ?? 0) + 1;
    this.edited.set(full, { version, text });
    return (
      this.types.getSyntacticDiagnostics(full).length === 0 &&
      this.types.getSemanticDiagnostics(full).length === 0
    );
  }
}

/** @param {TestRun} run @returns {{ fate: Fate, by: string }} */
function fateBy({ result, by }) {
  if (result === 'passed') return { fate: 'survived', by: '' };
  return { fate: result === 'failed' ? 'noticed' : 'too long', by };
}

/** @param {string} dir @param {Map<string, { version: number, text: string }>} edited */
function typesOf(dir, edited) {
  const config = ts.readConfigFile(path.join(dir, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, dir);
  // What a mutant leaves unused is no error here: it would only hide the mutant.
  Object.assign(options, { noUnusedLocals: false, noUnusedParameters: false });
  const sources = fileNames.filter((name) => name.startsWith(path.join(dir, 'src')));
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => sources,
    getScriptVersion: (name) => String(edited.get(name)?.version ?? 0),
    getScriptSnapshot: (name) => {
      const text = edited.get(name)?.text ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => dir,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}
