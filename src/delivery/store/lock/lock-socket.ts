import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../../platform/sha256.js';

/** A listening socket as a lock: held until released, or until the process is gone, however it goes. */
export interface LockSocket {
  readonly address: string;
  release(): Promise<void>;
}

/** How a lock's socket is named: in a name space of the kernel's, or as a file. */
export type LockKind = 'abstract' | 'pipe' | 'file';

/** A socket's file with a longer path than this may not be had (macOS: 104 bytes, Linux: 108). */
const MAX_PATH_BYTES = 100;
/** `sockaddr_un.sun_path` on Linux. */
const ABSTRACT_BYTES = 108;

/**
 * Takes a lock within this machine, or says at once that another process has it.
 *
 * The lock is a listening socket, which the kernel closes with its process: no stale lock is left
 * behind, and there is no pid to be reused. It has no file on Linux (abstract name) and Windows
 * (named pipe); elsewhere a dead one's file is found out by connecting to it. The name holds a
 * secret of the state folder's, so that nobody else on the machine can take it.
 * @returns undefined where another process holds it
 * @throws where no socket can be had at all
 */
export async function tryLockSocket(
  stateDir: string,
  name: string,
  kind: LockKind = lockKind(),
): Promise<LockSocket | undefined> {
  const secret = sha256(`${lockKey(stateDir)}:${name}`);
  const address = addressOf(kind, stateDir, secret);
  if (kind === 'file') mkdirSync(path.dirname(address), { recursive: true, mode: 0o700 });
  let server = await listen(address);
  if (!server && kind === 'file' && (await clearDead(address))) server = await listen(address);
  return server && { address, release: () => closed(server) };
}

/** @param uv the version of libuv */
export function lockKind(platform: string = process.platform, uv = process.versions.uv): LockKind {
  if (platform === 'win32') return 'pipe';
  // Before libuv 1.46 (Node 18) every abstract name is the same one: all zeros.
  const [major = 0, minor = 0] = String(uv).split('.').map(Number);
  const isNamed = major > 1 || (major === 1 && minor >= 46);
  return platform === 'linux' && isNamed ? 'abstract' : 'file';
}

/** Where the socket of a lock is. @param name hexadecimal */
export function addressOf(kind: LockKind, stateDir: string, name: string): string {
  const short = name.slice(0, 24);
  switch (kind) {
    case 'pipe':
      return `\\\\.\\pipe\\mlflow-codex-${name}`;
    case 'abstract':
      // As long as can be: libuv fills shorter ones up with zeros, or does not, version by version.
      return `\0mlflow-codex-${name}`.padEnd(ABSTRACT_BYTES, '-');
    case 'file': {
      const own = path.join(stateDir, 'locks', short);
      return Buffer.byteLength(own) <= MAX_PATH_BYTES ? own : path.join(tmpdir(), `mlflow-codex-${short}`);
    }
  }
}

/**
 * Takes a socket's file away whose process is gone. Of several that find it at once the first is done
 * before the others look again, and what they then find is another file, or one that answers.
 * @returns whether there is no file any more
 */
export async function clearDead(address: string): Promise<boolean> {
  const dead = identityOf(address);
  if (await isListening(address)) return false;
  // Longer than it takes a process to begin to listen at the file it has just made.
  await sleep(10 + Math.random() * 40);
  if (await isListening(address)) return false;
  // From here on to the end without a pause: who comes later finds no file, or another one.
  if (identityOf(address) !== dead) return false;
  try {
    unlinkSync(address);
    return true;
  } catch {
    return false;
  }
}

/** Tells a file from the next one of its name, which often gets the same inode. */
function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.ino} ${found.ctimeNs} ${found.birthtimeNs}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
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

/** The state folder's secret, made where there is none; the folder's own name where it takes no files. */
export function lockKey(stateDir: string): string {
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
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, randomBytes(16).toString('hex'), { mode: 0o600 });
    // The first of several makes it, whole at once: half a key would be another lock.
    linkSync(temporary, file);
  } catch {
    // Made meanwhile, or the folder takes no files or links: then its own name has to do.
  }
  try {
    unlinkSync(temporary);
  } catch {
    // It was not made.
  }
  return read() || stateDir;
}
