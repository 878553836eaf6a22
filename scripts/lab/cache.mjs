// @ts-check
/**
 * The project's cache of real programs: `.cache/NAME/`, made on first use and never half made.
 */
import { spawn } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cacheRoot = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '.cache');
/** Longer than any install takes here; an older lock was left by a process that was killed. */
const lockTimeoutMs = 10 * 60_000;

/**
 * Path of `.cache/NAME`, after `make` has filled it. Of several processes that ask at once, one
 * makes it and the others wait.
 * @param {string} name with the version in it: what is there is never made again
 * @param {(folder: string) => Promise<void>} make fills the empty folder; its error is passed on
 */
export async function cached(name, make) {
  const folder = path.join(cacheRoot, name);
  const done = path.join(folder, '.complete');
  const lock = `${folder}.lock`;
  await mkdir(cacheRoot, { recursive: true });
  const deadlineMs = Date.now() + lockTimeoutMs;
  while (!(await exists(done))) {
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (!mine) {
      if (Date.now() > deadlineMs) throw new Error(`${lock} is in the way: remove it and try again`);
      await sleep(500);
      continue;
    }
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await make(folder);
      await writeFile(done, '');
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

/**
 * Runs a program to its end without showing its output.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @throws {Error} with the end of its output, where it fails
 */
export function runQuietly(program, args, options = {}) {
  return /** @type {Promise<string>} */ (
    new Promise((resolve, reject) => {
      const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => (output += text));
      }
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`${program} ${args.join(' ')} failed (${code}):\n${output.slice(-2000)}`));
      });
    })
  );
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
