import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from './digest.js';

/** Held until released, or until the process is gone, however it goes. */
export interface ThreadLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a thread, or says at once that another process has it.
 *
 * The lock is a listening socket, which the kernel closes with its process: no stale lock is left
 * behind, and there is no pid to be reused. It has no file on Linux (abstract name) and Windows
 * (named pipe); elsewhere a dead one's file is found out by connecting to it. The name holds a
 * secret of the state folder's, so that nobody else on the machine can take it.
 * @returns undefined where another process holds it
 * @throws where no socket can be had at all
 */
export async function tryLock(stateDir: string, threadId: string): Promise<ThreadLock | undefined> {
  const name = sha256(`${lockKey(stateDir)}:${threadId}`).slice(0, 32);
  const address = socketAddress(name);
  const server = await listen(address);
  if (server) return lockOf(server);
  if (address.startsWith('\0') || process.platform === 'win32') return undefined;
  if (await isListening(address)) return undefined;
  // Two may find the same dead socket: what was taken away is looked at again before it is dropped.
  const moved = `${address}.${process.pid}`;
  try {
    renameSync(address, moved);
    if (await isListening(moved)) {
      renameSync(moved, address);
      return undefined;
    }
    unlinkSync(moved);
  } catch {
    return undefined;
  }
  const second = await listen(address);
  return second && lockOf(second);
}

function lockOf(server: Server): ThreadLock {
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function socketAddress(name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\mlflow-codex-${name}`;
  if (process.platform === 'linux') return `\0mlflow-codex-${name}`;
  return path.join(tmpdir(), `mlflow-codex-${name}.sock`);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
    server.unref();
  });
}

function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function lockKey(stateDir: string): string {
  const file = path.join(stateDir, 'lock.key');
  const read = () => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  const known = read();
  if (known !== '') return known;
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, randomBytes(16).toString('hex'), { mode: 0o600 });
    // The first of several makes it, whole at once: half a key would be another lock.
    linkSync(temporary, file);
  } catch {
    // Made meanwhile, or the folder takes no files or links: then its own name has to do.
  }
  rmSync(temporary, { force: true });
  return read() || stateDir;
}
