// @ts-check
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runQuietly } from '../lab/cache.mjs';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/mlflow-codex.js');

/** @typedef {import('./sessions.mjs').Session} Session */

/** A home in which setup has run, and a hook once: as a user has it from the second turn on. */
export class BenchHome {
  /** @param {string} dir does not exist yet @param {string} node */
  constructor(dir, node) {
    this.dir = dir;
    this.node = node;
    /** Where nothing is traced unless `setUp` was for the user. */
    this.folder = path.join(dir, 'project');
    mkdirSync(this.folder, { recursive: true });
    this.env = { HOME: dir, USERPROFILE: dir, CODEX_HOME: dir };
  }

  /** @param {string} url @param {'--user' | '--project'} scope a project's: in another folder than that of the turns */
  async setUp(url, scope) {
    const cwd = path.join(this.dir, 'traced');
    mkdirSync(cwd);
    const args = ['setup', '-y', scope, '--tracking-uri', url, '--experiment-id', '0'];
    await runQuietly(this.node, [program, ...args], { cwd, env: { ...process.env, ...this.env } });
  }

  /** Adds to the tracing config. @param {object} settings */
  change(settings) {
    const file = path.join(this.dir, 'mlflow-tracing.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...settings }));
  }

  /** Sends a turn, and keeps the state after it: each measured run begins there. @param {Session} session */
  async warmUp(session) {
    const { args } = this.hook(session);
    await runQuietly(this.node, args, { cwd: this.folder, env: { ...process.env, ...this.env } });
    this.keep();
  }

  get #state() {
    return path.join(this.dir, 'mlflow-codex');
  }

  get #kept() {
    return path.join(this.dir, 'state-kept');
  }

  /** Keeps our state as it is now. */
  keep() {
    rmSync(this.#kept, { recursive: true, force: true });
    if (existsSync(this.#state))
      cpSync(this.#state, this.#kept, { recursive: true, preserveTimestamps: true });
  }

  /** Puts our state back as it was kept. */
  restore() {
    rmSync(this.#state, { recursive: true, force: true });
    if (existsSync(this.#kept))
      cpSync(this.#kept, this.#state, { recursive: true, preserveTimestamps: true });
  }

  /** The hook as Codex calls it for a turn. @param {Session} session */
  hook({ threadId, turnId }) {
    const payload = {
      type: 'agent-turn-complete',
      'thread-id': threadId,
      'turn-id': turnId,
      cwd: this.folder,
    };
    return this.#run(['notify-hook', JSON.stringify({ ...payload, 'input-messages': ['go on'] })]);
  }

  /** Waits for the process that a hook leaves behind where its time did not reach for a turn. */
  async settled() {
    const isThere = () =>
      execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
        .split('\n')
        .some((line) => line.includes(program) && line.includes('retry-pending'));
    while (isThere()) await sleep(500);
  }

  /** A command of a person's. @param {string[]} argv */
  command(argv) {
    return this.#run(argv);
  }

  /** @param {string[]} argv */
  #run(argv) {
    return { command: this.node, args: [program, ...argv], env: this.env, cwd: this.folder };
  }
}
