// @ts-check
/**
 * Starts a server program on a free port of 127.0.0.1, in a temporary folder, and ends it again.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { makeTemporaryFolder } from './temporary-folder.mjs';
import { waitFor } from './wait-for.mjs';

/**
 * @typedef {object} RunningServer
 * @property {string} url `http://127.0.0.1:PORT`
 * @property {string} dir its temporary folder; `server.log` is in it
 * @property {() => Promise<void>} kill ends it as a crash would; what it stored stays
 * @property {() => Promise<void>} restart starts it again after `kill`, in the same place
 * @property {() => Promise<void>} close ends it and removes the folder
 */

/**
 * @typedef {object} ServerSettings
 * @property {string} name for messages
 * @property {string} program
 * @property {(place: { dir: string, port: number }) => string[] | Promise<string[]>} args
 * @property {Record<string, string>} [env] beside this process's own
 * @property {(url: string) => Promise<boolean>} isReady asked until it says so; may throw before
 */

/**
 * @param {ServerSettings} settings
 * @returns {Promise<RunningServer>}
 * @throws {Error} with the end of its output, where it is not ready within 90 s
 */
export async function startServer(settings) {
  const dir = await makeTemporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const removeAtExit = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  /** @type {Running} */
  let running = await launch(settings, { dir, port, url }).catch(async (error) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  return {
    url,
    dir,
    kill: () => running.end('SIGKILL'),
    restart: async () => {
      running = await launch(settings, { dir, port, url });
    },
    close: async () => {
      await running.end('SIGTERM');
      process.removeListener('exit', removeAtExit);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/**
 * @typedef {object} Running
 * @property {(signal: NodeJS.Signals) => Promise<void>} end
 */

/**
 * @param {ServerSettings} settings
 * @param {{ dir: string, port: number, url: string }} place
 * @returns {Promise<Running>}
 */
async function launch({ name, program, args, env, isReady }, { dir, port, url }) {
  // A group of its own: MLflow starts workers, which must end with it.
  const child = spawn(program, await args({ dir, port }), {
    cwd: dir,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(path.join(dir, 'server.log'), { flags: 'a' });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      log.write(text);
      tail = (tail + text).slice(-3000);
    });
  }
  /** @type {string | undefined} */
  let ended;
  const closed = new Promise((resolve) => {
    /** @param {string} how */
    const end = (how) => {
      ended = how;
      resolve(undefined);
    };
    child.on('error', (error) => end(String(error)));
    child.on('close', (code, signal) => end(`it ended with ${code ?? signal}`));
  });
  /** @param {NodeJS.Signals} signal */
  const signalAll = (signal) => {
    if (child.pid && !ended) process.kill(-child.pid, signal);
  };
  const killAtExit = () => signalAll('SIGKILL');
  process.once('exit', killAtExit);

  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    signalAll(signal);
    const force = setTimeout(() => signalAll('SIGKILL'), 5000);
    await closed;
    clearTimeout(force);
    process.removeListener('exit', killAtExit);
    log.end();
  };

  try {
    await waitFor(
      `${name} to answer`,
      () => {
        if (ended) throw new Error(ended);
        return isReady(url).catch(() => false);
      },
      { timeoutMs: 90_000, everyMs: 150 },
    );
  } catch (error) {
    await end('SIGTERM');
    throw new Error(`${name} did not start: ${error instanceof Error ? error.message : error}\n${tail}`);
  }
  return { end };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}
