// @ts-check
/**
 * A copy of the project in which one file at a time is made wrong, so that the working tree is never
 * touched and an interrupted run leaves nothing behind in it.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';

/** @typedef {import('./find-mutants.mjs').Mutant} Mutant */
/** @typedef {'noticed' | 'too long' | 'survived' | 'does not compile'} Fate */

const copied = ['src', '__tests__', 'scripts', 'schema', 'bin', 'docs', 'examples'];
const single = ['package.json', 'tsconfig.json', 'jest.config.ts', 'README.md', 'biome.json'];
/** What `npm run test:unit` leaves out as well. */
const notUnit = ['/node_modules/', '/e2e/', '/soak/'];

export class Workshop {
  /** @param {string} dir @param {ts.LanguageService} types @param {Map<string, { version: number, text: string }>} edited */
  constructor(dir, types, edited) {
    this.dir = dir;
    this.types = types;
    this.edited = edited;
  }

  /** @param {string} root of the project */
  static async open(root) {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'mlflow-codex-mutation-'));
    for (const name of [...copied, ...single]) {
      await cp(path.join(root, name), path.join(dir, name), { recursive: true }).catch(() => {});
    }
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
   * @param {readonly string[]} firstTests folders or files of tests that are likely to notice it
   * @param {number} timeoutMs of all its tests
   * @returns {Promise<Fate>}
   */
  async fateOf(file, mutant, firstTests, timeoutMs) {
    const full = path.join(this.dir, file);
    const source = await readFile(full, 'utf8');
    const wrong = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
    if (!this.#compiles(full, wrong)) {
      this.#compiles(full, source);
      return 'does not compile';
    }
    try {
      await writeFile(full, wrong);
      const first = firstTests.length > 0 ? await this.runTests(firstTests, timeoutMs) : 'passed';
      if (first !== 'passed') return first === 'failed' ? 'noticed' : 'too long';
      // Jest sees what depends on a file only where the file lies below one of its roots.
      const roots = ['src', '__tests__'].flatMap((name) => ['--roots', path.join(this.dir, name)]);
      const all = await this.runTests(['--findRelatedTests', full, ...roots], timeoutMs);
      return all === 'passed' ? 'survived' : all === 'failed' ? 'noticed' : 'too long';
    } finally {
      await writeFile(full, source);
      this.#compiles(full, source);
    }
  }

  /**
   * @param {readonly string[]} args of jest
   * @param {number} timeoutMs
   * @returns {Promise<'passed' | 'failed' | 'too long'>}
   */
  runTests(args, timeoutMs) {
    const jest = path.join(this.dir, 'node_modules', 'jest', 'bin', 'jest.js');
    const options = ['--bail', '--testPathIgnorePatterns', ...notUnit];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--experimental-vm-modules', jest, ...args, ...options], {
        cwd: this.dir,
        detached: true,
        stdio: 'ignore',
      });
      const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), timeoutMs);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve(signal ? 'too long' : code === 0 ? 'passed' : 'failed');
      });
    });
  }

  async close() {
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
